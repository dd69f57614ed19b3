public import Trajectories

/// What is known of the steps of a trajectory beside their values.
public struct StepHints: Equatable, Sendable {
  /// Mean entropy of the distributions each step's tokens were drawn from, nats; empty where nobody
  /// scored them.
  public var entropies: [Double] = []
  /// How often the policy named each step when it was asked; empty where it was not asked.
  public var votes: [Int] = []
  /// Tokens the policy wrote when it was asked.
  public var tokens = 0

  /// Nothing.
  public init() {}
}

/// A value that does not come from rollouts: enumerated, with bounds that hold it for certain, or a
/// critic's.
public struct KnownValue: Equatable, Sendable {
  /// Best guess, 0…1.
  public var mean: Double
  /// It is not less.
  public var low: Double
  /// It is not more.
  public var high: Double
  /// Tokens that were scored.
  public var tokens: Int
  /// Where it comes from.
  public var basis: ValueBasis

  /// A value with every field given.
  public init(
    mean: Double, low: Double, high: Double, tokens: Int, basis: ValueBasis = .exact
  ) {
    self.mean = mean
    self.low = low
    self.high = high
    self.tokens = tokens
    self.basis = basis
  }

  /// A Beta distribution with this mean whose standard deviation is a quarter of the interval.
  ///
  /// A critic's word weighs as much as two rollouts: it says nothing of its doubt.
  var posterior: BetaPosterior {
    let centre = min(1 - 1e-6, max(1e-6, mean))
    if basis == .critic { return BetaPosterior(alpha: 1 + 2 * centre, beta: 3 - 2 * centre) }
    let deviation = max(1e-4, (high - low) / 4)
    let weight = max(2, centre * (1 - centre) / (deviation * deviation) - 1)
    return BetaPosterior(alpha: centre * weight, beta: (1 - centre) * weight)
  }
}
