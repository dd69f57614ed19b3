import Foundation
import Testing

@testable import Records

struct TextTableTests {
  private let table = TextTable(
    title: "four", columns: ["method", "n"], rows: [["a|b, \"c\"", "5"], ["d", "12"]])

  @Test func `text is aligned`() {
    #expect(table.text == "four\nmethod     n\na|b, \"c\"   5\nd         12")
  }

  @Test func `Markdown escapes what would end a cell`() {
    #expect(
      table.markdown
        == "**four**\n\n| method | n |\n| --- | ---: |\n| a\\|b, \"c\" | 5 |\n| d | 12 |")
  }

  @Test func `CSV quotes what would end a field`() {
    #expect(table.csv == "method,n\n\"a|b, \"\"c\"\"\",5\nd,12")
  }
}

struct LineChartsTests {
  private func charts(_ name: String, isLogarithmic: Bool = false) -> LineCharts {
    LineCharts(
      panels: [
        LineCharts.Panel(
          title: "4 hard",
          lines: [
            LineCharts.Line(
              name: name,
              points: [
                LineCharts.Point(x: 0, y: 0.1, error: 0.01), LineCharts.Point(x: 60, y: .nan),
                LineCharts.Point(x: 60, y: 1e308), LineCharts.Point(x: 60, y: 0.4),
              ])
          ], isLogarithmic: isLogarithmic), LineCharts.Panel(title: "none", lines: []),
      ], across: 2, xTitle: "updates")
  }

  @Test(arguments: [false, true])
  func `a picture is well-formed and holds no number that is none`(isLogarithmic: Bool) {
    let svg = charts("a<b & c", isLogarithmic: isLogarithmic).svg
    #expect(svg.contains("a&lt;b &amp; c"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    #expect(svg.components(separatedBy: "<g ").count == svg.components(separatedBy: "</g>").count)
    #expect(svg.contains("prefers-color-scheme"))
  }

  @Test func `a line goes from its first point to its last`() throws {
    let svg = charts("a").svg
    let path = try #require(svg.components(separatedBy: "class=\"line c0\" d=\"").dropFirst().first)
    #expect(path.hasPrefix("M42 "))
    #expect(path.contains("L246 "))
  }
}
