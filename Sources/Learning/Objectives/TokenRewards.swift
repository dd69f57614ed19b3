import Foundation

/// The reward of single tokens: the answer's on the last one, less a pull towards a reference.
///
///     r_t = −β · KL_t (+ score on the last counted token)
///
/// k1 = old − reference, k3 = e^(reference − old) − (reference − old) − 1. Sources: Ziegler and
/// others 2019; TRL and verl compute the same.
public struct TokenRewards: Equatable, Sendable {
  /// Estimates of KL.
  public enum Estimate: Equatable, Sendable {
    /// Unbiased; single tokens may be negative.
    case k1
    /// Unbiased and never negative.
    case k3

    /// The estimate of one token, nats.
    public func callAsFunction(_ old: Double, reference: Double) -> Double {
      switch self {
      case .k1: old - reference
      case .k3: KullbackLeibler.k3(old, reference: reference)
      }
    }
  }

  /// Weight of the pull, per nat.
  public var coefficient: Double
  /// How KL is estimated.
  public var estimate: Estimate

  /// With both fields given.
  public init(coefficient: Double = 0, estimate: Estimate = .k1) {
    self.coefficient = coefficient
    self.estimate = estimate
  }

  /// The reward of each token of one row; 0 where it does not count.
  public func callAsFunction(score: Double, row: GradedRow) -> [Double] {
    let counted = row.countedTokens(of: row.old.count)
    var rewards = [Double](repeating: 0, count: row.old.count)
    if let reference = row.reference, coefficient != 0 {
      for token in counted {
        let pull = estimate(Double(row.old[token]), reference: Double(reference[token]))
        rewards[token] = -coefficient * pull
      }
    }
    if let last = counted.last { rewards[last] += score }
    return rewards
  }
}
