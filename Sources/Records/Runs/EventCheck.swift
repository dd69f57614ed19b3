import Trajectories

/// Looks for what cannot be true of a noun that was read; the first fault is told.
///
/// A record may come from anybody. What is used as an index, a length or a count is checked here, once,
/// so that nothing behind it need ask again. What belongs together with other events, such as a value
/// with its answer's steps, is checked where events are folded; what belongs to a policy, such as the
/// size of its vocabulary, where they meet.
struct EventCheck {
  /// What is wrong; nil where nothing is.
  private(set) var fault: String?

  /// Largest number of updates, tokens, rollouts or anything else that is counted in one event: sums of
  /// tens of millions of them stay within 64 bits.
  static let mostCounted = 100_000_000_000
  /// Largest number of a step, a token or an update.
  static let mostNumbered = 1_000_000_000

  mutating func require(_ isTrue: Bool, _ sentence: @autoclosure () -> String) {
    if fault == nil, !isTrue { fault = sentence() }
  }

  /// A number of things, or the number of one.
  mutating func count(_ value: Int, _ name: @autoclosure () -> String, from least: Int = 0) {
    require((least...EventCheck.mostCounted).contains(value), "\(name()) is \(value)")
  }

  /// A place in a list.
  mutating func place(_ value: Int, _ name: @autoclosure () -> String) {
    require((0...EventCheck.mostNumbered).contains(value), "\(name()) is \(value)")
  }

  /// A number that is reckoned with.
  mutating func number(
    _ value: Double, _ name: @autoclosure () -> String,
    within range: ClosedRange<Double> = -1e9...1e9
  ) {
    require(range.contains(value), "\(name()) is \(value)")
  }

  mutating func seconds(_ value: Double?) {
    if let value { number(value, "seconds", within: 0...1e12) }
  }

  mutating func tokens(_ list: [Int32], _ name: String) {
    guard let place = list.firstIndex(where: { $0 < 0 }) else { return }
    require(false, "\(name)[\(place)] is \(list[place])")
  }

  /// Steps that follow each other without a gap from the first token on, to the last where their
  /// number is at hand.
  mutating func steps(_ steps: [Step], of tokens: Int? = nil) {
    var expected = 0
    for (place, step) in steps.enumerated() {
      require(step.start == expected, "step \(place + 1) starts at \(step.start), not \(expected)")
      require(step.end > step.start, "step \(place + 1) ends at \(step.end)")
      require(
        step.end <= tokens ?? EventCheck.mostNumbered,
        "step \(place + 1) ends at \(step.end), after the last of \(tokens ?? 0) tokens")
      guard fault == nil else { return }
      expected = step.end
    }
    if let tokens {
      require(expected == tokens, "the steps end at \(expected) of \(tokens) tokens")
    }
  }

  /// First tokens of steps, in order.
  mutating func starts(_ starts: [Int]) {
    require(starts.first ?? 0 == 0, "starts[0] is \(starts[0])")
    require(starts.last ?? 0 <= EventCheck.mostNumbered, "starts ends at \(starts.last ?? 0)")
    for (place, pair) in zip(starts, starts.dropFirst()).enumerated() where pair.1 <= pair.0 {
      require(false, "starts[\(place + 1)] is \(pair.1), after \(pair.0)")
    }
  }

  mutating func name(_ text: String, _ name: String) {
    require(!text.isEmpty, "\(name) is empty")
    require(text.utf8.count <= 4096, "\(name) has \(text.utf8.count) bytes")
  }

  mutating func interval(_ low: Double, _ high: Double, of name: String = "") {
    number(low, name + "low")
    number(high, name + "high")
  }
}

extension RunEvent {
  /// What cannot be true of it; nil where nothing is found.
  var fault: String? {
    var check = EventCheck()
    switch self {
    case .started(let it): check.look(at: it)
    case .sampled(let it): check.look(at: it)
    case .valued(let it): check.look(at: it)
    case .measured(let it): check.look(at: it)
    case .compared(let it): check.look(at: it)
    case .proposed(let it): check.look(at: it)
    case .marked(let it):
      check.name(it.trajectory, "trajectory")
      check.place(it.step, "step")
    case .recut(let it): check.look(at: it)
    case .labelled(let it): check.look(at: it)
    case .followed(let marks, let update):
      check.count(marks, "marks")
      check.place(update, "update")
    case .updated(let it): check.look(at: it)
    case .evaluated(let it): check.look(at: it)
    case .checkpointed(let update, _), .resumed(let update), .rolledBack(let update):
      check.place(update, "update")
    case .changed(let it): check.look(at: it)
    case .edited(let it):
      check.place(it.update, "update")
      check.name(it.key, "key")
    case .undone, .redone, .finished, .stopped, .failed, .warned, .unknown, .damaged: break
    }
    return check.fault
  }
}

// The nouns, each with what is used of it.

extension EventCheck {
  fileprivate mutating func look(at start: RunStart) {
    count(start.parameters, "parameters")
    if let problem = start.recipe.problems().first {
      require(false, "the recipe does not fit: " + (problem.split(separator: ";").first ?? ""))
    }
  }

  fileprivate mutating func look(at answer: Trajectory) {
    name(answer.id, "id")
    number(answer.problem.guessChance, "guessChance", within: 0...1)
    tokens(answer.promptTokens, "promptTokens")
    tokens(answer.responseTokens, "responseTokens")
    let (drawn, known) = (answer.responseTokens.count, answer.logProbabilities.count)
    require(known == 0 || known == drawn, "\(known) logProbabilities stand beside \(drawn) tokens")
    // A little above 0 is rounding.
    if let place = answer.logProbabilities.firstIndex(where: { !($0 <= 0.01) }) {
      require(false, "logProbabilities[\(place)] is \(answer.logProbabilities[place])")
    }
    steps(answer.steps, of: drawn)
    number(answer.reward, "reward", within: 0...1)
    place(answer.policyVersion, "policyVersion")
    seconds(answer.seconds)
    guard let fork = answer.forkedFrom else { return }
    name(fork.trajectory, "forkedFrom.trajectory")
    require(fork.trajectory != answer.id, "it is forked from itself")
    place(fork.step, "forkedFrom.step")
    require((0...drawn).contains(fork.keptTokens), "forkedFrom.keptTokens is \(fork.keptTokens)")
  }

  fileprivate mutating func look(at valuation: Valuation) {
    name(valuation.trajectory, "trajectory")
    place(valuation.policyVersion, "policyVersion")
    require(!valuation.values.isEmpty, "it has no values")
    for (place, value) in valuation.values.enumerated() {
      require(value.boundary == place, "values[\(place)] is of boundary \(value.boundary)")
      look(at: value, "values[\(place)].")
      if fault != nil { return }
    }
    count(valuation.tokens, "tokens")
    seconds(valuation.seconds)
    for (place, anchor) in (valuation.anchors ?? []).enumerated() {
      count(anchor.kept, "anchors[\(place)].kept")
      count(anchor.changed, "anchors[\(place)].changed")
      number(anchor.keptMean, "anchors[\(place)].keptMean")
      number(anchor.changedMean, "anchors[\(place)].changedMean")
      if let nats = anchor.divergence { number(nats, "anchors[\(place)].divergence") }
    }
    if let cost = valuation.cost { look(at: cost) }
  }

  private mutating func look(at value: StepValue, _ owner: String) {
    count(value.boundary, owner + "boundary")
    count(value.rollouts, owner + "rollouts")
    count(value.truncated, owner + "truncated")
    number(value.rewardSum, owner + "rewardSum", within: -1e12...1e12)
    number(value.mean, owner + "mean")
    interval(value.low, value.high, of: owner)
  }

  private mutating func look(at cost: Cost) {
    count(cost.rollouts, "cost.rollouts")
    count(cost.tokens, "cost.tokens")
    seconds(cost.seconds)
  }

  private mutating func look(at effect: FreshEffect, _ owner: String) {
    place(effect.step, owner + "step")
    look(at: effect.before, owner + "before.")
    look(at: effect.after, owner + "after.")
    number(effect.advantage, owner + "advantage")
    interval(effect.low, effect.high, of: owner)
  }

  private mutating func range(_ start: Int, _ end: Int) {
    place(start, "start")
    place(end, "end")
    require(start <= end, "it starts at \(start) and ends at \(end)")
  }

  fileprivate mutating func look(at measurement: StepMeasurement) {
    name(measurement.trajectory, "trajectory")
    place(measurement.policyVersion, "policyVersion")
    range(measurement.start, measurement.end)
    look(at: measurement.effect, "effect.")
    look(at: measurement.cost)
  }

  fileprivate mutating func look(at comparison: StepComparison) {
    name(comparison.trajectory, "trajectory")
    place(comparison.step, "step")
    range(comparison.start, comparison.end)
    place(comparison.firstVersion, "firstVersion")
    place(comparison.secondVersion, "secondVersion")
    look(at: comparison.first, "first.")
    look(at: comparison.second, "second.")
    look(at: comparison.cost)
  }

  fileprivate mutating func look(at choice: CriticalStep) {
    name(choice.trajectory, "trajectory")
    place(choice.policyVersion, "policyVersion")
    if let step = choice.step { place(step, "step") }
    place(choice.leader, "leader")
    number(choice.advantage, "advantage")
    interval(choice.low, choice.high)
    number(choice.confidence, "confidence")
    count(choice.rollouts, "rollouts")
    if let fresh = choice.fresh { look(at: fresh, "fresh.") }
    for (number, candidate) in (choice.candidates ?? []).enumerated() {
      place(candidate.step, "candidates[\(number)].step")
      if let probability = candidate.probability {
        self.number(probability, "candidates[\(number)].probability")
      }
    }
    if let update = choice.storedAt { place(update, "storedAt") }
  }

  fileprivate mutating func look(at cut: StepCut) {
    name(cut.trajectory, "trajectory")
    place(cut.token, "token")
    starts(cut.starts)
    require(!cut.steps.isEmpty, "it leaves no steps")
    steps(cut.steps)
  }

  fileprivate mutating func look(at label: StepLabel) {
    name(label.trajectory, "trajectory")
    name(label.person, "person")
    if let step = label.step { place(step, "step") }
    starts(label.starts)
    seconds(label.seconds)
    for (place, rating) in label.ratings.enumerated() {
      require((-1...1).contains(rating ?? 0), "ratings[\(place)] is \(rating ?? 0)")
    }
  }

  fileprivate mutating func look(at metrics: Metrics) {
    place(metrics.update, "update")
    count(metrics.bufferSize, "bufferSize")
    count(metrics.bufferMarked, "bufferMarked")
    // These are totals since the start; nobody adds them up.
    count(metrics.trainingTokens, "trainingTokens")
    count(metrics.estimationTokens, "estimationTokens")
  }

  fileprivate mutating func look(at result: EvaluationResult) {
    place(result.policyVersion, "policyVersion")
    count(result.problems, "problems")
    count(result.samples, "samples")
  }

  fileprivate mutating func look(at change: RecipeChange) {
    place(change.update, "update")
    place(change.before, "before")
    place(change.value, "value")
  }
}
