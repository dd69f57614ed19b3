public import LanguageModel

/// The critic's loss: half the squared distance of a value to its return, a token mean.
///
/// With a clip ε the value counts as if it had moved by at most ε from the old one, where that is
/// the larger loss: ½ max((v − R)², (clip(v, old − ε, old + ε) − R)²). Source: PPO's public code;
/// TRL and verl compute the same.
public struct ValueLoss: Equatable, Sendable {
  /// A value may move this far from the old one; nil does not clip.
  public var clip: Double?
  /// Counted tokens of the whole batch, where it is differentiated in parts.
  public var tokens: Int?

  /// A loss with every field given.
  public init(clip: Double? = nil, tokens: Int? = nil) {
    self.clip = clip
    self.tokens = tokens
  }

  /// The loss of scored rows and its derivative by every value.
  public func callAsFunction(
    _ scores: [TokenScores], rows: [GradedRow]
  ) -> (loss: Double, values: [[Float]]) {
    let counted = zip(scores, rows).map { $1.countedTokens(of: $0.values.count) }
    let share = 1 / Double(max(1, tokens ?? counted.reduce(0) { $0 + $1.count }))
    var loss = 0.0
    let slopes = rows.indices.map { index in
      var slopes = [Float](repeating: 0, count: scores[index].values.count)
      for token in counted[index] {
        let row = rows[index]
        let found = term(
          Double(scores[index].values[token]), old: Double(row.oldValues[token]),
          wanted: row.returns[token])
        loss += share * found.loss
        slopes[token] = Float(share * found.slope)
      }
      return slopes
    }
    return (loss, slopes)
  }

  private func term(
    _ value: Double, old: Double, wanted: Double
  ) -> (loss: Double, slope: Double) {
    let free = value - wanted
    guard let clip else { return (free * free / 2, free) }
    let clipped = min(max(value, old - clip), old + clip) - wanted
    // Where the clipped loss is the larger one, the value has left the range and is held there.
    return clipped * clipped > free * free
      ? (clipped * clipped / 2, 0) : (free * free / 2, free)
  }
}

/// How much of what followed a critic had foreseen: 1 − Var(G − V) / Var(G).
///
/// 1 is all, 0 is no more than a mean, below 0 is worse than that.
public enum ExplainedVariance {
  /// The share explained; nil where the gains do not differ.
  public static func of(_ gains: [Double], by values: [Double]) -> Double? {
    let total = variance(gains)
    guard total > 1e-12 else { return nil }
    return 1 - variance(zip(gains, values).map { $0 - $1 }) / total
  }

  private static func variance(_ numbers: [Double]) -> Double {
    guard !numbers.isEmpty else { return 0 }
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    return numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
  }
}
