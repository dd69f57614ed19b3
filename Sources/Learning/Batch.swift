public import LanguageModel
public import Trajectories

/// The rows of one update, in the order of the groups and of their rollouts.
///
/// Only new tokens are predicted: the prompt is context and carries no loss, and neither does what a
/// reset kept, unless the recipe asks for it.
public struct Batch: Equatable, Sendable {
  /// The groups.
  public let groups: [RolloutGroup]
  /// One row a rollout.
  public let rows: [TokenRow]

  /// The rows of an update.
  ///
  /// - Parameters:
  ///   - groups: The rollouts.
  ///   - maskPrefix: Whether what a reset kept carries no loss.
  public init(groups: [RolloutGroup], maskPrefix: Bool = true) {
    self.groups = groups
    rows = groups.flatMap { group in
      let first = group.prefix.prompt.count + (maskPrefix ? group.prefix.kept.count : 0)
      return group.trajectories.map {
        TokenRow(tokens: $0.promptTokens + $0.responseTokens, firstPredicted: first)
      }
    }
  }

  /// All answers in the order of the rows.
  public var trajectories: [Trajectory] { groups.flatMap(\.trajectories) }

  /// The number of each row's group.
  var groupNumbers: [Int] {
    groups.enumerated().flatMap { number, group in group.trajectories.map { _ in number } }
  }

  /// Predicted tokens of all rows.
  var predicted: Int { rows.reduce(0) { $0 + $1.predicted } }

  /// The first row of each group: a cheap sample that no reward has chosen.
  ///
  /// Where every rollout is a group of its own it is every eighth of them.
  public var monitors: [Int] {
    var found: [Int] = []
    var row = 0
    for group in groups {
      if !group.trajectories.isEmpty { found.append(row) }
      row += group.trajectories.count
    }
    guard found.count == rows.count else { return found }
    return found.enumerated().filter { $0.offset % 8 == 0 }.map(\.element)
  }
}
