/// Where rollouts for learning start.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct ResetChoice: Equatable, Sendable {
  public var start = ResetStart.critical
  public var share = 0.5
  public var buffer = 64
  public var newPerUpdate = 4
  public var maskPrefix = true
  public var priority = ResetPriority.uniform
  public var replaceFailed = false

  /// The defaults.
  public init() {}
}

extension ResetChoice {
  static let keys: [RecipeKey] = [
    .word("resets.start", \.resets.start, "Where a reset group starts."),
    .number(
      "resets.share", \.resets.share, 0...1, "share", "Share of groups that start at a reset.",
      read: .resetting),
    .whole(
      "resets.buffer", \.resets.buffer, 1...65536, "states",
      "Critical states kept; the oldest leaves first.", read: .resetting),
    .whole(
      "resets.new_per_update", \.resets.newPerUpdate, 0...1024, "trajectories",
      "Right answers valued and stored at each update.", read: .online),
    .flag(
      "resets.mask_prefix", \.resets.maskPrefix, "Whether the kept tokens carry no loss.",
      read: .online),
    .word("resets.priority", \.resets.priority, "How a stored state is drawn.", read: .resetting),
    .flag(
      "resets.replace_failed", \.resets.replaceFailed,
      "Whether a failed answer is replaced by the best rollout from the step the rule chooses.",
      read: .online),
  ]
}

/// Where a reset group starts.
public enum ResetStart: String, Codable, CaseIterable, Equatable, Sendable {
  /// Nowhere: every group starts at the prompt.
  case none
  /// At the critical step (GPO).
  case critical
  /// At a random step of the same trajectories, without valuing them: the control.
  case random
  /// At a random step above the floor of the trajectories that `critical` would store, valued with
  /// as many rollouts: the control at the same cost and with the same selection.
  case randomValued = "random-valued"
  /// At the prompt of the problems that were solved: the control that only replays them.
  case replay
}

/// How a state of the buffer is drawn.
public enum ResetPriority: String, Codable, CaseIterable, Equatable, Sendable {
  /// Each with the same chance.
  case uniform
  /// In proportion to |A| of its step; a state without an estimate counts as the mean of the others.
  case advantage
}

extension Recipe {
  /// What does not fit about resets.
  var resetContradictions: [String] {
    guard resets.start != .none, resets.share > 0, resets.newPerUpdate == 0 else { return [] }
    return [
      "resets.new_per_update is 0, so there is nothing to reset to; "
        + "raise it or set resets.start to \"none\"."
    ]
  }
}

extension RecipeKey.Reading {
  fileprivate static let resetting = RecipeKey.Reading(
    "by methods that learn online, where resets.start is not none"
  ) { !$0.objective.method.isOffline && $0.resets.start != .none }
}
