/// How the values of a trajectory's boundaries are found out.
public enum Estimator: String, Codable, CaseIterable, Equatable, Sendable {
  /// The same number of rollouts at every boundary.
  case uniform
  /// Successive halving: the better half of the steps goes on with twice the rollouts.
  case halving
  /// Rollouts go beside the two leading steps until one is clear.
  case topTwo = "top-two"
  /// Uniform rounds until the leading step is clear.
  case confidence
  /// Halves the trajectory and follows the larger change.
  case binary
  /// Rollouts only beside the steps whose tokens were least certain; the rollouts decide.
  case entropy
  /// Enumerates what the policy may write (chains alone).
  case exact
  /// What the policy's own critic says; no rollouts.
  case valueHead = "value-head"

  /// What must hold for its word to be right; nil where nothing special must.
  public var caution: String? {
    switch self {
    case .binary: "assumes monotone values"
    case .entropy: "only uncertain steps were valued"
    case .valueHead: "a critic's word, no rollouts"
    default: nil
    }
  }

  /// Whether every boundary gets as many rollouts, all asked for at once.
  public var isUniform: Bool { self == .uniform }
}

/// Where the number of a value comes from, where it is not the mean of rollouts.
public enum ValueBasis: String, Codable, Equatable, Sendable {
  /// Enumeration: the interval holds the value for certain.
  case exact
  /// A critic, which says nothing of its doubt.
  case critic
}
