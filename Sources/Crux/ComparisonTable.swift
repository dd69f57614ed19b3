import Foundation
import Trajectories

/// One recipe trained with one seed.
struct Outcome: Codable {
  /// What was trained.
  struct Key: Codable, Equatable {
    var recipe: String
    var model: String
    var changes: [String]
    var seed: UInt64
  }
  var key: Key
  var curve: [EvaluationResult]
  var trainingTokens: Int
  var estimationTokens: Int
  var bufferPurity: Double?
  var seconds: Double

  var line: String {
    guard let last = curve.last else { return key.recipe }
    return String(
      format: "%@, seed %d: sampled %.3f, every line right %.3f, greedy %.3f; %.0f s",
      key.recipe, Int(key.seed), last.sampled, last.sampledChain ?? 0, last.greedy, seconds)
  }
}

/// Outcomes by recipe: mean and standard error over seeds, as Markdown.
struct ComparisonTable {
  let outcomes: [Outcome]
  let order: [String]

  var text: String {
    var lines = [
      "| recipe | seeds | sampled | every line right | greedy | greedy, every line right "
        + "| tokens to learn from | to estimate | seconds |",
      "|---|---|---|---|---|---|---|---|---|",
    ]
    for recipe in order {
      let rows = outcomes.filter { $0.key.recipe == recipe }
      guard !rows.isEmpty else { continue }
      lines.append(row(recipe, rows))
    }
    return lines.joined(separator: "\n")
  }

  private func row(_ recipe: String, _ rows: [Outcome]) -> String {
    let last = rows.compactMap(\.curve.last)
    let cells = [
      recipe, "\(rows.count)", spread(last.map(\.sampled)), spread(last.compactMap(\.sampledChain)),
      spread(last.map(\.greedy)), spread(last.compactMap(\.greedyChain)),
      thousands(rows.map { Double($0.trainingTokens) }),
      thousands(rows.map { Double($0.estimationTokens) }),
      String(format: "%.0f", mean(rows.map(\.seconds))),
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  /// Mean ± standard error of the mean over seeds.
  private func spread(_ values: [Double]) -> String {
    guard !values.isEmpty else { return "-" }
    let mean = mean(values)
    guard values.count > 1 else { return String(format: "%.3f", mean) }
    let count = Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return String(format: "%.3f ± %.3f", mean, (squares / (count - 1) / count).squareRoot())
  }

  private func thousands(_ values: [Double]) -> String {
    String(format: "%.0f k", mean(values) / 1000)
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
