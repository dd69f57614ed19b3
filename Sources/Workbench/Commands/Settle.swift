import Trajectories

// After every action the places the person stands at are made to exist.
extension WorkbenchState {
  /// Puts the selection, the step, the branch and every first visible row back into range.
  mutating func settle() {
    settleSelection()
    // These two show values whatever they show.
    if isVeiled, screen == .branches || screen == .compare { screen = .inspect }
    settleBranch()
    stepSheet = stepSheet.of(trajectory?.steps ?? [])
    step = min(max(0, step), max(0, (trajectory?.steps.count ?? 0) - 1))
    if let cursor = training.cursor {
      training.cursor = history.metrics.isEmpty ? nil : min(cursor, history.metrics.count - 1)
    }
    if screen == .help { helpRow = min(max(0, helpRow), max(0, helpRows.count - 1)) }
    settleTops()
    rememberSight()
  }

  private mutating func settleSelection() {
    if let selection, history.trajectory(selection) == nil { self.selection = nil }
    guard screen == .trajectories || selection == nil else { return }
    let count = listing.listedCount
    if let row = selection.flatMap({ row(of: $0) }) {
      listRow = row
    } else if selection != nil, !listing.isComplete {
      // It may still turn out to be listed.
      listRow = min(max(0, listRow), max(0, count - 1))
    } else if count > 0 {
      listRow = min(max(0, listRow), count - 1)
      select(listed[listRow].id)
    } else if selection == nil, let first = history.trajectories.first {
      select(first.id)
    }
  }

  private mutating func settleBranch() {
    guard screen == .branches, selection != nil else { return }
    let ids = branchRows(of: self).compactMap(\.id)
    if let branch, ids.contains(branch) { return }
    branch = selection
  }

  private mutating func settleTops() {
    let layout = Layout(of: self)
    isLayingOut = false
    for pane in layout.panes.keys {
      let area = layout.content(of: pane, on: screen)
      let place = PanePlace(screen: screen, pane: pane)
      if pane == .text { layOut(area) }
      let (count, cursor) = extent(of: pane, columns: area.columns)
      var top = tops[place] ?? 0
      if let cursor {
        top = min(max(top, cursor - area.rows + 1), cursor)
      }
      let last = max(0, count - area.rows)
      let isAnswer = pane == .text && screen == .trajectories && partialAnswer != nil
      if isAnswer, followsAnswer { top = last }
      // Lines that are not laid out yet may be scrolled to; the view shows what there is.
      let most = pane == .text && !paneText.isComplete ? max(last, top) : last
      tops[place] = min(max(0, top), most)
      // Whoever scrolls back to the end follows again.
      if isAnswer { followsAnswer = tops[place] == last }
    }
  }

  /// Lays out what the text pane shows, and a slice of what it does not show yet.
  private mutating func layOut(_ area: Rect) {
    let blocks = textBlocks(columns: area.columns)
    var text = PaneText()
    swap(&text, &paneText)
    text.show(blocks, columns: area.columns)
    var budget = PaneText.slice
    text.extend(to: .max, budget: &budget)
    swap(&text, &paneText)
    isLayingOut = !paneText.isComplete
  }

  /// Ends an answer that is on its way; the text pane shows the selected one from its first line.
  mutating func endPartialAnswer() {
    guard partialAnswer != nil else { return }
    partialAnswer = nil
    followsAnswer = true
    tops[PanePlace(screen: .trajectories, pane: .text)] = 0
  }

  /// Rows of a pane's content, and the one under the cursor.
  private func extent(of pane: Pane, columns: Int) -> (count: Int, cursor: Int?) {
    guard pane == .list else { return (paneText.count, nil) }
    return switch screen {
    case .trajectories: (listing.listedCount, listRow)
    case .inspect: (trajectory?.steps.count ?? 0, step)
    case .branches:
      (branchRows(of: self).count, branchRows(of: self).firstIndex { $0.id == branch })
    case .help: (helpRows.count, helpRow)
    case .recipe: (RecipeScreen(state: self).lines(columns: columns).count, nil)
    case .agreement: (agreementRows(columns: columns - 1).count, nil)
    case .study: (study?.study.methods.count ?? 0, study?.method)
    case .training, .compare: (0, nil)
    }
  }

  /// Makes the screens speak of a trajectory, at the step worth looking at.
  mutating func select(_ id: String) {
    guard id != selection else { return }
    selection = id
    step = bestStep(of: id)
    resetText()
  }

  /// Makes the screens speak of a step.
  mutating func move(to step: Int) {
    guard step != self.step else { return }
    self.step = step
    resetText()
  }

  /// Shows the text pane from its first line.
  mutating func resetText() {
    for place in tops.keys where place.pane == .text { tops[place] = 0 }
  }

  /// The first visible row of a pane of the screen on top.
  func top(of pane: Pane) -> Int { max(0, tops[PanePlace(screen: screen, pane: pane)] ?? 0) }
}
