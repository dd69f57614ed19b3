/// Credit of single tokens from rewards and a critic's values, backwards from the end.
///
///     δ_t = r_t + γ V_{t+1} − V_t,  A_t = δ_t + γ λ A_{t+1},  return_t = A_t + V_t
///
/// V and A after the last counted token are 0; over tokens that do not count both are carried
/// unchanged, as verl does. With λ = 1 and no values, A_t is the discounted reward still to come.
/// Source: Schulman and others 2016.
public struct GeneralizedAdvantage: Equatable, Sendable {
  /// Discount of the reward a token.
  public var gamma: Double
  /// Weight of distant tokens.
  public var lambda: Double

  /// With both numbers given.
  public init(gamma: Double = 1, lambda: Double = 1) {
    self.gamma = gamma
    self.lambda = lambda
  }

  /// Advantages and returns of one row, 0 where a token does not count.
  ///
  /// - Parameters:
  ///   - rewards: The reward of each token.
  ///   - values: The critic's value before each token; empty stands for zeros.
  ///   - counted: Indices of the tokens that count, ascending.
  /// - Returns: One entry a token.
  public func callAsFunction(
    _ rewards: [Double], values: [Double] = [], counted: [Int]
  ) -> (advantages: [Double], returns: [Double]) {
    var advantages = [Double](repeating: 0, count: rewards.count)
    var returns = advantages
    var next = (value: 0.0, advantage: 0.0)
    for token in counted.reversed() {
      let value = values.isEmpty ? 0 : values[token]
      let surprise = rewards[token] + gamma * next.value - value
      next = (value, surprise + gamma * lambda * next.advantage)
      advantages[token] = next.advantage
      returns[token] = next.advantage + value
    }
    return (advantages, returns)
  }
}
