import Foundation
import Records
import Trajectories
import Workbench

/// What a study says, in the forms people read and paste.
struct StudyReport {
  let study: Study
  let rows: [StudyRow]

  /// A table a task setting.
  var tables: [TextTable] {
    study.tasks.compactMap { task in
      let rows = rows.filter { $0.task == task }
      guard !rows.isEmpty else { return nil }
      let hasDifferences = rows.contains { !$0.differences.isEmpty }
      let hasCritic = Self.hasCritic(rows)
      return TextTable(
        title: study.tasks.count > 1 ? task : nil,
        columns: ["method", "seeds", "sampled"] + (hasDifferences ? ["difference [95 %]"] : [])
          + [
            "every line right", "greedy", "greedy, every line", "to learn from", "to estimate",
            "seconds", "steps", "cut off",
          ] + (hasCritic ? ["explained variance"] : []),
        rows: rows.map { row in
          cells(of: row, hasDifferences) + (hasCritic ? [Self.explained(by: row)] : [])
        })
    }
  }

  /// Whether a critic learnt beside some policy.
  private static func hasCritic(_ rows: [StudyRow]) -> Bool {
    rows.contains { $0.mean(\.explainedVariance) != nil }
  }

  private static func explained(by row: StudyRow) -> String {
    row.mean(\.explainedVariance).map { String(format: "%+.2f", $0) } ?? "-"
  }

  private func cells(of row: StudyRow, _ hasDifferences: Bool) -> [String] {
    let failed = row.failures.isEmpty ? "" : " (\(row.failures.count) failed)"
    return [row.method.name, row.method.isUntrained ? "-" : "\(row.outcomes.count)\(failed)"]
      + [Self.text(row.spread(.sampled))]
      + (hasDifferences ? [difference(of: row)] : [])
      + [.sampledChain, .greedy, .greedyChain].map { Self.text(row.spread($0)) }
      + [
        String(format: "%.0f k", row.mean { Double($0.trainingTokens) } / 1000),
        String(format: "%.0f k", row.mean { Double($0.estimationTokens) } / 1000),
        String(format: "%.1f", row.mean(\.seconds)),
        row.mean(\.steps).map { String(format: "%.1f", $0) } ?? "-",
        row.mean { $0.truncatedShare }.map { String(format: "%.3f", $0) } ?? "-",
      ]
  }

  private func difference(of row: StudyRow) -> String {
    guard let found = row.differences[.sampled] else { return "-" }
    let mean = String(format: "%+.3f", found.spread.mean)
    guard let interval = found.interval else { return mean }
    return mean + String(format: " [%+.3f %+.3f]", interval.lowerBound, interval.upperBound)
  }

  private static func text(_ spread: Spread?) -> String {
    guard let spread else { return "-" }
    guard let error = spread.standardError else { return String(format: "%.3f", spread.mean) }
    return String(format: "%.3f ± %.3f", spread.mean, error)
  }

  /// What the columns mean, and what failed.
  var notes: [String] {
    var notes = ["± is the standard error over seeds; of an untrained policy, over problems."]
    let pairs = rows.compactMap { row in
      row.method.against.map { "\(row.method.name) minus \($0)" }
    }
    var named: [String] = []
    for pair in pairs where !named.contains(pair) { named.append(pair) }
    if !named.isEmpty {
      notes.append(
        "Difference: in sampled accuracy, seed by seed, with its interval by Student's t: "
          + named.joined(separator: ", ") + ".")
    }
    if Self.hasCritic(rows) {
      notes.append(
        "Explained variance: of the rewards of the last update by the critic; at or below 0 it "
          + "knows no more than their mean.")
    }
    for row in rows {
      if let failure = row.failures.first {
        notes.append("\(row.method.name), \(row.task): \(failure)")
      }
    }
    return notes
  }

  /// All numbers, a row a method of a task setting.
  var csv: String {
    let measures = Measure.allCases
    let hasCritic = Self.hasCritic(rows)
    let columns =
      ["task", "method", "against", "seeds", "failed"]
      + measures.flatMap { measure in
        ["", "-se", "-difference", "-low", "-high"].map { measure.rawValue + $0 }
      } + [
        "training-tokens", "estimation-tokens", "seconds", "updates", "length", "steps", "cut-off",
      ] + (hasCritic ? ["explained-variance"] : [])
    let lines = rows.map { row in
      [row.task, row.method.name, row.method.against ?? "", "\(row.outcomes.count)"]
        + ["\(row.failures.count)"] + measures.flatMap { Self.numbers(of: $0, row) }
        + Self.costs(of: row) + (hasCritic ? [Self.number(row.mean(\.explainedVariance))] : [])
    }
    return TextTable(columns: columns, rows: lines).csv
  }

  private static func numbers(of measure: Measure, _ row: StudyRow) -> [String] {
    let spread = row.spread(measure)
    let difference = row.differences[measure]
    let interval = difference?.interval
    return [
      spread?.mean, spread?.standardError, difference?.spread.mean, interval?.lowerBound,
      interval?.upperBound,
    ].map { $0.map { String(format: "%.6f", $0) } ?? "" }
  }

  private static func costs(of row: StudyRow) -> [String] {
    let all: [Double?] = [
      row.mean { Double($0.trainingTokens) }, row.mean { Double($0.estimationTokens) },
      row.mean(\.seconds), row.mean { Double($0.update) }, row.mean { $0.length },
      row.mean(\.steps), row.mean { $0.truncatedShare },
    ]
    return all.map(number)
  }

  private static func number(_ value: Double?) -> String {
    value.map { String(format: "%.4f", $0) } ?? ""
  }
}

/// A study's numbers for programs: a row a method of a task setting, with curves and every seed.
struct StudyJSON: Encodable {
  var rows: [Row]

  struct Row: Encodable {
    var task: String
    var method: String
    var against: String?
    var measures: [String: Value]
    var curve: [Point]
    var outcomes: [TrainingOutcome]
    var failures: [String]
  }

  struct Value: Encodable {
    var mean: Double
    var standardError: Double?
    var difference: Double?
    var low: Double?
    var high: Double?
  }

  struct Point: Encodable {
    var update: Int
    var tokens: Double
    var sampled: Double
    var standardError: Double?
  }

  init(_ rows: [StudyRow]) {
    self.rows = rows.map { row in
      var measures: [String: Value] = [:]
      for measure in Measure.allCases {
        guard let spread = row.spread(measure) else { continue }
        let difference = row.differences[measure]
        let interval = difference?.interval
        measures[measure.rawValue] = Value(
          mean: spread.mean, standardError: spread.standardError,
          difference: difference?.spread.mean,
          low: interval?.lowerBound, high: interval?.upperBound)
      }
      return Row(
        task: row.task, method: row.method.name, against: row.method.against, measures: measures,
        curve: row.curve(.sampled).map {
          Point(
            update: $0.update, tokens: $0.tokens, sampled: $0.value.mean,
            standardError: $0.value.standardError)
        }, outcomes: row.outcomes, failures: row.failures)
    }
  }
}

/// The learning curves of a study, side by side: a chart a family of methods on a task setting.
struct StudyCurves {
  let study: Study
  let rows: [StudyRow]
  /// What the curves show.
  var measure = Measure.sampled
  /// Whether they run over tokens, those for estimates included, in place of updates.
  var overTokens = false

  /// The picture as SVG: a row a family, a column a task setting.
  var picture: LineCharts {
    let panels = study.families.flatMap { family in
      study.tasks.map { task in
        LineCharts.Panel(
          title: study.tasks.count > 1 ? "\(task): \(family[0].name)" : family[0].name,
          lines: family.compactMap { line(of: $0, on: task) })
      }
    }
    return LineCharts(
      panels: panels,
      across: study.tasks.count > 1 ? study.tasks.count : min(3, study.families.count),
      xTitle: overTokens ? "tokens, estimates included" : "updates")
  }

  private func points(of method: StudyMethod, on task: String) -> [(x: Double, value: Spread)] {
    let row = rows.first { $0.task == task && $0.method.name == method.name }
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
}

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
