import Foundation

/// A pull towards a reference policy: an estimate of KL(policy ‖ reference) of each token, with its
/// coefficient per nat.
///
/// With d = reference − logprob: k1 = −d, k2 = d²/2, k3 = eᵈ − d − 1 (Schulman 2020).
public enum KullbackLeibler: Equatable, Sendable {
  /// No pull.
  case none
  /// k1: unbiased, and its gradient carries no pull on average.
  case k1(Double)
  /// k2: biased low, its gradient is that of the KL on the policy's own samples.
  case k2(Double)
  /// k3: unbiased and never negative.
  case k3(Double)
  /// The value of k3 with the gradient of k2.
  case k3WithGradientOfK2(Double)
  /// k3 times the clipped ratio's ρ, the gradient through ρ included (TRL's default).
  case k3TimesRatio(Double)

  /// The penalty of one token, its derivative by the log-probability where ρ is held still, and by
  /// the log-ratio.
  func value(
    _ log: Double, reference: Double, logRatio: Double
  ) -> (loss: Double, byLog: Double, byLogRatio: Double) {
    let d = reference - log
    switch self {
    case .none: return (0, 0, 0)
    case .k1(let weight): return (-weight * d, weight, 0)
    case .k2(let weight): return (weight * d * d / 2, -weight * d, 0)
    case .k3(let weight): return (weight * Self.k3(d), weight * (1 - exp(d)), 0)
    case .k3WithGradientOfK2(let weight): return (weight * Self.k3(d), -weight * d, 0)
    case .k3TimesRatio(let coefficient):
      let weight = coefficient * exp(logRatio)
      return (weight * Self.k3(d), weight * (1 - exp(d)), weight * Self.k3(d))
    }
  }

  /// k3 of one token, nats.
  static func k3(_ log: Double, reference: Double) -> Double { k3(reference - log) }

  // expm1 keeps the digits where both policies almost agree.
  private static func k3(_ d: Double) -> Double { expm1(d) - d }
}
