import Foundation

/// Line charts side by side, as an SVG picture that reads on light and on dark ground.
public struct LineCharts: Equatable, Sendable {
  /// The charts, row by row.
  public var panels: [Panel]
  /// Charts in a row.
  public var across: Int
  /// What the x axes show.
  public var xTitle: String
  /// The range of every y axis; nil fits each chart.
  public var yRange: ClosedRange<Double>?
  /// One chart.
  public struct Panel: Equatable, Sendable {
    /// What it is about.
    public var title: String
    /// Its lines.
    public var lines: [Line]
    /// Whether equal ratios take equal lengths, on both axes.
    public var isLogarithmic: Bool
    /// What its x axis shows; nil takes the picture's.
    public var xTitle: String?

    /// A chart with every field given.
    public init(
      title: String, lines: [Line], isLogarithmic: Bool = false, xTitle: String? = nil
    ) {
      self.title = title
      self.lines = lines
      self.isLogarithmic = isLogarithmic
      self.xTitle = xTitle
    }
  }

  /// One line.
  public struct Line: Equatable, Sendable {
    /// What it shows.
    public var name: String
    /// Its points, by rising x.
    public var points: [Point]

    /// A line with every field given.
    public init(name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// One value.
  public struct Point: Equatable, Sendable {
    /// Where it stands.
    public var x: Double
    /// The value.
    public var y: Double
    /// Its standard error, drawn as a bar; nil draws none.
    public var error: Double?

    /// A value with every field given.
    public init(x: Double, y: Double, error: Double? = nil) {
      self.x = x
      self.y = y
      self.error = error
    }
  }

  /// Charts with every field given.
  public init(
    panels: [Panel], across: Int, xTitle: String, yRange: ClosedRange<Double>? = nil
  ) {
    self.panels = panels
    self.across = max(1, across)
    self.xTitle = xTitle
    self.yRange = yRange
  }

  /// The names of all lines, each once, in the order they come; a name has one colour everywhere.
  private var names: [String] {
    panels.flatMap(\.lines).reduce(into: []) { names, line in
      if !names.contains(line.name) { names.append(line.name) }
    }
  }

  private static let width = 260.0
  private static let height = 190.0

  /// The picture.
  public var svg: String {
    let names = names
    let columns = Double(min(across, max(1, panels.count)))
    let rows = Double((panels.count + across - 1) / across)
    let wide = max(columns * Self.width, 320)
    let key = legend(names, width: wide)
    let high = rows * Self.height + key.height + 8
    var out = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.short(wide)) "
        + "\(Self.short(high))\" width=\"\(Self.short(wide))\" height=\"\(Self.short(high))\" "
        + "font-family=\"system-ui, sans-serif\" font-size=\"11\">",
      Self.style(names.count),
      "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
    ]
    for (number, panel) in panels.enumerated() {
      let x = Double(number % across) * Self.width
      let y = Double(number / across) * Self.height
      out.append("<g transform=\"translate(\(Self.short(x)) \(Self.short(y)))\">")
      out +=
        LineChartPanel(
          panel, in: self, names: names, width: Self.width, height: Self.height
        ).elements
      out.append("</g>")
    }
    out.append("<g transform=\"translate(0 \(Self.short(rows * Self.height)))\">")
    return (out + key.elements + ["</g>", "</svg>"]).joined(separator: "\n") + "\n"
  }

  private func legend(_ names: [String], width: Double) -> (elements: [String], height: Double) {
    var (x, y) = (12.0, 14.0)
    var elements: [String] = []
    for (number, name) in names.enumerated() {
      let room = 34 + 6.4 * Double(name.count)
      if x + room > width, x > 12 { (x, y) = (12, y + 17) }
      elements.append(
        "<path class=\"line c\(number)\" d=\"M\(Self.short(x)) \(Self.short(y - 4))h18\"/>"
          + "<text x=\"\(Self.short(x + 23))\" y=\"\(Self.short(y))\">\(Self.escaped(name))</text>")
      x += room
    }
    return (elements, y + 6)
  }

  // Hues a golden angle apart; the lightness follows the ground, so both have contrast enough.
  private static func style(_ count: Int) -> String {
    func colours(_ lightness: Int) -> String {
      (0..<count).map { number in
        let hue = (210 + number * 137) % 360
        return ".c\(number){stroke:hsl(\(hue) 65% \(lightness)%)}"
      }.joined()
    }
    return "<style>.ground{fill:#fff}text{fill:#333}.axis{stroke:#999;fill:none}"
      + ".grid{stroke:#e6e6e6}.line{fill:none;stroke-width:1.8}.bar{stroke-width:1;opacity:.6}"
      + colours(38)
      + "@media (prefers-color-scheme:dark){.ground{fill:#0d1117}text{fill:#d0d7de}"
      + ".grid{stroke:#2a2f37}.axis{stroke:#777}" + colours(65) + "}</style>"
  }

  static func escaped(_ text: String) -> String {
    Words.inert(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
  }

  /// A number with at most two decimals.
  static func short(_ value: Double) -> String {
    let text = String(format: "%.2f", value)
    guard text.contains(".") else { return text }
    return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  }
}

/// One chart of a picture: axes, grid and lines.
struct LineChartPanel {
  private let panel: LineCharts.Panel
  private let charts: LineCharts
  private let names: [String]
  private let left = 42.0
  private let top = 24.0
  private let inner: (width: Double, height: Double)
  private let domain: ClosedRange<Double>
  private let range: ClosedRange<Double>

  init(
    _ panel: LineCharts.Panel, in charts: LineCharts, names: [String], width: Double,
    height: Double
  ) {
    self.panel = panel
    self.charts = charts
    self.names = names
    inner = (width - left - 14, height - top - 40)
    let isLogarithmic = panel.isLogarithmic
    let points = panel.lines.flatMap(\.points).filter { Self.isShown($0, isLogarithmic) }
    domain = Self.span(points.map(\.x), isLogarithmic)
    let ends = points.flatMap { [$0.y - ($0.error ?? 0), $0.y + ($0.error ?? 0)] }
      .filter { !isLogarithmic || $0 > 0 }
    range = charts.yRange ?? Self.span(ends, isLogarithmic)
  }

  /// The elements, drawn from the panel's own corner.
  var elements: [String] {
    var out = [
      "<text x=\"\(n(left))\" y=\"15\" font-weight=\"600\">\(LineCharts.escaped(panel.title))</text>"
    ]
    for value in ticks(range) { out += [gridLine(value)] }
    for value in ticks(domain) {
      out.append(
        "<text x=\"\(n(x(value)))\" y=\"\(n(top + inner.height + 14))\" text-anchor=\"middle\">"
          + "\(Self.label(value))</text>")
    }
    out.append(
      "<path class=\"axis\" d=\"M\(n(left)) \(n(top))v\(n(inner.height))h\(n(inner.width))\"/>")
    out.append(
      "<text x=\"\(n(left + inner.width / 2))\" y=\"\(n(top + inner.height + 28))\" "
        + "text-anchor=\"middle\" opacity=\".7\">\(LineCharts.escaped(panel.xTitle ?? charts.xTitle))</text>"
    )
    return out + panel.lines.reversed().flatMap { drawn($0) }
  }

  private func gridLine(_ value: Double) -> String {
    "<path class=\"grid\" d=\"M\(n(left)) \(n(y(value)))h\(n(inner.width))\"/>"
      + "<text x=\"\(n(left - 5))\" y=\"\(n(y(value) + 4))\" text-anchor=\"end\">"
      + "\(Self.label(value))</text>"
  }

  private func drawn(_ line: LineCharts.Line) -> [String] {
    let points = line.points.filter { Self.isShown($0, panel.isLogarithmic) }
    guard let number = names.firstIndex(of: line.name), let first = points.first else { return [] }
    var path = "M\(n(x(first.x))) \(n(y(first.y)))"
    for point in points.dropFirst() { path += "L\(n(x(point.x))) \(n(y(point.y)))" }
    if points.count == 1 { path += "h3" }
    let bars = points.compactMap { point -> String? in
      guard let error = point.error, error > 0 else { return nil }
      let (low, high) = (y(point.y - error), y(point.y + error))
      return "M\(n(x(point.x))) \(n(low))V\(n(high))"
    }.joined()
    let title = "<title>\(LineCharts.escaped(line.name))</title>"
    let bar = bars.isEmpty ? [] : ["<path class=\"bar c\(number)\" d=\"\(bars)\"/>"]
    return bar + ["<path class=\"line c\(number)\" d=\"\(path)\">\(title)</path>"]
  }

  private func x(_ value: Double) -> Double { left + share(value, domain) * inner.width }

  private func y(_ value: Double) -> Double {
    top + (1 - share(value, range)) * inner.height
  }

  private func share(_ value: Double, _ span: ClosedRange<Double>) -> Double {
    let raw: Double
    if panel.isLogarithmic {
      let (low, high) = (log(span.lowerBound), log(span.upperBound))
      raw = (log(max(value, span.lowerBound)) - low) / (high - low)
    } else {
      raw = (value - span.lowerBound) / (span.upperBound - span.lowerBound)
    }
    return min(1, max(0, raw))
  }

  private func ticks(_ span: ClosedRange<Double>) -> [Double] {
    if panel.isLogarithmic {
      let decades = Int(log10(span.lowerBound).rounded())...Int(log10(span.upperBound).rounded())
      return decades.map { pow(10, Double($0)) }
    }
    let rough = (span.upperBound - span.lowerBound) / 4
    let unit = pow(10, log10(rough).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * unit }.first { $0 >= rough * 0.999 } ?? 10 * unit
    let first = (span.lowerBound / step - 1e-9).rounded(.up)
    let last = (span.upperBound / step + 1e-9).rounded(.down)
    return first <= last ? (0...Int(last - first)).map { (first + Double($0)) * step } : []
  }

  private func n(_ value: Double) -> String { LineCharts.short(value) }

  private static func isShown(_ point: LineCharts.Point, _ isLogarithmic: Bool) -> Bool {
    point.x.isFinite && point.y.isFinite && abs(point.x) < 1e15 && abs(point.y) < 1e15
      && (!isLogarithmic || (point.x > 1e-12 && point.y > 1e-12))
  }

  /// What holds all values; whole decades on a logarithmic axis; never a single point.
  private static func span(_ values: [Double], _ isLogarithmic: Bool) -> ClosedRange<Double> {
    guard let low = values.min(), let high = values.max() else {
      return isLogarithmic ? 1...10 : 0...1
    }
    guard isLogarithmic else {
      let size = high - low > 1e-12 * max(abs(low), abs(high)) ? high - low : max(abs(high), 1)
      return low...(low + size)
    }
    let bottom = pow(10, log10(max(low, 1e-12)).rounded(.down))
    return bottom...max(bottom * 10, pow(10, log10(high).rounded(.up)))
  }

  private static func label(_ value: Double) -> String {
    if abs(value) < 1e-12 { return "0" }
    if abs(value) >= 1e6 { return String(format: "%g M", value / 1e6) }
    if abs(value) >= 1e4 { return String(format: "%g k", value / 1e3) }
    return String(format: "%g", value)
  }
}
