/// Credit of a rollout against the others of its group: A = (r − mean) / (deviation + ε).
///
/// The mean is always the group's. Deviations are unbiased (n − 1). Sources: GRPO (Shao and others
/// 2024); TRL adds 1e-4, verl 1e-6.
public struct GroupAdvantage: Equatable, Sendable {
  /// What differences from the mean are divided by.
  public enum Scale: Equatable, Sendable {
    /// Nothing.
    case none
    /// The deviation of the group's rewards, and a little more.
    case group(epsilon: Double = 1e-4)
    /// The deviation of all rewards, and a little more.
    case batch(epsilon: Double = 1e-4)
  }

  /// What a rollout without others is credited with.
  public enum Alone: Equatable, Sendable {
    /// Nothing: there is nothing to compare it with.
    case nothing
    /// Its own reward, divided by 1 + ε (verl).
    case reward
  }

  /// What differences from the mean are divided by.
  public var scale = Scale.group()
  /// What a rollout without others is credited with.
  public var alone = Alone.nothing

  /// TRL's default.
  public init(scale: Scale = .group(), alone: Alone = .nothing) {
    self.scale = scale
    self.alone = alone
  }

  /// One advantage for each reward.
  ///
  /// - Parameters:
  ///   - rewards: The rewards of all rollouts.
  ///   - groups: The group of each rollout; any numbers, in any order.
  /// - Returns: The advantages, in the order of the rewards.
  public func callAsFunction(_ rewards: [Double], groups: [Int]) -> [Double] {
    precondition(rewards.count == groups.count, "each reward needs its group")
    var members: [Int: [Double]] = [:]
    for (reward, group) in zip(rewards, groups) { members[group, default: []].append(reward) }
    let all = Self.deviation(rewards)
    return zip(rewards, groups).map { reward, group in
      let others = members[group] ?? []
      guard others.count > 1 else { return alone(reward) }
      let mean = others.reduce(0, +) / Double(others.count)
      switch scale {
      case .none: return reward - mean
      case .group(let epsilon): return (reward - mean) / (Self.deviation(others) + epsilon)
      case .batch(let epsilon): return (reward - mean) / (all + epsilon)
      }
    }
  }

  private func alone(_ reward: Double) -> Double {
    switch (alone, scale) {
    case (.nothing, _): 0
    case (.reward, .none): reward
    case (.reward, .group(let epsilon)), (.reward, .batch(let epsilon)): reward / (1 + epsilon)
    }
  }

  private static func deviation(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }
}
