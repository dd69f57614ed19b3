import Foundation
import Learning
import Records

/// Labelled solutions in numbers, and a finder's score on them.
struct StepLabelTable: Encodable {
  private let name: String
  private let kind: StepLabelKind
  private let solutions: Int
  private let withError: Int
  private let oddRows: Int
  private let meanSteps: Double
  /// First errors by their step, from 0.
  private let histogram: [Int: Int]
  private let finder: String?
  private let leftOut: Int
  private let score: StepLabelScore?
  private let f1: Double?

  init(_ set: StepLabelSet, score: StepLabelScore?, finder: String?, leftOut: Int) {
    (name, kind) = (set.name, set.kind)
    (self.score, self.finder, self.leftOut) = (score, finder, leftOut)
    f1 = score?.f1
    solutions = set.solutions.count
    oddRows = set.oddRows.count
    let errors = set.solutions.compactMap(\.firstError)
    withError = errors.count
    meanSteps =
      Double(set.solutions.reduce(0) { $0 + $1.steps.count }) / Double(max(1, solutions))
    histogram = errors.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    let left = oddRows == 0 ? "" : ", \(oddRows) rows left out"
    let head =
      "\(name) (\(kind.rawValue)): \(solutions) solutions, \(withError) with an error"
      + String(format: ", %.1f steps each", meanSteps) + left
    return ([head] + (score.map(lines) ?? bars)).joined(separator: "\n")
  }

  /// Where the first errors are, from step 1.
  private var bars: [String] {
    let most = max(1, histogram.values.max() ?? 1)
    return histogram.sorted { $0.key < $1.key }.map { step, count in
      String(format: "  step %3d %5d ", step + 1, count)
        + String(repeating: "#", count: max(1, count * 40 / most))
    }
  }

  private func lines(_ score: StepLabelScore) -> [String] {
    let counted = score.wrong.trials + score.right.trials
    let unknown = leftOut == 0 ? "" : ", \(leftOut) left out: no right answer, no label or no room"
    return [
      "  \(finder ?? ""): \(counted) solutions scored\(unknown)",
      share("first error named", score.wrong) + String(format: ", chance %.3f", score.chance),
      share("at most one step off", score.near), share("no error found in them", score.overlooked),
      share("right solutions held for right", score.right),
      "  F1 " + (f1.map { String(format: "%.3f", $0) } ?? "-, one kind of solution is missing"),
    ]
  }

  private func share(_ what: String, _ share: Proportion) -> String {
    "  \(what) "
      + String(format: "%.3f [%.3f %.3f]", share.mean, share.low, share.high)
      + " (\(share.successes) of \(share.trials))"
  }
}
