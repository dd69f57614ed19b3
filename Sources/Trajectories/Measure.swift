/// A held-out accuracy of a study.
public enum Measure: String, CaseIterable, Sendable {
  /// Share of samples with the right answer.
  case sampled
  /// Share of samples with every line right.
  case sampledChain = "sampled-chain"
  /// Share of problems answered rightly by the likeliest tokens.
  case greedy
  /// The same with every line right.
  case greedyChain = "greedy-chain"

  /// The measure after some updates; nil where it was not taken.
  public func value(of point: MeasuredUpdate) -> Double? {
    switch self {
    case .sampled: point.sampled
    case .sampledChain: point.sampledChain
    case .greedy: point.greedy
    case .greedyChain: point.greedyChain
    }
  }

  /// The measure when the training ended; nil where it was not taken.
  public func end(of outcome: TrainingOutcome) -> Double? {
    outcome.curve.last.flatMap { value(of: $0) }
  }
}
