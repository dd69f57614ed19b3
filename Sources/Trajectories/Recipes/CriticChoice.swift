/// How the credit of single tokens is made, and how the critic learns: PPO, and what it shares.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct CriticChoice: Equatable, Sendable {
  public var learningRate = 1e-3
  public var coefficient = 0.1
  public var clip = 0.2
  public var gamma = 1.0
  public var lambda = 0.95
  public var whiten = true

  /// The defaults.
  public init() {}
}

extension CriticChoice {
  static let keys: [RecipeKey] = [
    .number(
      "critic.learning_rate", \.critic.learningRate, 0...1, "a step",
      "Largest learning rate of the value head; the schedule is the optimizer's.", read: .withCritic
    ),
    .number(
      "critic.coefficient", \.critic.coefficient, 0...100, "factor",
      "Weight of the value loss beside the policy's.", read: .withCritic),
    .number(
      "critic.clip", \.critic.clip, 0...100, "value",
      "A value may move this far from the old one before its loss is clipped; 0 does not clip.",
      read: .withCritic),
    .number(
      "critic.gamma", \.critic.gamma, 0...1, "a token", "Discount of the reward a token.",
      read: .by(.ppo, .reinforce, .reinforcePlusPlus)),
    .number(
      "critic.lambda", \.critic.lambda, 0...1, "a token",
      "Weight of distant tokens in the generalized advantage: 0 trusts the critic, 1 the rewards.",
      read: .by(.ppo)),
    .flag(
      "critic.whiten", \.critic.whiten,
      "Whether token advantages are brought to mean 0 and deviation 1 over the batch.",
      read: .by(.ppo, .reinforcePlusPlus, .rloo, .reinforce)),
  ]
}

extension RecipeKey.Reading {
  fileprivate static let withCritic = RecipeKey.Reading(
    "by ppo, and by reinforce where objective.baseline is critic, unless objective.credit is steps"
  ) { $0.objective.hasCritic }
}
