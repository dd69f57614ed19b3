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
      let column = event.place.column - content.column
      guard content.contains(event.place),
        screen.place.choose(row: row, column: column, &self)
      else { return [] }
      if count >= 2 { return screen.place.open(&self) }
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
}
