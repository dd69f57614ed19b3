import Foundation
import Records
import Workbench

/// Line charts in characters, as many side by side as the columns hold.
struct TerminalCharts {
  private let charts: LineCharts
  private static let rows = 12

  init(_ charts: LineCharts) { self.charts = charts }

  /// Shows the charts on standard output: braille in colours where that is a terminal.
  func show(columns: Int) {
    let isColoured = isatty(STDOUT_FILENO) == 1
    let text = text(columns: columns, isColoured: isColoured)
    if isColoured { showPainted(text) } else { Crux.show(text) }
  }

  /// The charts: braille in the terminal's own colours, or one character a curve.
  func text(columns: Int, isColoured: Bool) -> String {
    let width = max(30, min(60, columns / max(1, columns / 44)))
    let across = max(1, columns / width)
    let panels = charts.panels.filter { !$0.lines.isEmpty }
    return stride(from: 0, to: panels.count, by: across).map { first in
      let some = panels[first..<min(first + across, panels.count)]
      var grid = Grid(size: Size(columns: width * some.count, rows: Self.rows))
      for (number, panel) in some.enumerated() {
        grid.draw(
          chart(of: panel),
          in: Rect(row: 0, column: number * width, rows: Self.rows, columns: width - 2),
          style: isColoured ? .braille : .ascii)
      }
      return isColoured ? Self.coloured(grid) : grid.text
    }.joined(separator: "\n\n")
  }

  private func chart(of panel: LineCharts.Panel) -> Chart {
    let curves = panel.lines.enumerated().map { number, line in
      Curve(
        name: inert(line.name), role: .curve(number),
        points: line.points.map { CurvePoint(x: $0.x, y: $0.y) })
    }
    var chart = Chart(
      title: inert(panel.title), curves: curves, format: panel.isLogarithmic ? .measure : .share)
    chart.isLogarithmic = panel.isLogarithmic
    return chart
  }

  private static func coloured(_ grid: Grid) -> String {
    let colours: [Role: String] = [
      .curve1: "36", .curve2: "33", .curve3: "35", .curve4: "32", .dim: "2", .axis: "2",
      .heading: "1",
    ]
    return (0..<grid.size.rows).map { row in
      var line = ""
      var role: Role?
      for column in 0..<grid.size.columns where !grid[row, column].isContinuation {
        let cell = grid[row, column]
        if cell.role != role {
          line += "\u{1B}[0m" + (colours[cell.role].map { "\u{1B}[\($0)m" } ?? "")
          role = cell.role
        }
        line.append(cell.character)
      }
      return line + "\u{1B}[0m"
    }.joined(separator: "\n")
  }
}
