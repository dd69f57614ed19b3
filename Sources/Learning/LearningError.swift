/// What keeps learning from going on, said so that a reader knows the remedy.
public enum LearningError: Error, Equatable, CustomStringConvertible {
  /// A loss or a gradient is not a finite number; the first parameter in which that shows.
  case notFinite(update: Int, what: String, parameter: String?)
  /// A prompt leaves no room for a response.
  case promptTooLong(problem: String, tokens: Int, contextLength: Int)
  /// The recipe asks for a pull towards the starting policy, but there is no copy of it.
  case referenceMissing
  /// The recipe asks for a critic, but the policy cannot carry one.
  case criticMissing
  /// Problem after problem gave no pair of a right and a wrong answer.
  case noPairs(problems: Int, built: Int, wanted: Int)
  /// KTO was given one example, or none, to measure its reference point on.
  case tooFewForKTO(pairs: Int)
  /// The recipe is one to sample by, not to learn by; the sentence that says why.
  case nothingToLearn(String)
  /// Saved state does not fit the policy or the recipe.
  case stateMismatch(String)

  /// The sentence a reader sees.
  public var description: String {
    switch self {
    case .notFinite(let update, let what, let parameter):
      "Update \(update): \(what) is not a finite number"
        + (parameter.map { ", first in \($0)" } ?? "")
        + "; lower optimizer.learning_rate and resume from an earlier checkpoint."
    case .promptTooLong(let problem, let tokens, let context):
      "The prompt of problem \(problem) has \(tokens) tokens and the policy's context is "
        + "\(context); shorten the problem or take a policy with a longer context."
    case .referenceMissing:
      "objective.kl_coefficient is above 0, but no copy of the starting policy was loaded; "
        + "load one or set the coefficient to 0."
    case .criticMissing:
      "This method needs a critic, but the policy cannot carry a value head; take grpo, rloo or "
        + "reinforce-plus-plus, or a policy whose weights are here."
    case .noPairs(let problems, let built, let wanted):
      "\(problems) problems in a row gave no right answer beside a wrong one "
        + "(\(built) of \(wanted) pairs built); take easier problems or more "
        + "objective.rollouts_per_problem."
    case .tooFewForKTO(let pairs):
      "KTO has \(pairs) \(pairs == 1 ? "pair" : "pairs") to learn from, but measures its reference "
        + "point on continuations after a prefix that is not theirs, and so needs at least two; "
        + "raise objective.pairs, or take objective.form \"apo-zero\", which has no such point."
    case .nothingToLearn(let why): why
    case .stateMismatch(let what):
      "The saved state does not fit: \(what)."
    }
  }
}
