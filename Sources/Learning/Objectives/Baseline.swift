/// What a rollout's reward is compared with: A = r − baseline, the same for all its tokens.
///
/// Sources: REINFORCE (Williams 1992), RLOO (Kool and others 2019; Ahmadian and others 2024).
public enum Baseline: Equatable, Sendable {
  /// Nothing.
  case none
  /// A number.
  case constant(Double)
  /// The mean of all rewards.
  case batch
  /// The mean of the group's rewards, its own included.
  case group
  /// The mean of the others of the group; a rollout alone earns nothing.
  case leaveOneOut

  /// One advantage for each reward.
  ///
  /// - Parameters:
  ///   - rewards: The rewards of all rollouts.
  ///   - groups: The group of each rollout; any numbers, in any order.
  /// - Returns: The advantages, in the order of the rewards.
  public func callAsFunction(_ rewards: [Double], groups: [Int]) -> [Double] {
    var sums: [Int: (reward: Double, count: Double)] = [:]
    for (reward, group) in zip(rewards, groups) {
      sums[group, default: (0, 0)].reward += reward
      sums[group, default: (0, 0)].count += 1
    }
    let mean = rewards.reduce(0, +) / Double(max(1, rewards.count))
    return zip(rewards, groups).map { reward, group in
      let (sum, count) = sums[group, default: (reward, 1)]
      switch self {
      case .none: return reward
      case .constant(let number): return reward - number
      case .batch: return reward - mean
      case .group: return reward - sum / count
      case .leaveOneOut: return count > 1 ? reward - (sum - reward) / (count - 1) : 0
      }
    }
  }

  /// Advantages brought to mean 0 and divided by their deviation over the batch (n − 1) plus ε.
  public static func normalised(_ advantages: [Double], epsilon: Double = 1e-4) -> [Double] {
    guard advantages.count > 1 else { return advantages }
    let mean = advantages.reduce(0, +) / Double(advantages.count)
    let squares = advantages.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(advantages.count - 1)).squareRoot()
    return advantages.map { ($0 - mean) / (deviation + epsilon) }
  }
}
