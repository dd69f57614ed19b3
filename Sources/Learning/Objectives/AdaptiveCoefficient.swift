/// Moves the weight of the pull towards a reference so that KL stays near a target.
///
///     e = clip(KL / target − 1, −0.2, 0.2),  β ← β · (1 + e · rollouts / horizon)
///
/// Source: Ziegler and others 2019; verl's controller is the same, KL in nats a token.
public struct AdaptiveCoefficient: Equatable, Sendable {
  /// KL to keep to.
  public var target: Double
  /// Rollouts over which the coefficient follows.
  public var horizon: Int

  /// With both numbers given.
  public init(target: Double, horizon: Int) {
    self.target = target
    self.horizon = horizon
  }

  /// The coefficient after rollouts whose KL was measured.
  public func callAsFunction(_ coefficient: Double, measured: Double, rollouts: Int) -> Double {
    let error = min(max(measured / target - 1, -0.2), 0.2)
    return coefficient * (1 + error * Double(rollouts) / Double(horizon))
  }
}
