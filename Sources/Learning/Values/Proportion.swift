/// A share of successes with its interval.
public struct Proportion: Codable, Equatable, Sendable {
  /// Successes.
  public let successes: Int
  /// Trials.
  public let trials: Int
  /// Successes over trials; 0 where there are no trials.
  public let mean: Double
  /// Lower end of Wilson's 95 % interval.
  public let low: Double
  /// Upper end.
  public let high: Double

  /// A share with Wilson's score interval (Wilson 1927), which never leaves 0…1.
  ///
  /// Without trials the interval is 0…1.
  public init(_ successes: Int, of trials: Int) {
    self.successes = successes
    self.trials = trials
    guard trials > 0 else {
      (mean, low, high) = (0, 0, 1)
      return
    }
    let (n, z) = (Double(trials), 1.959963984540054)
    mean = Double(successes) / n
    let centre = (mean + z * z / (2 * n)) / (1 + z * z / n)
    let spread = mean * (1 - mean) / n + z * z / (4 * n * n)
    let half = z / (1 + z * z / n) * spread.squareRoot()
    low = successes == 0 ? 0 : max(0, centre - half)
    high = successes == trials ? 1 : min(1, centre + half)
  }
}

/// The chance that at least one of k answers is right.
public enum PassAtK {
  /// The unbiased estimate from n answers of which c are right: 1 − C(n−c, k) / C(n, k).
  ///
  /// Chen et al. 2021, arXiv 2107.03374, equation 1.
  ///
  /// - Parameters:
  ///   - k: Answers that may be given, 1…n.
  ///   - right: Right answers among those drawn.
  ///   - drawn: Answers drawn.
  /// - Returns: The estimate; nil where fewer than k answers were drawn.
  public static func estimate(_ k: Int, right: Int, of drawn: Int) -> Double? {
    guard k >= 1, k <= drawn, right >= 0, right <= drawn else { return nil }
    guard drawn - right >= k else { return 1 }
    return 1 - ((drawn - right + 1)..<(drawn + 1)).reduce(1.0) { $0 * (1 - Double(k) / Double($1)) }
  }
}
