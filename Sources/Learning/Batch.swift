public import LanguageModel
public import Trajectories

/// The rows of one update, in the order of the groups and of their rollouts.
///
/// Only new tokens are predicted: the prompt and what a reset kept are context and carry no loss.
public struct Batch: Equatable, Sendable {
  /// The groups.
  public let groups: [RolloutGroup]
  /// One row a rollout.
  public let rows: [TokenRow]
  /// One advantage a rollout: its reward against its group.
  public let advantages: [Double]

  /// The rows and group advantages of an update.
  public init(groups: [RolloutGroup], scaleRewards: Bool) {
    self.groups = groups
    rows = groups.flatMap { group in
      let first = group.prefix.prompt.count + group.prefix.kept.count
      return group.trajectories.map {
        TokenRow(tokens: $0.promptTokens + $0.responseTokens, firstPredicted: first)
      }
    }
    let credit = GroupAdvantage(scale: scaleRewards ? .group() : .none)
    advantages = groups.flatMap { credit($0.rewards, groups: $0.rewards.map { _ in 0 }) }
  }

  /// All answers in the order of the rows.
  public var trajectories: [Trajectory] { groups.flatMap(\.trajectories) }

  /// Rows that can move the weights: those of groups whose rewards differ.
  public var telling: [Int] { rows.indices.filter { advantages[$0] != 0 } }

  /// The first row of each group: a cheap sample that no reward has chosen.
  public var monitors: [Int] {
    var found: [Int] = []
    var row = 0
    for group in groups {
      if !group.trajectories.isEmpty { found.append(row) }
      row += group.trajectories.count
    }
    return found
  }
}
