/// How progress is measured.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct EvaluationChoice: Equatable, Sendable {
  public var every = 15
  public var problems = 250
  public var samples = 1
  public var seed: UInt64 = 999

  /// The defaults.
  public init() {}
}

extension EvaluationChoice {
  static let keys: [RecipeKey] = [
    .whole(
      "evaluation.every", \.evaluation.every, 0...1_000_000, "updates",
      "Updates between evaluations; 0 evaluates at the start and the end only."),
    .whole(
      "evaluation.problems", \.evaluation.problems, 1...100_000, "problems", "Held-out problems."),
    .whole(
      "evaluation.samples", \.evaluation.samples, 1...1024, "samples",
      "Samples of each problem at the run's temperature."),
    .natural("evaluation.seed", \.evaluation.seed, "Seed of the held-out problems."),
  ]
}

/// What is kept.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct RecordChoice: Equatable, Sendable {
  public var checkpointEvery = 15
  public var keepCheckpoints = 0
  public var copyModel = CopyChoice.small
  public var trajectories = 32
  public var rollouts = RolloutKeeping.all

  /// The defaults.
  public init() {}
}

extension RecordChoice {
  static let keys: [RecipeKey] = [
    .whole(
      "record.checkpoint_every", \.record.checkpointEvery, 0...1_000_000, "updates",
      "Updates between checkpoints; 0 keeps the first and the last only."),
    .whole(
      "record.keep_checkpoints", \.record.keepCheckpoints, 0...1_000_000, "checkpoints",
      "Newest checkpoints kept beside the first; 0 keeps all."),
    .word(
      "record.copy_model", \.record.copyModel,
      "Whether the run keeps a copy of the model it began with."),
    .whole(
      "record.trajectories", \.record.trajectories, 0...1_000_000, "trajectories",
      "Trajectories of each update that are written down; 0 writes none."),
    .word(
      "record.rollouts", \.record.rollouts, "Which of the rollouts behind a value are written down."
    ),
  ]
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
