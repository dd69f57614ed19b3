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
