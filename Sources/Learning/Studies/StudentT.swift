public import Trajectories

/// Student's t distribution.
public struct StudentT: Equatable, Sendable {
  /// Degrees of freedom, above 0.
  public var degrees: Double

  /// The distribution with these degrees of freedom.
  public init(degrees: Double) { self.degrees = degrees }

  /// The share below t: 1 − ½ I_x(ν/2, ½) at x = ν / (ν + t²) for t ≥ 0 (DLMF 8.17).
  public func cumulative(_ t: Double) -> Double {
    let beta = BetaPosterior(alpha: degrees / 2, beta: 0.5)
    let tail = beta.cumulative(degrees / (degrees + t * t)) / 2
    return t < 0 ? tail : 1 - tail
  }

  /// The value below which the given share lies, by bisection; within ±10⁶.
  public func quantile(_ share: Double) -> Double {
    var low = -1e6
    var high = 1e6
    // 80 halvings leave less than a double can tell.
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if cumulative(middle) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

extension Spread {
  /// The interval that holds the true mean with this probability, by Student's t with n − 1 degrees
  /// of freedom; nil below two numbers.
  ///
  /// Of differences seed by seed it is the interval of a paired comparison.
  public func interval(_ probability: Double = 0.95) -> ClosedRange<Double>? {
    guard let standardError else { return nil }
    let half = StudentT(degrees: Double(count - 1)).quantile((1 + probability) / 2) * standardError
    return mean - half...mean + half
  }
}
