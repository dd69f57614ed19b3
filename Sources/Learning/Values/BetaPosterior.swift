import Foundation
public import Tensors

/// What is known of a success rate after some rollouts: Beta(1 + s, 1 + f).
///
/// The prior is uniform; s is the sum of the rewards and f the rest, so a reward between 0 and 1
/// counts in part on both sides.
public struct BetaPosterior: Equatable, Sendable {
  /// 1 + the sum of the rewards.
  public var alpha: Double
  /// 1 + what the rewards lack to the number of rollouts.
  public var beta: Double

  /// The posterior after `rollouts` rollouts whose rewards add up to `rewardSum`.
  public init(rewardSum: Double, rollouts: Int) {
    alpha = 1 + rewardSum
    beta = 1 + max(0, Double(rollouts) - rewardSum)
  }

  /// A Beta distribution with both shapes given, each above 0.
  public init(alpha: Double, beta: Double) {
    self.alpha = alpha
    self.beta = beta
  }

  /// Its mean, α / (α + β).
  public var mean: Double { alpha / (alpha + beta) }

  /// Its variance, αβ / ((α + β)² (α + β + 1)).
  public var variance: Double {
    let sum = alpha + beta
    return alpha * beta / (sum * sum * (sum + 1))
  }

  /// The interval that holds the value with this probability, equal tails on both sides.
  public func interval(_ probability: Double = 0.95) -> (low: Double, high: Double) {
    let tail = (1 - probability) / 2
    return (quantile(tail), quantile(1 - tail))
  }

  /// The value below which the given share of the distribution lies, by bisection.
  public func quantile(_ share: Double) -> Double {
    var low = 0.0
    var high = 1.0
    // 40 halvings leave less than 1e-12.
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if cumulative(middle) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The share of the distribution below `x`: the regularised incomplete beta function I_x(α, β).
  ///
  /// Continued fraction of DLMF 8.17.22, evaluated by Lentz's method on the side where it
  /// converges quickly.
  public func cumulative(_ x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let front = exp(
      lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta) + alpha * log(x) + beta * log1p(-x))
    if x < (alpha + 1) / (alpha + beta + 2) {
      return front * BetaPosterior.fraction(alpha, beta, x) / alpha
    }
    return 1 - front * BetaPosterior.fraction(beta, alpha, 1 - x) / beta
  }

  private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    func guarded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / guarded(1 - (a + b) * x / (a + 1))
    var result = d
    for m in 1...300 {
      let k = Double(m)
      let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
      d = 1 / guarded(1 + even * d)
      c = guarded(1 + even / c)
      result *= d * c
      let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
      d = 1 / guarded(1 + odd * d)
      c = guarded(1 + odd / c)
      result *= d * c
      if abs(d * c - 1) < 1e-14 { break }
    }
    return result
  }

  /// A draw from the distribution: X / (X + Y) of two gamma draws.
  public func draw(_ random: inout Random) -> Double {
    let x = BetaPosterior.gamma(alpha, &random)
    let y = BetaPosterior.gamma(beta, &random)
    return x / (x + y)
  }

  /// Marsaglia and Tsang 2000; shapes below 1 are raised by 1 and scaled back.
  private static func gamma(_ shape: Double, _ random: inout Random) -> Double {
    guard shape >= 1 else {
      return gamma(shape + 1, &random) * pow(positive(&random), 1 / shape)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let normal = (-2 * log(positive(&random))).squareRoot() * cos(2 * .pi * positive(&random))
      let v = (1 + c * normal) * (1 + c * normal) * (1 + c * normal)
      guard v > 0 else { continue }
      if log(positive(&random)) < 0.5 * normal * normal + d - d * v + d * log(v) { return d * v }
    }
  }

  /// A uniform draw in 0 ..< 1 that is never 0, 53 bits fine.
  private static func positive(_ random: inout Random) -> Double {
    (Double(random.next() >> 11) + 0.5) * 0x1p-53
  }
}
