/// Curves over a common axis, ready to be drawn at any size.
public struct Chart: Equatable, Sendable {
  /// What it is about, in a word or two.
  public var title: String
  /// The curves; the first lies on top.
  public var curves: [Curve]
  /// How values are written.
  public var format = ValueFormat.measure
  /// The part of the x axis that is shown; nil shows all.
  public var domain: ClosedRange<Double>?
  /// The part of the y axis that is shown; nil fits the values.
  public var range: ClosedRange<Double>?
  /// Whether equal ratios take equal heights.
  public var isLogarithmic = false
  /// What each value keeps of those before it, 0…1; 0 draws the values as they are.
  public var smoothing = 0.0
  /// The x at which values are read; nil reads the newest.
  public var cursor: Double?
  /// A value to compare with, drawn as a dotted line.
  public var reference: Double?

  /// A chart of these curves.
  public init(title: String, curves: [Curve], format: ValueFormat = .measure) {
    self.title = title
    self.curves = curves
    self.format = format
  }
}

/// How the values of a chart are written.
public enum ValueFormat: Equatable, Sendable {
  /// Between 0 and 1, without the leading zero.
  case share
  /// Any size, about three significant digits.
  case measure
  /// A count, with a unit of thousands.
  case count

  func text(_ value: Double) -> String {
    switch self {
    case .share: Workbench.share(value)
    case .measure: Workbench.measure(value)
    case .count: compact(value)
    }
  }
}

extension Grid {
  /// Draws a chart: a line of names and values, then axis and curves as far as there is room.
  ///
  /// Nothing is drawn outside of `area`, however small it is.
  public mutating func draw(_ chart: Chart, in area: Rect, style: ChartStyle) {
    guard !area.isEmpty else { return }
    let (heading, rest) = area.split(top: 1)
    let spans = chart.heading(columns: area.columns, style: style)
    write(spans.first, row: 0, in: heading)
    var body = rest
    if !spans.second.isEmpty, rest.rows >= 3 {
      let (legend, plot) = rest.split(top: 1)
      write(spans.second, row: 0, in: legend)
      body = plot
    }
    guard body.rows >= 1, body.columns >= 3 else { return }
    guard chart.hasPoints else {
      write("no values yet", row: body.rows / 2, column: 1, in: body, role: .dim)
      return
    }
    ChartPlot(chart, in: body, style: style).draw(into: &self)
  }
}

extension Chart {
  /// Whether anything can be drawn.
  var hasPoints: Bool { curves.contains { $0.lastPoint() != nil } }

  /// The title with the values; where one line is too short for the names, they go on a second.
  fileprivate func heading(columns: Int, style: ChartStyle) -> (first: [Span], second: [Span]) {
    let title = [Span(title, .heading)]
    guard hasPoints else { return (title, []) }
    if curves.count == 1 { return (title + values(names: 0, style: style), []) }
    for letters in [Int.max, 3] where tellsApart(letters) {
      let named = values(names: letters, style: style)
      if Self.width(title + named) <= columns { return (title + named, []) }
    }
    for letters in [Int.max, 7, 4, 3, 1] {
      let named = values(names: letters, style: style)
      if Self.width(named) <= columns || letters == 1 { return (title, named) }
    }
    return (title, [])
  }

  /// Each curve's name, cut to that many letters, and its value at the cursor or its newest.
  private func values(names letters: Int, style: ChartStyle) -> [Span] {
    curves.enumerated().flatMap { layer, curve -> [Span] in
      guard let point = curve.lastPoint(until: cursor), let value = point.y else { return [] }
      let error = point.error.map { style == .ascii ? "+-" + share($0) : "±" + share($0) } ?? ""
      let name = letters == 0 ? "" : curve.name.prefix(letters) + " "
      let mark = style == .ascii && curves.count > 1 ? "\(DotCanvas.mark(ofLayer: layer))" : ""
      return [Span(" "), Span(mark + name + format.text(value) + error, curve.role)]
    }
  }

  /// Whether names cut to that many letters still differ.
  private func tellsApart(_ letters: Int) -> Bool {
    Set(curves.map { $0.name.prefix(letters) }).count == curves.count
  }

  private static func width(_ spans: [Span]) -> Int { spans.reduce(0) { $0 + cellWidth($1.text) } }
}

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

/// How values become heights, and which of them are written beside the axis.
struct ChartScale: Equatable {
  /// The value at the bottom.
  let low: Double
  /// The value at the top.
  let high: Double
  /// Whether equal ratios take equal heights.
  let isLogarithmic: Bool
  /// The values to write, by rising value.
  let ticks: [Tick]

  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  /// A scale that holds all `values`, in at most `steps` intervals.
  ///
  /// A logarithmic scale leaves out what is not above zero; where nothing remains it is linear.
  init(values: [Double], fixed: ClosedRange<Double>?, isLogarithmic: Bool, steps: Int) {
    let shown = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
    guard let least = shown.min(), let most = shown.max() else {
      self.init(linear: fixed?.lowerBound ?? 0, fixed?.upperBound ?? 1, steps: steps)
      return
    }
    if isLogarithmic {
      self.init(logarithmic: least, most, steps: steps)
    } else if let fixed {
      self.init(linear: fixed.lowerBound, fixed.upperBound, steps: steps)
    } else {
      let (low, high) = Self.widened(least, most)
      self.init(linear: low, high, steps: steps)
    }
  }

  /// The height of a value from 0 to 1; nil where the scale cannot show it.
  func height(of value: Double) -> Double? {
    guard value.isFinite, high > low else { return nil }
    let raw: Double
    if isLogarithmic {
      guard value > 0 else { return nil }
      let (bottom, top) = (decimalLogarithm(low), decimalLogarithm(high))
      raw = (decimalLogarithm(value) - bottom) / (top - bottom)
    } else {
      raw = (value - low) / (high - low)
    }
    return raw.isFinite ? min(1, max(0, raw)) : nil
  }

  /// A range that is not a point: a constant stands in the middle.
  private static func widened(_ low: Double, _ high: Double) -> (Double, Double) {
    let size = max(low.magnitude, high.magnitude)
    if size < 1e-290 { return (0, 1) }
    guard high - low < size * 1e-6 else { return (low, high) }
    return (low - size * 0.1, high + size * 0.1)
  }

  private init(linear low: Double, _ high: Double, steps: Int) {
    let rough = (high - low) / Double(max(1, steps))
    let unit = powerOfTen(decimalExponent(rough))
    let multiple = [1.0, 2, 5, 10].first { $0 * unit >= rough * 0.999_999 } ?? 10
    let step = multiple * unit
    let first = (low / step + 1e-6).rounded(.down)
    let last = max(first + 1, (high / step - 1e-6).rounded(.up))
    let count = Int(min(50, last - first))
    let values = (0...count).map { (first + Double($0)) * step }
    self.low = first * step
    self.high = (first + Double(count)) * step
    isLogarithmic = false
    ticks = values.map {
      Tick(value: $0, label: Self.label($0, step: step, most: max(abs(low), abs(high))))
    }
  }

  /// Powers of ten; within two decades 1, 2 and 5 times them too, so that little is lost.
  private init(logarithmic low: Double, _ high: Double, steps: Int) {
    let first = decimalExponent(max(low, 1e-290))
    let last = max(first + 1, Int((decimalLogarithm(min(high, 1e290)) - 1e-9).rounded(.up)))
    isLogarithmic = true
    if last - first <= 2 {
      let all = (first...last).flatMap { exponent in
        [1.0, 2, 5].map { $0 * powerOfTen(exponent) }
      }
      let bottom = all.last { $0 <= low * 1.000_001 } ?? all[0]
      let top = all.first { $0 >= high * 0.999_999 && $0 > bottom } ?? powerOfTen(last)
      let inside = all.filter { $0 >= bottom && $0 <= top }
      self.low = bottom
      self.high = top
      ticks = inside.map { Tick(value: $0, label: Self.label(logarithmic: $0)) }
    } else {
      let stride = (last - first + max(1, steps) - 1) / max(1, steps)
      self.low = powerOfTen(first)
      self.high = powerOfTen(last)
      ticks = Swift.stride(from: first, through: last, by: stride).map {
        Tick(value: powerOfTen($0), label: Self.label(logarithmic: powerOfTen($0)))
      }
    }
  }

  /// A tick of a linear scale with just the decimals that tell it from the next.
  private static func label(_ value: Double, step: Double, most: Double) -> String {
    var unit = 1.0
    var suffix = ""
    if most >= 10_000 || step >= 1000 {
      let thousands = min(5, decimalExponent(max(most, step)) / 3)
      unit = powerOfTen(thousands * 3)
      suffix = ["", "k", "M", "G", "T", "P"][thousands]
    } else if step < 0.001 {
      let exponent = decimalExponent(step)
      unit = powerOfTen(exponent)
      suffix = "e\(exponent)"
    }
    let decimals = max(0, min(6, -decimalExponent(step / unit)))
    let number = value / unit
    if number.magnitude < 1e-6 { return "0" }
    return share(number, decimals: decimals) + suffix
  }

  /// One, two or five times a power of ten.
  private static func label(logarithmic value: Double) -> String {
    let exponent = decimalExponent(value)
    switch exponent {
    case 0...3: return fixed(value, decimals: 0)
    case -2..<0: return share(value, decimals: -exponent)
    default: return "\(fixed(value / powerOfTen(exponent), decimals: 0))e\(exponent)"
    }
  }
}
