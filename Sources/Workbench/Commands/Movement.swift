import Trajectories

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
