import Foundation
import Learning
import Records
import Trajectories

/// What a benchmark came to, as text or JSON.
struct EvaluatedSet: Encodable {
  private let name: String
  private let kind: BenchmarkKind
  private let oddRows: Int
  private let temperature: Double
  private let samples: Int
  private let seconds: Double
  private let results: [BenchmarkResult]

  init(
    _ set: BenchmarkSet, _ report: BenchmarkReport, temperature: Double, samples: Int,
    seconds: Double
  ) {
    (name, kind, oddRows) = (set.name, set.kind, set.oddRows.count)
    (self.temperature, self.samples, self.seconds) = (temperature, samples, seconds)
    results = report.results
  }

  func json() throws -> String { try jsonLine(self) }

  /// A head line, then a line for each budget and way to answer.
  var text: String {
    let count = results.first?.problems ?? 0
    let left = oddRows == 0 ? "" : ", \(oddRows) rows left out"
    let head =
      "\(name) (\(kind.rawValue)): \(count) problems\(left), "
      + String(format: "%.0f s", seconds)
    let lines = results.flatMap { result in
      [result.greedy.map { line("greedy", result.limit, $0) }]
        + [result.sampled.map { line(drawn, result.limit, $0) }]
    }
    return ([head] + lines.compactMap { $0 }).joined(separator: "\n")
  }

  private var drawn: String { String(format: "%d drawn at %g", samples, temperature) }

  private func line(_ way: String, _ limit: Int, _ score: BenchmarkScore) -> String {
    let right = score.right
    var parts = [
      "  \(limit) tokens, \(way): "
        + String(format: "right %.3f [%.3f %.3f]", right.mean, right.low, right.high)
        + " (\(right.successes) of \(right.trials))"
    ]
    if abs(score.mean - right.mean) > 1e-9 { parts.append(String(format: "mean %.3f", score.mean)) }
    for k in score.pass.keys.sorted() where way != "greedy" {
      parts.append(
        String(format: "pass@%d %.3f ± %.3f", k, score.pass[k] ?? 0, score.passError[k] ?? 0))
    }
    parts.append(String(format: "cut %.3f, %.0f tokens", score.truncated, score.tokens))
    return parts.joined(separator: ", ")
  }
}
