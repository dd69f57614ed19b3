/// How progress is measured.
public struct EvaluationChoice: Codable, Equatable, Sendable {
  /// Updates between evaluations; 0 evaluates at the start and the end only.
  public var every = 15
  /// Held-out problems.
  public var problems = 250
  /// Samples of each problem at the run's temperature.
  public var samples = 1
  /// Seed of the held-out problems.
  public var seed: UInt64 = 999

  /// The defaults.
  public init() {}
}

/// What is kept.
public struct RecordChoice: Codable, Equatable, Sendable {
  /// Updates between checkpoints; 0 keeps the first and the last only.
  public var checkpointEvery = 15
  /// Newest checkpoints kept beside the first; 0 keeps all.
  public var keepCheckpoints = 0
  /// Whether the run keeps a copy of the model it began with.
  public var copyModel = CopyChoice.small
  /// Trajectories of each update that are written down; 0 writes none.
  public var trajectories = 32
  /// Which of the rollouts behind a value are written down.
  public var rollouts = RolloutKeeping.all

  /// The defaults.
  public init() {}
}

/// Whether a run keeps a copy of the model it began with.
public enum CopyChoice: String, Codable, CaseIterable, Equatable, Sendable {
  /// A copy, so that the run may be taken elsewhere by itself.
  case always
  /// A copy where it has at most 16 million weights.
  case small
  /// Its place alone, and a fingerprint that tells whether it changed.
  case never
}
