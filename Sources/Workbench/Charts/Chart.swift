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
