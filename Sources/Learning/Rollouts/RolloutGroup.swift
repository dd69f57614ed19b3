import LanguageModel
public import Trajectories

/// Rollouts from one state, compared with each other.
public struct RolloutGroup: Equatable, Sendable {
  /// The state they started from.
  public var prefix: Prefix
  /// The answers, the kept prefix included.
  public var trajectories: [Trajectory]

  /// A group with every field given.
  public init(prefix: Prefix, trajectories: [Trajectory]) {
    self.prefix = prefix
    self.trajectories = trajectories
  }

  /// Whether the group started at a reset, not at the prompt.
  public var isReset: Bool { prefix.fork != nil }

  /// Rewards of the answers.
  public var rewards: [Double] { trajectories.map(\.reward) }

  /// New tokens drawn.
  public var newTokens: Int {
    trajectories.reduce(0) { $0 + $1.responseTokens.count } - prefix.kept.count * trajectories.count
  }
}
