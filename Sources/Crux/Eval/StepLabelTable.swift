import Foundation
import Learning
import Records
import Trajectories

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
  private let leftOut: LeftOut
  private let score: StepLabelScore?
  private let f1: Double?

  /// Solutions that were not scored, by what they lack.
  struct LeftOut: Encodable {
    /// Nobody says their right answer.
    var unanswered = 0
    /// They do not fit into the policy's context.
    var tooLong = 0
    /// The labels do not name them.
    var unlabelled = 0

    var text: String {
      let parts = [
        (unanswered, "without a right answer (--gold names a file with them)"),
        (tooLong, "too long for the policy"), (unlabelled, "without a label to score"),
      ]
      return parts.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
    }
  }

  init(_ set: StepLabelSet, score: StepLabelScore?, finder: String?, leftOut: LeftOut) {
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

  func json() throws -> String { try jsonLine(self) }

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
    let head = "  \(finder ?? ""): \(counted) solutions scored\(leftOut.text)"
    guard counted > 0 else { return [head] }
    var lines = [head]
    if score.wrong.trials > 0 {
      lines += [
        share("first error named", score.wrong) + String(format: ", chance %.3f", score.chance),
        share("at most one step off", score.near),
        share("no error found in them", score.overlooked),
      ]
    }
    if score.right.trials > 0 { lines.append(share("right solutions held for right", score.right)) }
    let one = score.wrong.trials > 0 ? "no right solution is" : "no solution with an error is"
    return lines + ["  F1 " + (f1.map { String(format: "%.3f", $0) } ?? "-, \(one) among them")]
  }

  private func share(_ what: String, _ share: Proportion) -> String {
    "  \(what) "
      + String(format: "%.3f [%.3f %.3f]", share.mean, share.low, share.high)
      + " (\(share.successes) of \(share.trials))"
  }
}
