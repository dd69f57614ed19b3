public import LanguageModel

/// A policy's objective, and beside it a critic's where there is one: loss = policy + c · value.
///
/// Source: PPO (Schulman and others 2017).
public struct ActorCritic: Equatable, Sendable {
  /// What the policy is moved by, its entropy included.
  public var policy: PolicyGradient
  /// What the critic is moved by; nil without one.
  public var value: ValueLoss?
  /// Weight of the value loss.
  public var coefficient: Double

  /// An objective with every field given.
  public init(policy: PolicyGradient, value: ValueLoss? = nil, coefficient: Double = 0) {
    self.policy = policy
    self.value = value
    self.coefficient = coefficient
  }

  /// The loss of scored rows and its derivatives, and the value loss before its coefficient.
  public func callAsFunction(
    _ scores: [TokenScores], rows: [GradedRow]
  ) -> (gradient: LossGradient, valueLoss: Double) {
    var gradient = policy(scores, rows: rows)
    guard let value else { return (gradient, 0) }
    let found = value(scores, rows: rows)
    gradient.loss += coefficient * found.loss
    gradient.values = found.values.map { $0.map { Float(coefficient) * $0 } }
    return (gradient, found.loss)
  }
}
