/// A person's word on the critical step of one trajectory.
public struct Mark: Codable, Equatable, Sendable {
  /// The trajectory that was judged.
  public var trajectory: String
  /// The step that was judged.
  public var step: Int
  /// What the person said.
  public var kind: MarkKind

  /// A mark with every field given.
  public init(trajectory: String, step: Int, kind: MarkKind) {
    self.trajectory = trajectory
    self.step = step
    self.kind = kind
  }
}

/// What a person can say of a step.
public enum MarkKind: String, Codable, Equatable, Sendable {
  /// Chosen by the person: overrides the rule.
  case marked
  /// The rule's proposal, confirmed.
  case confirmed
  /// The rule's proposal, rejected: the trajectory is not reset.
  case rejected
  /// An earlier word is taken back.
  case cleared
}
