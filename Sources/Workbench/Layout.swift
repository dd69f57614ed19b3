import Trajectories

/// Where the parts of the screen are.
struct Layout: Equatable, Sendable {
  /// Fewest cells that a workbench can be used in.
  static let smallest = Size(columns: 60, rows: 16)

  /// The title line.
  var title: Rect
  /// Between the title and the message line.
  var body: Rect
  /// The message line, where lines are typed too.
  var message: Rect
  /// The hint line.
  var hints: Rect
  /// The panes that can be seen, borders included.
  var panes: [Pane: Rect] = [:]

  /// Whether only one of two panes can be seen.
  var onePane: Bool { panes.count == 1 }

  /// The rectangles of a state.
  init(of state: WorkbenchState) {
    let (title, rest) = Rect(state.size).split(top: 1)
    self.title = title
    let (body, foot) = rest.split(top: rest.rows - 2)
    self.body = body
    (message, hints) = foot.split(top: 1)
    panes = state.screen.place.panes(state, in: body)
  }

  /// A list beside its text or above it, where there is room for both; else the one with the focus.
  ///
  /// - Parameters:
  ///   - state: The state.
  ///   - body: What the two share.
  ///   - wide: Columns from which on they stand side by side.
  ///   - wanted: Rows that the whole list takes, its border and titles included.
  /// - Returns: The panes that can be seen.
  static func listAndText(
    _ state: WorkbenchState, in body: Rect, wide: Int = 100, wanted: Int = .max
  ) -> [Pane: Rect] {
    if body.columns >= wide {
      let (left, right) = body.split(left: body.columns * 58 / 100)
      return [.list: left, .text: right]
    }
    guard body.columns >= 80, body.rows >= 14 else { return [state.focus: body] }
    // What the list needs, but neither all nor too little.
    let rows = min(max(wanted, body.rows * 2 / 5), body.rows * 3 / 5)
    let (top, bottom) = body.split(top: rows)
    return [.list: top, .text: bottom]
  }

  /// Rows of a pane that show rows of its list: without borders and the column titles.
  func visibleRows(of pane: Pane, on screen: ScreenName) -> Int {
    max(0, content(of: pane, on: screen).rows)
  }

  /// What of a pane shows rows: without borders and the column titles.
  func content(of pane: Pane, on screen: ScreenName) -> Rect {
    guard let area = panes[pane] else { return Rect(Size(columns: 0, rows: 0)) }
    let inner = screen.place.hasBorder ? area.inset() : area
    return inner.split(top: pane == .list ? screen.place.headerRows : 0).bottom
  }
}
