/// The part of a chart below its heading: axes, curves, cursor.
struct ChartPlot {
  private let chart: Chart
  /// The curves as they are drawn: smoothed, and no more than the domain shows.
  private let curves: [Curve]
  private let style: ChartStyle
  private let domain: ClosedRange<Double>
  private let scale: ChartScale
  /// Labels of the y axis, by row.
  private let labels: [Int: String]
  /// Cells between the left edge and the curves, the axis included.
  private let margin: Int
  private let plot: Rect
  /// The row of numbers below the curves; empty where there is no room.
  private let footer: Rect

  init(_ chart: Chart, in area: Rect, style: ChartStyle) {
    self.chart = chart
    self.style = style
    let domain = Self.domain(of: chart)
    self.domain = domain
    curves = chart.curves.map { $0.smoothed(chart.smoothing).cut(to: domain) }
    let (body, footer) = area.split(top: area.rows >= 5 ? area.rows - 1 : area.rows)
    self.footer = footer
    let seen = curves.flatMap { $0.points.compactMap(\.drawable) }
    scale = ChartScale(
      values: seen + (chart.reference.map { [$0] } ?? []), fixed: chart.range,
      isLogarithmic: chart.isLogarithmic, steps: max(1, min(5, (body.rows - 1) / 2)))
    labels = Self.labels(of: scale, rows: body.rows)
    let widest = labels.values.map { cellWidth($0) }.max() ?? 0
    margin = widest * 3 <= area.columns ? widest + 1 : 1
    plot = body.split(left: margin).right
  }

  func draw(into grid: inout Grid) {
    guard !plot.isEmpty else { return }
    drawAxis(into: &grid)
    drawReference(into: &grid)
    drawCursor(into: &grid)
    var canvas = DotCanvas(style: style, columns: plot.columns, rows: plot.rows)
    for layer in curves.indices.reversed() { trace(curves[layer], layer: layer, on: &canvas) }
    for row in 0..<plot.rows {
      for column in 0..<plot.columns {
        guard let cell = canvas.cell(row: row, column: column) else { continue }
        grid[plot.row + row, plot.column + column] = Cell(
          character: cell.character, role: curves[cell.layer].role)
      }
    }
  }

  /// What the x axis shows: never a single point.
  private static func domain(of chart: Chart) -> ClosedRange<Double> {
    let bounds = -1e15...1e15
    let given = chart.domain.map { $0.clamped(to: bounds) }
    if let given, given.upperBound > given.lowerBound { return given }
    let all = chart.curves.flatMap(\.points).filter { $0.drawable != nil }.map(\.x)
    let low = given?.lowerBound ?? all.min() ?? 0
    let high = given?.upperBound ?? all.max() ?? 1
    return high > low ? low...high : (low - 0.5)...(low + 0.5)
  }

  /// A label for each tick that has a row of its own, the top and the bottom first.
  private static func labels(of scale: ChartScale, rows: Int) -> [Int: String] {
    guard rows >= 2, let first = scale.ticks.first, let last = scale.ticks.last else { return [:] }
    var labels: [Int: String] = [:]
    for tick in [first, last] + scale.ticks {
      guard let height = scale.height(of: tick.value) else { continue }
      let row = Int(((1 - height) * Double(rows - 1)).rounded())
      if labels[row] == nil { labels[row] = tick.label }
    }
    return labels
  }

  private func drawAxis(into grid: inout Grid) {
    let glyphs: Glyphs = style == .ascii ? .ascii : .unicode
    for row in 0..<plot.rows {
      if let label = labels[row], margin > 1 {
        let text = aligned(label, to: margin - 1)
        grid.write(
          text, at: Point(row: plot.row + row, column: plot.column - margin), role: .dim,
          limit: margin - 1)
      }
      grid[plot.row + row, plot.column - 1] = Cell(character: glyphs.axis, role: .axis)
    }
    guard !footer.isEmpty else { return }
    let line = footer.split(left: margin).right
    let (low, high) = (Self.place(domain.lowerBound), Self.place(domain.upperBound))
    guard cellWidth(low) + cellWidth(high) + 1 <= line.columns else { return }
    grid.write(low, row: 0, in: line, role: .dim)
    grid.writeRight(high, row: 0, in: line, role: .dim)
    guard let cursor = chart.cursor, let column = column(of: cursor) else { return }
    let text = Self.place(cursor)
    let start = min(max(0, column - cellWidth(text) / 2), line.columns - cellWidth(text))
    let isFree =
      start > cellWidth(low) && start + cellWidth(text) < line.columns - cellWidth(high)
    if isFree { grid.write(text, row: 0, column: start, in: line, role: .heading) }
  }

  /// An x as a whole number where it is one.
  private static func place(_ x: Double) -> String {
    x.magnitude < 1e6 ? fixed(x, decimals: x.rounded() == x ? 0 : 1) : compact(x)
  }

  private func drawReference(into grid: inout Grid) {
    guard let value = chart.reference, let height = scale.height(of: value) else { return }
    let row = Int(((1 - height) * Double(plot.rows - 1)).rounded())
    for column in stride(from: 0, to: plot.columns, by: 2) {
      grid[plot.row + row, plot.column + column] = Cell(
        character: style == .ascii ? "." : "·", role: .dim)
    }
  }

  private func drawCursor(into grid: inout Grid) {
    guard let cursor = chart.cursor, let column = column(of: cursor) else { return }
    let character: Character = style == .ascii ? "|" : "┊"
    for row in 0..<plot.rows {
      grid[plot.row + row, plot.column + column] = Cell(character: character, role: .axis)
    }
  }

  /// The column of an x; nil where it is not shown.
  private func column(of x: Double) -> Int? {
    guard x.isFinite, domain.contains(x) else { return nil }
    let share = (x - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    return Int((share * Double(plot.columns - 1)).rounded())
  }

  /// Draws a curve as straight lines between its points; a gap breaks it.
  private func trace(_ curve: Curve, layer: Int, on canvas: inout DotCanvas) {
    var before: (x: Int, y: Int)?
    for point in curve.points {
      guard let value = point.drawable, let height = scale.height(of: value) else {
        before = nil
        continue
      }
      let here = dot(point.x, height, on: canvas)
      canvas.line(from: before ?? here, to: here, layer: layer)
      if let error = point.error, error.isFinite,
        let low = scale.height(of: value - error), let high = scale.height(of: value + error)
      {
        canvas.line(
          from: dot(point.x, low, on: canvas), to: dot(point.x, high, on: canvas), layer: layer)
      }
      before = here
    }
  }

  private func dot(_ x: Double, _ height: Double, on canvas: DotCanvas) -> (x: Int, y: Int) {
    let share = (x - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    return (
      Int((share * Double(canvas.width - 1)).rounded()),
      Int(((1 - height) * Double(canvas.height - 1)).rounded())
    )
  }
}
