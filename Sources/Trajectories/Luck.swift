/// A right answer that guessing may explain: what “lucky” means everywhere in Crux.
///
/// Where the task tells whether steps are right, that decides: a right answer with a wrong step is
/// lucky, one without is not. Where it cannot tell, an answer is lucky whose value before the leading
/// step, from which it rises, is below the chance of guessing plus the recipe's floor.
public struct Luck: Equatable, Sendable {
  /// What makes the answer lucky.
  public enum Reason: Equatable, Sendable {
    /// A step that the task calls wrong, counted from 0.
    case wrongStep(Int)
    /// The value before a step, and the least value that is more than guessing.
    case hardlyAboveGuessing(step: Int, value: StepValue, least: Double)
  }

  /// What makes the answer lucky.
  public let reason: Reason

  /// The luck of an answer; nil where it is wrong, or right by more than guessing.
  ///
  /// - Parameters:
  ///   - trajectory: The answer; right from a reward of ½ on.
  ///   - valuation: Its values; nil where there are none.
  ///   - choice: What the rule made of them.
  ///   - floor: The recipe's floor above the chance of guessing.
  public init?(
    _ trajectory: Trajectory, valuation: Valuation?, choice: CriticalStep?, floor: Double
  ) {
    guard trajectory.reward >= 0.5, !trajectory.problem.isAgreement else { return nil }
    if let isSound = trajectory.chainCorrect {
      guard !isSound else { return nil }
      let wrong = trajectory.steps.firstIndex { $0.verdict == .wrong || $0.verdict == .inherited }
      reason = .wrongStep(wrong ?? max(0, trajectory.steps.count - 1))
      return
    }
    guard let choice, choice.advantage > 0, let values = valuation?.values,
      values.indices.contains(choice.leader), values[choice.leader].isKnown
    else { return nil }
    let value = values[choice.leader]
    let least = trajectory.problem.guessChance + floor
    guard value.mean < least else { return nil }
    reason = .hardlyAboveGuessing(step: choice.leader, value: value, least: least)
  }
}
