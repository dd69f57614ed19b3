/// What a study says of one method on one task setting, over the seeds that are finished.
public struct StudyRow: Equatable, Sendable {
  /// Name of the task setting.
  public var task: String
  /// The method.
  public var method: StudyMethod
  /// What came of each seed, in order; failures left out.
  public var outcomes: [TrainingOutcome]
  /// Why trainings failed, a sentence each.
  public var failures: [String]
  /// What each measure's last value differs by from that of `method.against`.
  public var differences: [Measure: PairedDifference]

  /// A row with every field given.
  public init(
    task: String, method: StudyMethod, outcomes: [TrainingOutcome], failures: [String],
    differences: [Measure: PairedDifference]
  ) {
    self.task = task
    self.method = method
    self.outcomes = outcomes
    self.failures = failures
    self.differences = differences
  }
}

/// What a method differs by from another, seed by seed; only seeds that both have finished.
public struct PairedDifference: Equatable, Sendable {
  /// Mean of the differences.
  public var spread: Spread
  /// The interval that holds the true difference in 95 of 100 studies; nil below two seeds.
  public var interval: ClosedRange<Double>?

  /// A difference with every field given.
  public init(spread: Spread, interval: ClosedRange<Double>?) {
    self.spread = spread
    self.interval = interval
  }
}

extension StudyRow {
  /// The measure at the end, over seeds; of an untrained policy the error is that over problems.
  public func spread(_ measure: Measure) -> Spread? {
    let values = outcomes.compactMap { measure.end(of: $0) }
    guard !values.isEmpty else { return nil }
    var spread = Spread(values)
    if method.isUntrained, measure == .sampled {
      spread.standardError = outcomes.first?.curve.last?.sampledError
    }
    return spread
  }

  /// Mean over seeds of what the trainings had used or were like at their end.
  public func mean(_ value: (MeasuredUpdate) -> Double) -> Double {
    Spread(outcomes.compactMap(\.curve.last).map(value)).mean
  }

  /// Mean over seeds of what the answers of the last update were like; nil where nobody knows.
  public func mean(_ value: (AnswerShape) -> Double?) -> Double? {
    let known = outcomes.compactMap(\.answers).compactMap(value)
    return known.isEmpty ? nil : Spread(known).mean
  }

  /// The learning curve: at every number of updates that all seeds were measured at, tokens in all
  /// and the measure.
  ///
  /// A training that a budget ended early or late has its end in the curve only where all ended at
  /// the same update.
  public func curve(_ measure: Measure) -> [(update: Int, tokens: Double, value: Spread)] {
    let points = outcomes.flatMap(\.curve)
    return Set(points.map(\.update)).sorted().compactMap { update in
      let here = points.filter { $0.update == update }
      let values = here.compactMap { measure.value(of: $0) }
      guard here.count == outcomes.count, !values.isEmpty else { return nil }
      let tokens = Spread(here.map { Double($0.trainingTokens + $0.estimationTokens) })
      return (update, tokens.mean, Spread(values))
    }
  }
}
