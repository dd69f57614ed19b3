public import Trajectories

/// What a study says: each method on each task setting over the seeds that are finished.
public struct StudySummary: Sendable {
  /// A row a method of a task setting that has an outcome; task by task, in the study's order.
  public let rows: [Row]

  /// One method on one task setting.
  public struct Row: Sendable {
    /// Name of the task setting.
    public var task: String
    /// The method.
    public var method: StudyMethod
    /// What came of each seed, in order; failures left out.
    public var outcomes: [TrainingOutcome]
    /// Why trainings failed, a sentence each.
    public var failures: [String]
    /// What each measure's last value differs by from that of `against`, seed by seed; only seeds
    /// that both have finished.
    public var differences: [Measure: Spread]
  }

  /// The part of a study whose outcomes are known.
  ///
  /// - Parameters:
  ///   - study: The study.
  ///   - known: The outcome of a method's number, a task setting's number and a seed.
  public init(_ study: Study, known: (Int, Int, UInt64) -> TrainingOutcome?) {
    var rows: [Row] = []
    for task in study.tasks.indices {
      for (number, method) in study.methods.enumerated() {
        let all = study.seeds.compactMap { known(number, task, $0) }
        guard !all.isEmpty else { continue }
        // An untrained policy is measured once, whatever the seeds.
        let sound = all.filter { $0.failure == nil }
        var row = Row(
          task: study.tasks[task], method: method,
          outcomes: method.isUntrained ? Array(sound.prefix(1)) : sound,
          failures: all.compactMap(\.failure), differences: [:])
        if let other = study.methods.firstIndex(where: { $0.name == method.against }) {
          let isMeasuredOnce = method.isUntrained && study.methods[other].isUntrained
          for measure in Measure.allCases {
            let pairs = study.seeds.compactMap { seed -> Double? in
              guard let one = known(number, task, seed), let two = known(other, task, seed),
                one.failure == nil, two.failure == nil, let mine = measure.end(of: one),
                let others = measure.end(of: two)
              else { return nil }
              return mine - others
            }
            guard !pairs.isEmpty else { continue }
            row.differences[measure] = Spread(isMeasuredOnce ? Array(pairs.prefix(1)) : pairs)
          }
        }
        rows.append(row)
      }
    }
    self.rows = rows
  }
}

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

  fileprivate func end(of outcome: TrainingOutcome) -> Double? {
    outcome.curve.last.flatMap { value(of: $0) }
  }
}

extension StudySummary.Row {
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
