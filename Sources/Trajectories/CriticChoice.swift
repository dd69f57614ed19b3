/// How the credit of single tokens is made, and how the critic learns: PPO, and what it shares.
public struct CriticChoice: Codable, Equatable, Sendable {
  /// Largest learning rate of the value head; the schedule is the optimiser's.
  public var learningRate = 1e-3
  /// Weight of the value loss beside the policy's.
  public var coefficient = 0.1
  /// A value may move this far from the old one before its loss is clipped; 0 does not clip.
  public var clip = 0.2
  /// Discount of the reward a token.
  public var gamma = 1.0
  /// Weight of distant tokens in the generalised advantage: 0 trusts the critic, 1 the rewards.
  public var lambda = 0.95
  /// Whether token advantages are brought to mean 0 and deviation 1 over the batch.
  public var whiten = true

  /// The defaults.
  public init() {}

  /// Every number with its range and unit.
  var settings: [Setting] {
    [
      Setting(key: "critic.learning_rate", value: learningRate, range: 0...1, unit: "a step"),
      Setting(key: "critic.coefficient", value: coefficient, range: 0...100, unit: "factor"),
      Setting(key: "critic.clip", value: clip, range: 0...100, unit: "value"),
      Setting(key: "critic.gamma", value: gamma, range: 0...1, unit: "a token"),
      Setting(key: "critic.lambda", value: lambda, range: 0...1, unit: "a token"),
    ]
  }
}
