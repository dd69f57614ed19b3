public import Trajectories

/// A preference and what the starting policy says of both sides.
public struct ReferencedPair: Codable, Equatable, Sendable {
  /// The two continuations.
  public var preference: Preference
  /// Log-probability of each chosen token under the starting policy.
  public var chosenReference: [Float]
  /// Log-probability of each rejected token under the starting policy.
  public var rejectedReference: [Float]

  /// A pair with every field given.
  public init(
    preference: Preference, chosenReference: [Float], rejectedReference: [Float]
  ) {
    self.preference = preference
    self.chosenReference = chosenReference
    self.rejectedReference = rejectedReference
  }
}

/// The preference pairs of an offline run, complete or on the way.
public struct PairStore: Codable, Equatable, Sendable {
  /// The pairs.
  public var pairs: [ReferencedPair] = []
  /// Problems that were asked so far.
  public var problems = 0
  /// Problems in a row that gave no pair.
  public var barren = 0
  /// Trajectories written down so far.
  public var recorded = 0
  /// Sum of the rewards of the answers from the prompt.
  public var promptRewards = 0.0
  /// Answers from the prompt.
  public var promptRollouts = 0
  /// Sum of the rewards of the rollouts that pairs from a step were made of.
  public var resetRewards = 0.0
  /// Rollouts that pairs from a step were made of.
  public var resetRollouts = 0
  /// Answers from the prompt whose every step is right; nil where nobody can tell.
  public var chainsRight: Int?
  /// Answers from the prompt that the length limit ended.
  public var truncated = 0

  /// A store without pairs.
  public init() {}
}
