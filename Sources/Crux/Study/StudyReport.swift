import Foundation
import Learning
import Records
import Trajectories

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
