/// How the answers to a problem of a file are judged.
public struct AnswerGrading: Codable, Equatable, Sendable {
  /// What counts as the same answer.
  public var rule: GradingRule
  /// The choices of a multiple choice, in the order of their letters; empty for anything else.
  public var options: [String]
  /// What the rule must know beside the reference, as the file holds it in JSON; empty for nothing.
  public var facts: String

  /// A grading with every field given.
  public init(_ rule: GradingRule, options: [String] = [], facts: String = "") {
    self.rule = rule
    self.options = options
    self.facts = facts
  }
}

/// What counts as the same answer.
public enum GradingRule: String, Codable, CaseIterable, Equatable, Sendable {
  /// The same in mathematics, however it is written; a reference that is a letter of a choice, words
  /// or brackets is judged as such. A problem without a grading is judged so too.
  case mathematics
  /// The letter of a choice, or the text of that choice.
  case choice
  /// The same words, whatever the case.
  case words
  /// The same signs in the same order, white space aside.
  case signs
  /// The score that reasoning-gym's own verifier of the task gives, 0…1.
  case reasoningGym = "reasoning-gym"
}
