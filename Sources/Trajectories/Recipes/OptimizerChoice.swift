/// How the weights move: AdamW.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct OptimizerChoice: Equatable, Sendable {
  public var learningRate = 2e-4
  public var beta1 = 0.9
  public var beta2 = 0.95
  public var epsilon = 1e-8
  public var weightDecay = 0.0
  public var clipNorm = 1.0
  public var warmUp = 10
  public var schedule = Schedule.constant
  public var finalShare = 0.1
  public var microBatchTokens = 0
  public var gradients = Precision.f32

  /// The defaults.
  public init() {}
}

extension OptimizerChoice {
  static let keys: [RecipeKey] = [
    .number(
      "optimizer.learning_rate", \.optimizer.learningRate, 0...1, "a step",
      "Largest learning rate.", standards: Method.offline(1e-4, with: [.ppo: 1e-4])),
    .number(
      "optimizer.beta1", \.optimizer.beta1, 0...0.9999, "a step", "Decay of the first moment."),
    .number(
      "optimizer.beta2", \.optimizer.beta2, 0...0.99999, "a step", "Decay of the second moment.",
      standards: Method.offline(0.999)),
    .number(
      "optimizer.epsilon", \.optimizer.epsilon, 1e-16...1, "gradient",
      "Added to the root of the second moment, so that the division stays finite."),
    .number(
      "optimizer.weight_decay", \.optimizer.weightDecay, 0...10, "a step",
      "Decoupled decay of matrices a step, times the learning rate."),
    .number(
      "optimizer.clip_norm", \.optimizer.clipNorm, 0...1e9, "gradient",
      "Largest global gradient norm; 0 does not clip."),
    .whole(
      "optimizer.warm_up", \.optimizer.warmUp, 0...1_000_000, "updates",
      "Updates of linear warm-up."),
    .word(
      "optimizer.schedule", \.optimizer.schedule, "What follows the warm-up.",
      standards: Method.offline(.linear)),
    .number(
      "optimizer.final_share", \.optimizer.finalShare, 0...1, "share",
      "Learning rate at the end, as a share of the largest.", read: .decaying),
    .whole(
      "optimizer.micro_batch_tokens", \.optimizer.microBatchTokens, 0...1_000_000, "tokens",
      "Most tokens that are differentiated at once; 0 takes as many as fit in memory."),
    .word(
      "optimizer.gradients", \.optimizer.gradients,
      "How the factors of the backward pass are kept; scores and weights are 32-bit floats always."),
  ]
}

/// What follows the warm-up.
public enum Schedule: String, Codable, CaseIterable, Equatable, Sendable {
  /// Stays.
  case constant
  /// Falls along a straight line.
  case linear
  /// Falls along half a cosine.
  case cosine
}

extension RecipeKey.Reading {
  fileprivate static let decaying = RecipeKey.Reading(
    "where optimizer.schedule is linear or cosine"
  ) { $0.optimizer.schedule != .constant }
}
