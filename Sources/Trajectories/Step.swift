/// One move of the reasoning: a range of response tokens and its text.
public struct Step: Codable, Equatable, Sendable {
  /// Index of the first token, within the response.
  public var start: Int
  /// Index after the last token, within the response.
  public var end: Int
  /// The step as text.
  public var text: String
  /// What the task says of it; nil where the task cannot tell.
  public var verdict: StepVerdict?
  /// A word from the task, such as “is 23 in truth”; empty where there is none.
  public var note: String

  /// A step with every field given.
  public init(
    start: Int, end: Int, text: String, verdict: StepVerdict? = nil, note: String = ""
  ) {
    self.start = start
    self.end = end
    self.text = text
    self.verdict = verdict
    self.note = note
  }

  /// The token range within the response.
  public var tokens: Range<Int> { start..<end }
}

/// What a task can say of a single step.
public enum StepVerdict: String, Codable, Equatable, Sendable {
  /// The step follows from what stands before it, and so does all before it.
  case right
  /// The step itself is an error.
  case wrong
  /// The step is sound but inherits an earlier error.
  case inherited
}

extension Step {
  /// Cuts a response at newlines into ranges that cover it exactly.
  ///
  /// A step ends after a token whose text contains a newline. A piece shorter than `minimum` is
  /// merged with what follows; what is left after `maximum - 1` steps is the last step. This is the
  /// paper's rule (newlines, merged; its code uses at least 30 tokens and at most 30 steps).
  ///
  /// - Parameters:
  ///   - pieces: The text of each response token, in order.
  ///   - minimum: Fewest tokens of a step; at least 1.
  ///   - maximum: Most steps; at least 1.
  /// - Returns: Ranges of token indices, in order, without gaps; empty for an empty response.
  public static func cut(pieces: [String], minimum: Int, maximum: Int) -> [Range<Int>] {
    var choice = StepChoice()
    choice.minimumTokens = minimum
    choice.maximum = maximum
    return cut(pieces: pieces, as: choice)
  }
}
