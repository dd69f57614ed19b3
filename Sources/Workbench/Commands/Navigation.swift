import Trajectories

// From screen to screen.
extension WorkbenchState {
  /// Shows a screen; the list is the lowest layer, and no screen lies under itself.
  mutating func goTo(_ screen: ScreenName) {
    guard screen != self.screen else { return }
    if screen == .trajectories || screen == .study {
      past = []
    } else {
      past.append(layer)
      past.removeAll { $0.screen == screen }
    }
    self.screen = screen
    arrive()
  }

  /// Shows a screen on top of the present one, which may be the same screen of another trajectory.
  private mutating func enter(_ screen: ScreenName) {
    past.append(layer)
    self.screen = screen
    arrive()
  }

  private var layer: Layer {
    Layer(screen: screen, selection: selection, step: step, branch: branch)
  }

  private mutating func arrive() {
    focus = .list
    if screen == .branches { branch = selection }
    if screen == .help {
      helpRow = 0
      helpSearch = ""
    }
    resetText()
  }

  /// Goes back one layer; on the lowest it says how to leave.
  mutating func goBack() {
    if screen == .help, !helpSearch.isEmpty {
      helpSearch = ""
      return
    }
    guard let layer = past.popLast() else {
      if !search.isEmpty {
        (search, found, walk) = ("", [], nil)
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
    branch = layer.branch
    resetText()
  }

  mutating func changeFocus() {
    if screen == .compare {
      compare.choosingSecond.toggle()
    } else if screen.hasTwoPanes {
      focus = focus == .list ? .text : .list
    }
  }

  /// Opens what is under the cursor.
  mutating func open() -> [Request] {
    switch screen {
    case .trajectories:
      guard let selection else {
        tell("There is no trajectory to open yet.")
        return []
      }
      enter(.inspect)
      step = bestStep(of: selection)
    case .inspect: openBranches()
    case .branches: openBranch()
    case .training: openUpdate()
    case .help: return runHelpRow()
    case .study: runStudy(.enlarge)
    case .compare, .recipe, .agreement: break
    }
    return []
  }

  private mutating func openBranches() {
    guard let selection else { return }
    guard let first = branches(of: selection, at: step).first else {
      tell("No branches leave this step; \(key(.reset)) draws some.")
      return
    }
    enter(.branches)
    branch = first.id
  }

  private mutating func openBranch() {
    guard let branch else { return }
    guard let trajectory = history.trajectory(branch) else {
      tell("This branch is still being drawn.")
      return
    }
    enter(.inspect)
    selection = branch
    step = firstDivergence(of: trajectory) ?? bestStep(of: branch)
  }

  /// From a point of the curves to the trajectories that its update learnt from.
  private mutating func openUpdate() {
    guard let update = cursorUpdate ?? history.metrics.last?.update else {
      tell("No update was made yet; \(key(.train)) starts training.")
      return
    }
    // An update learns from what the policy before it drew.
    list.filter = "update:\(update - 1)"
    goTo(.trajectories)
    tellCount(.ofUpdate(update))
  }

  private mutating func runHelpRow() -> [Request] {
    guard helpRows.indices.contains(helpRow), let command = helpRows[helpRow].command else {
      return []
    }
    guard command != .help else { return [] }
    goBack()
    helpSearch = ""
    if screen == .help { goBack() }
    return runByName(command)
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
    case .next: moveAlong(by: 1)
    case .previous: moveAlong(by: -1)
    case .start: moveAlong(by: -(Int.max / 2))
    case .end: moveAlong(by: Int.max / 2)
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
    if screen.hasTwoPanes, focus == .text {
      scroll(.text, by: rows)
      return
    }
    switch screen {
    case .trajectories: moveTrajectory(by: rows)
    case .inspect, .compare: moveStep(by: rows)
    case .branches: moveBranch(by: rows)
    case .training: training.curve = clamped(training.curve, by: rows, count: trainingCharts.count)
    case .help: helpRow = clamped(helpRow, by: rows, count: helpRows.count)
    case .recipe, .agreement: scroll(.list, by: rows)
    case .study: moveInStudy(methods: rows)
    }
  }

  private mutating func moveStep(by rows: Int) {
    move(to: clamped(step, by: rows, count: trajectory?.steps.count ?? 0))
  }

  /// Scrolls a pane; `settle` brings the end into range.
  mutating func scroll(_ pane: Pane, by rows: Int) {
    let place = PanePlace(screen: screen, pane: pane)
    if pane == .text { followsAnswer = false }
    // Far more than any text is long, and far from overflow.
    let far = 1_000_000_000
    tops[place] = min(max(0, (tops[place] ?? 0) + min(max(rows, -far), far)), far)
  }

  func clamped(_ value: Int, by offset: Int, count: Int) -> Int {
    min(max(0, value + min(max(offset, -count), count)), max(0, count - 1))
  }

  private mutating func moveAlong(by steps: Int) {
    switch screen {
    case .branches: moveInTree(steps)
    case .training:
      let count = history.metrics.count
      let offset = min(max(steps, -count), count)
      if offset != 0 { moveChartCursor(by: offset) }
    case .study: moveInStudy(tasks: steps)
    case .compare: chooseVersion(by: min(max(steps, -10_000), 10_000))
    default: moveStep(by: steps)
    }
  }

  /// Selects a trajectory further down or up the list.
  mutating func moveTrajectory(by rows: Int) {
    let count = listing.listedCount
    guard count > 0 else { return }
    // A branch that the filter hides starts from where the list was left.
    let start = selection.flatMap { row(of: $0) } ?? min(listRow, count - 1)
    select(listed[clamped(start, by: rows, count: count)].id)
    if screen == .branches { branch = selection }
  }

  /// The next of the list; whoever judges comes from its end to the first that is still to judge.
  private mutating func moveToNextTrajectory() {
    let rows = listed
    guard blind.isOn, rows.last?.id == selection, let left = rows.first(where: { isVeiled($0.id) })
    else { return moveTrajectory(by: 1) }
    select(left.id)
  }

  private mutating func moveCritical(forward: Bool) {
    let here = selection.flatMap { row(of: $0) } ?? (forward ? -1 : listing.listedCount)
    guard let row = criticalRow(after: here, by: forward ? 1 : -1) else {
      tell("No \(forward ? "later" : "earlier") trajectory of the list has a critical step.")
      return
    }
    let next = listed[row].id
    select(next)
    move(to: criticalStep(of: next) ?? 0)
    if screen == .branches { branch = next }
  }

  private mutating func moveBranch(by rows: Int) {
    let lines = branchRows(of: self)
    let ids = lines.compactMap(\.id)
    guard !ids.isEmpty else { return }
    let place = ids.firstIndex { $0 == branch } ?? 0
    branch = ids[clamped(place, by: rows, count: ids.count)]
    resetText()
  }

  private mutating func moveInTree(_ steps: Int) {
    guard let branch else { return }
    if steps > 0, let child = allBranches(of: branch).first {
      self.branch = child.id
    } else if steps < 0, let parent = anyTrajectory(branch)?.forkedFrom?.trajectory,
      anyTrajectory(parent) != nil
    {
      self.branch = parent
    }
    resetText()
  }
}
