import Trajectories

// The mouse does what keys do: it looks, it chooses, it opens.
extension WorkbenchState {
  /// Rows that one notch of the wheel moves.
  private static let wheelRows = 3

  mutating func react(to event: MouseEvent) -> [Request] {
    guard !isTooSmall, mode == .normal else { return [] }
    let layout = Layout(of: self)
    guard let (pane, area) = layout.panes.first(where: { $0.value.contains(event.place) }) else {
      return []
    }
    switch event.kind {
    case .wheelUp: turn(pane, by: -WorkbenchState.wheelRows)
    case .wheelDown: turn(pane, by: WorkbenchState.wheelRows)
    case .press(let count):
      focus = pane
      guard pane == .list, area.inset().contains(event.place) else { return [] }
      let content = layout.content(of: .list, on: screen)
      guard content.contains(event.place), choose(event.place.row - content.row + top(of: .list))
      else { return [] }
      if count >= 2 { return open() }
    }
    return []
  }

  private mutating func turn(_ pane: Pane, by rows: Int) {
    if pane == .text {
      scroll(.text, by: rows)
      return
    }
    // The wheel acts on the pane under it, whichever has the focus.
    let before = focus
    focus = .list
    moveRows(by: rows)
    focus = before
  }

  /// Moves the cursor of the list to a row; returns whether there is one.
  private mutating func choose(_ row: Int) -> Bool {
    switch screen {
    case .trajectories:
      let rows = listed
      guard rows.indices.contains(row) else { return false }
      select(rows[row].id)
    case .inspect:
      guard trajectory?.steps.indices.contains(row) == true else { return false }
      move(to: row)
    case .branches:
      let rows = branchRows(of: self)
      guard rows.indices.contains(row), let id = rows[row].id else { return false }
      branch = id
      resetText()
    case .help:
      guard helpRows.indices.contains(row) else { return false }
      helpRow = row
    default: return false
    }
    return true
  }
}
