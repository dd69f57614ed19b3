import Trajectories

// The mouse does what keys do: it looks, it chooses, it opens.
extension WorkbenchState {
  /// Rows that one notch of the wheel moves.
  private static let wheelRows = 3

  mutating func react(to event: MouseEvent) -> [Request] {
    guard !isTooSmall, mode == .normal else { return [] }
    let layout = Layout(of: self)
    guard let pane = layout.panes.first(where: { $0.value.contains(event.place) })?.key else {
      return []
    }
    switch event.kind {
    case .wheelUp: turn(pane, by: -WorkbenchState.wheelRows)
    case .wheelDown: turn(pane, by: WorkbenchState.wheelRows)
    case .press(let count):
      focus = pane
      guard pane == .list else { return [] }
      let content = layout.content(of: .list, on: screen)
      let row = event.place.row - content.row + top(of: .list)
      guard content.contains(event.place), choose(row, at: event.place.column - content.column)
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
  private mutating func choose(_ row: Int, at column: Int) -> Bool {
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
    case .study: return chooseInStudy(row, at: column)
    default: return false
    }
    return true
  }

  private mutating func chooseInStudy(_ row: Int, at column: Int) -> Bool {
    guard let board = study, board.study.methods.indices.contains(row) else { return false }
    study?.method = row
    let table = StudyTable(board: board, glyphs: Glyphs.of(glyphs), columns: size.columns - 1)
    let place = (column - 1 - table.nameColumns) / max(1, table.cellColumns)
    // A click on a name changes the method alone.
    if column > table.nameColumns, place < table.tasks.count {
      study?.task = table.tasks.lowerBound + place
    }
    return true
  }
}
