public import LanguageModel
public import Trajectories

/// One training of a comparison: a loop driven to the end of its budget and measured on the way.
///
/// Online the recipe's updates end it, or the first update at or past the tokens or seconds it may
/// use, where such a limit is given; the schedule of the learning rate stays the recipe's. Offline
/// the tokens say how many pairs are built, in place of the recipe's number, and the updates stay.
public struct Comparison {
  /// The loop, at its start.
  public let loop: TrainingLoop
  /// What it may use.
  public let budget: TrainingBudget

  /// A training that may use this much.
  public init(of loop: TrainingLoop, budget: TrainingBudget = TrainingBudget()) {
    self.loop = loop
    self.budget = budget
    if isOffline { loop.pairTokens = budget.tokens }
  }

  private var isOffline: Bool { loop.state.pairs != nil }

  /// Trains and measures.
  ///
  /// - Parameters:
  ///   - start: Held-out accuracy of the starting policy, where it is known already.
  ///   - report: Hears how far it is and may stop it.
  /// - Returns: What came of it; nil where the report asked to stop. A training that cannot go on
  ///   says so in `failure`.
  public func callAsFunction(
    from start: EvaluationResult? = nil, report: (LoopProgress) -> Disposition
  ) -> TrainingOutcome? {
    var outcome = TrainingOutcome()
    var seconds = 0.0
    func listen(_ said: LoopReport) -> Disposition {
      guard case .progress(let progress) = said else { return .goOn }
      return report(progress)
    }
    func measure(_ known: EvaluationResult?) -> Bool {
      guard let result = known ?? loop.evaluate(report: listen) else { return false }
      outcome.curve.append(
        MeasuredUpdate(
          result, trainingTokens: loop.state.trainingTokens,
          estimationTokens: loop.state.estimationTokens, seconds: seconds))
      return true
    }
    guard measure(start) else { return nil }
    do {
      while !isSpent(seconds) {
        guard let metrics = try loop.update(report: listen) else { return nil }
        seconds += metrics.seconds
        outcome.answers = AnswerShape(metrics)
        guard !isDue(seconds) || measure(nil) else { return nil }
      }
    } catch { outcome.failure = "\(error)" }
    return outcome
  }

  /// The tokens that count.
  private var tokens: Int {
    loop.state.trainingTokens + (budget.countsEstimation ? loop.state.estimationTokens : 0)
  }

  private func isSpent(_ seconds: Double) -> Bool {
    if let most = budget.seconds, seconds >= most { return true }
    if isOffline { return loop.isFinished }
    if let most = budget.tokens { return tokens >= most }
    return loop.isFinished && budget.seconds == nil
  }

  private func isDue(_ seconds: Double) -> Bool {
    let every = loop.recipe.evaluation.every
    return isSpent(seconds) || (every > 0 && loop.state.update % every == 0)
  }
}
