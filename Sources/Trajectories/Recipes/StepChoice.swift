/// How responses are cut.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct StepChoice: Equatable, Sendable {
  public var minimumTokens = 1
  public var maximum = 30
  public var splitter = Splitter.newline
  public var probability = 0.9
  public var every = 5

  /// The defaults.
  public init() {}
}

extension StepChoice {
  static let keys: [RecipeKey] = [
    .whole(
      "steps.minimum_tokens", \.steps.minimumTokens, 1...4096, "tokens",
      "Fewest tokens of a step; shorter pieces are merged with what follows."),
    .whole("steps.maximum", \.steps.maximum, 1...1000, "steps", "Most steps."),
    .word("steps.splitter", \.steps.splitter, "Where a response may be cut."),
    .number(
      "steps.probability", \.steps.probability, 0.01...1, "probability",
      "A token counts as a choice below this probability.", read: .cutByProbability),
    .whole(
      "steps.every", \.steps.every, 1...4096, "tokens", "Every n-th such choice begins a step.",
      read: .cutByProbability),
  ]
}

extension RecipeKey.Reading {
  fileprivate static let cutByProbability = RecipeKey.Reading(
    "where steps.splitter is low-probability"
  ) { $0.steps.splitter == .lowProbability }
}
