/// A rollout as a run's record keeps it: what was written after a boundary, and what it earned.
public struct RolloutRecord: Equatable, Sendable {
  /// What was written, the end token included where one was drawn.
  public var tokens: [Int32]
  /// Natural logarithm of the probability each token was drawn at; as many as tokens.
  public var logProbabilities: [Float]
  /// The judge's number for the whole response, 0…1.
  public var reward: Double
  /// Whether the length limit ended it.
  public var truncated: Bool
  /// Seed of the stream of random numbers that drew it.
  public var seed: UInt64

  /// A rollout with every field given.
  public init(
    tokens: [Int32], logProbabilities: [Float], reward: Double, truncated: Bool, seed: UInt64
  ) {
    self.tokens = tokens
    self.logProbabilities = logProbabilities
    self.reward = reward
    self.truncated = truncated
    self.seed = seed
  }
}

/// Rollouts that were drawn from one boundary, in the order of their seeds: the evidence for its
/// value.
public struct BoundaryRollouts: Equatable, Sendable {
  /// The step that starts there, as the answer was cut then.
  public var boundary: Int
  /// The response token that the boundary stands before; it stays where steps are cut otherwise.
  public var start: Int
  /// Number of the first of them among all that were drawn there.
  public var first: Int
  /// The rollouts.
  public var rollouts: [RolloutRecord]

  /// Rollouts with every field given.
  public init(boundary: Int, start: Int, first: Int, rollouts: [RolloutRecord]) {
    self.boundary = boundary
    self.start = start
    self.first = first
    self.rollouts = rollouts
  }
}

/// Which of the rollouts behind a value a run's record keeps.
public enum RolloutKeeping: String, Codable, CaseIterable, Equatable, Sendable {
  /// Every one.
  case all
  /// The first four by seed from each boundary.
  case sample
  /// None: the numbers alone.
  case none

  /// How many of each boundary are kept at most.
  public var most: Int {
    switch self {
    case .all: Int.max
    case .sample: 4
    case .none: 0
    }
  }
}
