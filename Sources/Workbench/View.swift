import Trajectories

/// Draws the state.
public func view(_ state: WorkbenchState) -> Grid {
  var grid = Grid(size: state.size)
  guard !state.isTooSmall else {
    state.drawTooSmall(on: &grid)
    return grid
  }
  let layout = Layout(of: state)
  TitleLine(state: state).draw(in: layout.title, on: &grid)
  state.screen.place.init(state: state).draw(in: layout, on: &grid)
  StatusLine(state: state).drawMessage(in: layout.message, on: &grid)
  StatusLine(state: state).drawHints(in: layout.hints, on: &grid)
  if case .palette(let palette) = state.mode {
    palette.draw(state, in: layout.body, on: &grid)
  }
  if case .confirm(let confirmation) = state.mode {
    state.drawConsent(confirmation, on: &grid)
  }
  if state.glyphs == .ascii { grid.straightenQuotes() }
  return grid
}

extension WorkbenchState {
  fileprivate func drawTooSmall(on grid: inout Grid) {
    let area = Rect(size)
    let need = Layout.smallest
    var text =
      "Crux needs \(need.columns)x\(need.rows), this is \(size.columns)x\(size.rows). q quits."
    if case .confirm(let confirmation) = mode { text = confirmation.question }
    for (row, line) in wrapped(text, columns: max(1, area.columns)).enumerated() {
      grid.write(line, row: row, in: area, role: .warning)
    }
  }

  /// Draws the text pane: its lines from the first visible one, and how much is hidden.
  func drawText(title: String, in area: Rect, on grid: inout Grid) {
    let glyphs = Glyphs.of(glyphs)
    let inner = grid.box(area, title: title, focused: focus == .text, glyphs: glyphs)
    // As a rule all that is seen was laid out when it changed.
    var text = paneText
    text.show(
      screen.place.text(self, columns: inner.columns), columns: inner.columns)
    var budget = PaneText.slice
    text.extend(to: min(top(of: .text), PaneText.slice) + inner.rows, budget: &budget)
    let first = min(top(of: .text), max(0, text.count - inner.rows))
    for (row, line) in text.lines(from: first, count: inner.rows).enumerated() {
      grid.write(line, row: row, in: inner)
    }
    if focus == .text { grid.cursor = Point(row: inner.row, column: inner.column) }
    grid.writeHidden(above: first, of: text.count, shown: inner.rows, frame: area, glyphs: glyphs)
  }
}

extension Grid {
  /// Says at the right end of an area's last row how many lines are hidden above and below.
  mutating func writeHidden(
    above: Int, of count: Int, shown: Int, in area: Rect, glyphs: Glyphs
  ) {
    let below = count - above - shown
    let words = [
      above > 0 ? "\(glyphs.up)\(above)" : "", below > 0 ? "\(below)\(glyphs.down)" : "",
    ].filter { !$0.isEmpty }
    guard !words.isEmpty else { return }
    writeRight(
      " " + words.joined(separator: " ") + " ", row: area.rows - 1, in: area, role: .dim)
  }

  /// The same on the lower edge of a frame, where it has room for it.
  mutating func writeHidden(
    above: Int, of count: Int, shown: Int, frame: Rect, glyphs: Glyphs
  ) {
    guard frame.rows > 1, frame.columns > 24 else { return }
    let edge = Rect(
      row: frame.row, column: frame.column, rows: frame.rows, columns: frame.columns - 2)
    writeHidden(above: above, of: count, shown: shown, in: edge, glyphs: glyphs)
  }
}
