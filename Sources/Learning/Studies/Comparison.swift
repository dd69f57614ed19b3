public import LanguageModel
import Tensors
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
  ///   - progress: Hears how far it is.
  /// - Returns: What came of it. A training that cannot go on says so in `failure`.
  /// - Throws: `Stopped`.
  public func callAsFunction(
    from start: EvaluationResult? = nil, progress: WorkProgress<LoopProgress> = .unheard
  ) throws(Stopped) -> TrainingOutcome {
    var outcome = TrainingOutcome()
    var seconds = 0.0
    func measure(_ known: EvaluationResult? = nil) throws(Stopped) {
      let result = if let known { known } else { try loop.evaluate(progress) }
      outcome.curve.append(
        MeasuredUpdate(
          result, trainingTokens: loop.state.trainingTokens,
          estimationTokens: loop.state.estimationTokens, seconds: seconds))
    }
    try measure(start)
    do {
      while !isSpent(seconds) {
        let metrics = try loop.update(progress: progress)
        seconds += metrics.seconds
        outcome.answers = AnswerShape(metrics)
        if isDue(seconds) { try measure() }
      }
    } catch let stopped as Stopped {
      throw stopped
    } catch {
      outcome.failure = "\(error)"
    }
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

extension Study {
  /// What is known so far, task by task, in the study's order.
  ///
  /// - Parameter known: The outcome of a training; nil while it is not finished.
  /// - Returns: A row for each method of a task setting that has an outcome.
  public func rows(known: (StudyCell) -> TrainingOutcome?) -> [StudyRow] {
    tasks.indices.flatMap { task in
      methods.indices.compactMap { row(of: $0, on: task, known: known) }
    }
  }

  private func row(
    of method: Int, on task: Int, known: (StudyCell) -> TrainingOutcome?
  ) -> StudyRow? {
    let all = seeds.compactMap { known(StudyCell(method: method, task: task, seed: $0)) }
    guard !all.isEmpty else { return nil }
    let sound = all.filter { $0.failure == nil }
    let name = methods[method].against
    let other = methods.firstIndex { $0.name == name }
    return StudyRow(
      task: tasks[task], method: methods[method],
      // An untrained policy is measured once, whatever the seeds.
      outcomes: methods[method].isUntrained ? Array(sound.prefix(1)) : sound,
      failures: all.compactMap(\.failure),
      differences: other.map { differences(of: method, from: $0, on: task, known: known) } ?? [:])
  }

  private func differences(
    of method: Int, from other: Int, on task: Int, known: (StudyCell) -> TrainingOutcome?
  ) -> [Measure: PairedDifference] {
    let pairs = seeds.compactMap { seed -> (TrainingOutcome, TrainingOutcome)? in
      guard let one = known(StudyCell(method: method, task: task, seed: seed)),
        let two = known(StudyCell(method: other, task: task, seed: seed)), one.failure == nil,
        two.failure == nil
      else { return nil }
      return (one, two)
    }
    let isMeasuredOnce = methods[method].isUntrained && methods[other].isUntrained
    var differences: [Measure: PairedDifference] = [:]
    for measure in Measure.allCases {
      let values = pairs.compactMap { one, two -> Double? in
        guard let mine = measure.end(of: one), let others = measure.end(of: two) else { return nil }
        return mine - others
      }
      guard !values.isEmpty else { continue }
      let spread = Spread(isMeasuredOnce ? Array(values.prefix(1)) : values)
      differences[measure] = PairedDifference(spread: spread, interval: spread.interval())
    }
    return differences
  }
}

/// Which trajectories people are asked about.
public enum StudySelection {
  /// Draws trajectories for a user study, each of another problem as far as there are so many.
  ///
  /// - Parameters:
  ///   - count: How many are wanted.
  ///   - candidates: Trajectories that may be asked about.
  ///   - seed: The same seed draws the same ones in the same order.
  /// - Returns: Their ids; fewer where there are not so many.
  public static func draw(_ count: Int, of candidates: [Trajectory], seed: UInt64) -> [String] {
    draw(count, of: candidates.map { ($0.id, $0.problem.prompt) }, seed: seed)
  }

  /// Draws some answers of which only names and problems are known, as above.
  public static func draw(
    _ count: Int, of candidates: [(id: String, prompt: String)], seed: UInt64
  ) -> [String] {
    var random = Random(seed: seed)
    var order = Array(candidates.indices)
    for place in order.indices.dropLast() {
      order.swapAt(place, place + random.below(order.count - place))
    }
    var prompts: Set<String> = []
    let (fresh, again) = order.reduce(into: ([Int](), [Int]())) { lists, index in
      if prompts.insert(candidates[index].prompt).inserted {
        lists.0.append(index)
      } else {
        lists.1.append(index)
      }
    }
    return (fresh + again).prefix(max(0, count)).map { candidates[$0].id }
  }
}
