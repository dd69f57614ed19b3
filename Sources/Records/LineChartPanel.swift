import Foundation

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
