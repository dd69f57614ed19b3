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
