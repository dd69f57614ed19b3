import Trajectories

/// The curves of training: state, numbers, and as many charts as there is room for.
struct TrainingScreen {
  let state: WorkbenchState

  /// Draws the screen into `area`.
  func draw(into grid: inout Grid, in area: Rect) {
    guard !state.history.metrics.isEmpty || !state.history.evaluations.isEmpty else {
      drawEmpty(into: &grid, in: area)
      return
    }
    let header = Array(state.trainingHeader(columns: area.columns).prefix(max(1, area.rows / 4)))
    let (top, rest) = area.split(top: header.count)
    for (row, spans) in header.enumerated() { grid.write(spans, row: row, column: 1, in: top) }
    let kinds = state.trainingCharts
    let selected = min(max(0, state.training.curve), kinds.count - 1)
    if state.training.charts.isEnlarged {
      grid.draw(state.chart(kinds[selected]), in: rest, style: state.chartStyle)
      return
    }
    drawCharts(kinds, selected: selected, into: &grid, in: rest)
  }

  private func drawCharts(
    _ kinds: [TrainingChart], selected: Int, into grid: inout Grid, in area: Rect
  ) {
    let across = max(1, min(4, area.columns / 26))
    var rows = Self.chartRows(area.rows)
    let isWhole = rows * across >= kinds.count
    if isWhole { rows = (kinds.count + across - 1) / across }
    // Two rows of numbers stand for the charts that do not fit.
    let (charts, strip) = area.split(top: isWhole ? area.rows : max(0, area.rows - 2))
    let count = max(1, rows * across)
    let first = selected / count * count
    let visible = Array(kinds[first..<min(kinds.count, first + count)])
    for (index, kind) in visible.enumerated() {
      let place = Self.tile(index, across: across, down: rows, in: charts)
      draw(kind, isSelected: first + index == selected, into: &grid, in: place)
    }
    guard !isWhole else { return }
    let hidden = kinds.filter { !visible.contains($0) }
    drawNumbers(of: hidden, into: &grid, in: strip)
  }

  /// How many charts fit one above another: seven rows each, four where rows are few.
  private static func chartRows(_ rows: Int) -> Int {
    rows >= 14 ? rows / 7 : max(1, rows / 4)
  }

  /// The place of a chart: cells are shared out evenly, with a blank column between.
  private static func tile(_ index: Int, across: Int, down: Int, in area: Rect) -> Rect {
    let (row, column) = (index / across, index % across)
    let top = area.rows * row / down
    let left = area.columns * column / across
    let bottom = area.rows * (row + 1) / down
    let right = area.columns * (column + 1) / across - (column + 1 < across ? 2 : 0)
    return Rect(
      row: area.row + top, column: area.column + left, rows: bottom - top, columns: right - left)
  }

  private func draw(
    _ kind: TrainingChart, isSelected: Bool, into grid: inout Grid, in area: Rect
  ) {
    let (mark, rest) = area.split(left: 2)
    if isSelected {
      let glyph = Glyphs.of(state.glyphs).selected
      grid.write(String(glyph), row: 0, in: mark, role: .borderFocused)
      if !area.isEmpty { grid.cursor = Point(row: area.row, column: area.column) }
    }
    grid.draw(state.chart(kind), in: rest, style: state.chartStyle)
  }

  /// The newest value, or that at the cursor, of what has no chart on the screen.
  private func drawNumbers(of kinds: [TrainingChart], into grid: inout Grid, in area: Rect) {
    var (row, column) = (0, 1)
    for kind in kinds {
      let chart = state.chart(kind)
      let values = chart.curves.compactMap { curve in
        curve.lastPoint(until: chart.cursor)?.y.map {
          (chart.curves.count > 1 ? curve.name + " " : "") + chart.format.text($0)
        }
      }
      guard !values.isEmpty else { continue }
      let spans = [Span(chart.title + " ", .dim), Span(values.joined(separator: " ")), Span("  ")]
      let width = spans.reduce(0) { $0 + cellWidth($1.text) }
      if column > 1, column + width > area.columns + 2 { (row, column) = (row + 1, 1) }
      column += grid.write(spans, row: row, column: column, in: area)
    }
  }

  private func drawEmpty(into grid: inout Grid, in area: Rect) {
    var lines = ["No update was made yet, so there are no curves."]
    if let why = state.readOnly {
      lines.append("Training cannot be started here: \(why)")
    } else {
      let updates =
        state.history.start.map { "\($0.recipe.updates) updates" } ?? "the recipe's updates"
      lines.append("Press \(state.key(.train)) to train: \(updates).")
      lines.append("Press \(state.key(.oneUpdate)) for one update, then wait.")
    }
    if case .failed(let message) = state.engine { lines.append("FAILED: \(message)") }
    if state.engine == .training { lines = ["RUN: the first update is on its way."] }
    let wrappedLines = lines.flatMap { wrapped(inert($0), columns: area.columns - 2) }
    let top = max(0, (area.rows - wrappedLines.count) / 3)
    for (row, line) in wrappedLines.enumerated() {
      grid.write(line, row: top + row, column: 1, in: area, role: row == 0 ? .heading : .text)
    }
  }
}
