import Foundation
import Grading
import LanguageModel
public import Trajectories

/// A rollout as text, from some boundary on.
public struct TextRollout: Equatable, Sendable {
  /// What was written after the boundary.
  public var text: String
  /// The judge's number for the whole response, 0…1.
  public var reward: Double
  /// What it ends on.
  public var answer: String

  /// A rollout; where no answer is given it is read off the text.
  public init(text: String, reward: Double, answer: String? = nil) {
    self.text = text
    self.reward = reward
    self.answer = answer ?? ExtractedAnswer(of: text).shown
  }
}

extension StepAnchor {
  /// The scores of every step from the rollouts before each.
  ///
  /// A rollout keeps a step if it begins with the very text of it; Thought Anchors compares
  /// meanings, so more of its rollouts count as keeping.
  ///
  /// - Parameters:
  ///   - steps: The text of each step.
  ///   - rollouts: The rollouts from before each step.
  ///   - answer: What the answer itself ends on.
  /// - Returns: One for each step.
  public static func all(
    steps: [String], rollouts: [[TextRollout]], answer: String
  ) -> [StepAnchor] {
    steps.indices.map { step in
      let isLast = step + 1 == steps.count
      let here = rollouts[step]
      let keeps = here.filter {
        isLast ? $0.text == steps[step] : $0.text.hasPrefix(steps[step])
      }
      let kept = keeps + (isLast ? [] : rollouts[step + 1])
      let changed = here.filter { rollout in
        isLast ? rollout.text != steps[step] : !rollout.text.hasPrefix(steps[step])
      }
      // The end is certain: as many draws of the answer itself as there are before it.
      let after =
        isLast ? here.map { _ in answer } : rollouts[step + 1].map(\.answer)
      return StepAnchor(
        kept: kept.count, keptMean: mean(kept), changed: changed.count,
        changedMean: mean(changed), divergence: divergence(after, from: here.map(\.answer)))
    }
  }

  private static func mean(_ rollouts: [TextRollout]) -> Double {
    rollouts.reduce(0) { $0 + $1.reward } / Double(max(1, rollouts.count))
  }

  /// Σ p ln(p / q) over all answers seen, one added to every count of both sides.
  static func divergence(_ after: [String], from before: [String]) -> Double? {
    guard !after.isEmpty, !before.isEmpty else { return nil }
    let p = Dictionary(after.map { ($0, 1.0) }, uniquingKeysWith: +)
    let q = Dictionary(before.map { ($0, 1.0) }, uniquingKeysWith: +)
    let answers = Set(p.keys).union(q.keys).sorted()
    let (all, others) = (
      Double(after.count + answers.count), Double(before.count + answers.count)
    )
    return answers.reduce(0) { sum, answer in
      let (here, there) = ((p[answer, default: 0] + 1) / all, (q[answer, default: 0] + 1) / others)
      return sum + here * log(here / there)
    }
  }
}
