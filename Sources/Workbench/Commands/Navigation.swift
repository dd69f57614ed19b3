import Trajectories

// From screen to screen.
extension WorkbenchState {
  /// Shows a screen; the list is the lowest layer, and no screen lies under itself.
  mutating func goTo(_ screen: ScreenName) {
    guard screen != self.screen else { return }
    if screen.place.isLowest {
      past = []
    } else {
      past.append(layer)
      past.removeAll { $0.screen == screen }
    }
    self.screen = screen
    arrive()
  }

  /// Shows a screen on top of the present one, which may be the same screen of another trajectory.
  mutating func enter(_ screen: ScreenName) {
    past.append(layer)
    self.screen = screen
    arrive()
  }

  private var layer: Layer {
    Layer(screen: screen, selection: selection, step: step, branch: branches.cursor)
  }

  private mutating func arrive() {
    focus = .list
    screen.place.arrive(&self)
    resetText()
  }

  /// Goes back one layer; on the lowest it says how to leave.
  mutating func goBack() {
    if screen.place.widen(&self) { return }
    guard let layer = past.popLast() else {
      if !search.text.isEmpty {
        search = TextSearch()
      } else if !list.filter.isEmpty {
        list.filter = ""
      } else {
        tell("This is the lowest layer; \(key(.quit)) leaves Crux.")
      }
      return
    }
    screen = layer.screen
    focus = .list
    selection = layer.selection ?? selection
    step = layer.step
    branches.cursor = layer.branch
    resetText()
  }

  mutating func moveToNumber(_ argument: String) {
    guard let number = Int(argument), let count = trajectory?.steps.count,
      (1...max(1, count)).contains(number)
    else {
      tell("Say a step from 1 to \(trajectory?.steps.count ?? 0), such as :step 1", .warning)
      return
    }
    move(to: number - 1)
  }
}

// Moving about: what a move means depends on the screen and the pane.
extension WorkbenchState {
  /// Carries out a move; returns whether the command was one.
  mutating func move(by command: Command) -> Bool {
    let page = max(1, Layout(of: self).visibleRows(of: focus, on: screen) - 1)
    switch command {
    case .down: moveRows(by: 1)
    case .up: moveRows(by: -1)
    case .pageDown: moveRows(by: page)
    case .pageUp: moveRows(by: -page)
    case .halfDown: moveRows(by: max(1, page / 2))
    case .halfUp: moveRows(by: -max(1, page / 2))
    case .first: moveRows(by: -(Int.max / 2))
    case .last: moveRows(by: Int.max / 2)
    case .next: screen.place.moveAlong(&self, by: 1)
    case .previous: screen.place.moveAlong(&self, by: -1)
    case .start: screen.place.moveAlong(&self, by: -(Int.max / 2))
    case .end: screen.place.moveAlong(&self, by: Int.max / 2)
    case .nextTrajectory: moveToNextTrajectory()
    case .previousTrajectory: moveTrajectory(by: -1)
    case .nextCritical: moveCritical(forward: true)
    case .previousCritical: moveCritical(forward: false)
    default: return false
    }
    return true
  }

  /// Moves the cursor of the focused pane by rows, or scrolls it where it has none.
  mutating func moveRows(by rows: Int) {
    if screen.place.hasTwoPanes, focus == .text {
      scroll(.text, by: rows)
    } else {
      screen.place.moveRows(&self, by: rows)
    }
  }

  /// Moves along the steps of the trajectory.
  mutating func moveStep(by rows: Int) {
    move(to: step.moved(by: rows, within: trajectory?.steps.count ?? 0))
  }

  /// Scrolls a pane; `bringIntoRange` brings the end into range.
  mutating func scroll(_ pane: Pane, by rows: Int) {
    let place = PanePlace(screen: screen, pane: pane)
    if pane == .text { list.followsAnswer = false }
    // Far more than any text is long, and far from overflow.
    let far = 1_000_000_000
    tops[place] = min(max(0, (tops[place] ?? 0) + min(max(rows, -far), far)), far)
  }

  /// Selects a trajectory further down or up the list.
  mutating func moveTrajectory(by rows: Int) {
    let count = list.listing.listedCount
    guard count > 0 else { return }
    // A branch that the filter hides starts from where the list was left.
    let start = selection.flatMap { row(of: $0) } ?? min(list.row, count - 1)
    select(listed[start.moved(by: rows, within: count)].id)
    screen.place.follow(&self)
  }

  /// The next of the list; whoever judges comes from its end to the first that is still to judge.
  private mutating func moveToNextTrajectory() {
    let rows = listed
    guard blind.isOn, rows.last?.id == selection, let left = rows.first(where: { isVeiled($0.id) })
    else { return moveTrajectory(by: 1) }
    select(left.id)
  }

  private mutating func moveCritical(forward: Bool) {
    let here = selection.flatMap { row(of: $0) } ?? (forward ? -1 : list.listing.listedCount)
    guard let row = criticalRow(after: here, by: forward ? 1 : -1) else {
      tell("No \(forward ? "later" : "earlier") trajectory of the list has a critical step.")
      return
    }
    let next = listed[row].id
    select(next)
    move(to: criticalStep(of: next) ?? 0)
    screen.place.follow(&self)
  }
}
