import Foundation
import Learning
import Records
import Trajectories
import Workbench

/// The learning curves of a study, side by side: a chart a family of methods on a task setting.
struct StudyCurves {
  let study: Study
  let summary: StudySummary
  /// What the curves show.
  var measure = Measure.sampled
  /// Whether they run over tokens, those for estimates included, in place of updates.
  var overTokens = false

  /// A method and those that are compared with it.
  private var families: [[StudyMethod]] {
    study.methods.filter { $0.against == nil }.map { head in
      [head] + study.methods.filter { $0.against == head.name }
    }
  }

  /// The picture as SVG: a row a family, a column a task setting.
  var picture: LineCharts {
    let panels = families.flatMap { family in
      study.tasks.map { task in
        LineCharts.Panel(
          title: study.tasks.count > 1 ? "\(task): \(family[0].name)" : family[0].name,
          lines: family.compactMap { line(of: $0, on: task) })
      }
    }
    return LineCharts(
      panels: panels, across: study.tasks.count > 1 ? study.tasks.count : min(3, families.count),
      xTitle: overTokens ? "tokens, estimates included" : "updates")
  }

  private func points(of method: StudyMethod, on task: String) -> [(x: Double, value: Spread)] {
    let row = summary.rows.first { $0.task == task && $0.method.name == method.name }
    return (row?.curve(measure) ?? []).map {
      (overTokens ? $0.tokens : Double($0.update), $0.value)
    }
  }

  private func line(of method: StudyMethod, on task: String) -> LineCharts.Line? {
    let points = points(of: method, on: task)
    guard !points.isEmpty else { return nil }
    return LineCharts.Line(
      name: method.name,
      points: points.map {
        LineCharts.Point(x: $0.x, y: $0.value.mean, error: $0.value.standardError)
      })
  }

  /// The curves in characters, as many charts in a line as the columns hold.
  func text(columns: Int, isColoured: Bool) -> String {
    let width = max(30, min(60, columns / max(1, columns / 44)))
    let across = max(1, columns / width)
    let charts = study.tasks.flatMap { task in
      families.compactMap { chart(of: $0, on: task) }
    }
    return stride(from: 0, to: charts.count, by: across).map { first in
      let some = Array(charts[first..<min(first + across, charts.count)])
      var grid = Grid(size: Size(columns: width * some.count, rows: 12))
      for (number, chart) in some.enumerated() {
        grid.draw(
          chart, in: Rect(row: 0, column: number * width, rows: 12, columns: width - 2),
          style: isColoured ? .braille : .ascii)
      }
      return isColoured ? Self.coloured(grid) : grid.text
    }.joined(separator: "\n\n")
  }

  private func chart(of family: [StudyMethod], on task: String) -> Chart? {
    let roles: [Role] = [.curve1, .curve2, .curve3, .curve4]
    let curves = family.enumerated().compactMap { number, method -> Curve? in
      let points = points(of: method, on: task)
      guard !points.isEmpty else { return nil }
      return Curve(
        name: method.name, role: roles[number % roles.count],
        points: points.map { CurvePoint(x: $0.x, y: $0.value.mean) })
    }
    guard !curves.isEmpty else { return nil }
    return Chart(
      title: study.tasks.count > 1 ? task : measure.rawValue, curves: curves, format: .share)
  }

  /// The rows with the terminal's own colours for the curves.
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
