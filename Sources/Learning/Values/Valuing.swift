import Grading
public import LanguageModel
import Tensors
public import Trajectories

/// How far an estimate is.
public struct ValueReport {
  /// Which of the trajectories was added to.
  public var index: Int
  /// Its values so far.
  public var values: StepValues
  /// Rollouts finished in this call.
  public var finished: Int
  /// Rollouts asked for in this call.
  public var total: Int

  /// A report with every field given.
  public init(index: Int, values: StepValues, finished: Int, total: Int) {
    self.index = index
    self.values = values
    self.finished = finished
    self.total = total
  }
}

extension WorkProgress where Report == PartsDone {
  /// The same where the parts are the rollouts of one valuing.
  var ofValues: WorkProgress<ValueReport> {
    reporting { PartsDone($0.finished, of: $0.total) }
  }
}

extension Explorer {
  /// Values every boundary as the recipe's estimator does.
  ///
  /// - Returns: The values.
  public func values(
    of trajectory: Trajectory, progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) -> StepValues {
    try search(trajectory, progress: progress)
  }

  /// Values every boundary with the same number of rollouts, all in one call of the policy.
  public func values(
    of trajectory: Trajectory, rollouts: Int,
    progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) -> StepValues {
    var all = [nothingKnown(of: trajectory, reusing: false)]
    let more = [Array(repeating: rollouts, count: trajectory.steps.count)]
    try topUp(&all, by: more, progress: progress)
    return all[0]
  }

  /// Adds rollouts to boundaries of several trajectories in one call of the policy.
  ///
  /// Boundaries of one trajectory share their ancestors, so the policy computes each prefix once.
  /// Rollout n of a boundary has the same seed however the rollouts are split over calls. Where the
  /// likeliest token is always taken (a temperature of 0) there is one rollout and no chance: no
  /// boundary gets a second one, and its value is known exactly.
  ///
  /// - Parameters:
  ///   - values: What is known; added to. What had finished by a stop is counted all the same.
  ///   - more: For each of them the number of rollouts to add at each boundary before a step.
  ///   - purpose: The purpose of the seeds.
  ///   - progress: Hears of partial values as rollouts finish.
  /// - Throws: `Stopped`.
  public func topUp(
    _ values: inout [StepValues], by more: [[Int]], purpose: SeedPurpose = .value,
    progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) {
    let places = plan(values, more.indices.map { wanted(more[$0], at: values[$0]) })
    guard !places.isEmpty else { return }
    let requests = places.map { place in
      let trajectory = values[place.index].trajectory
      let first = values[place.index].drawn(from: place.boundary)
      let seeds = (first..<first + place.count).map {
        recipe.seed(for: purpose, [version, place.boundary, $0], of: trajectory)
      }
      return request(place.prefix, seeds: seeds)
    }
    var partial = values
    var rewards = places.map { Array(repeating: 0.0, count: $0.count) }
    let all: [[Continuation]]
    do throws(Stopped) {
      all = try continuations(
        of: requests,
        progress: progress.reporting { done in
          let place = places[done.request]
          let reward = judge(place.prefix, done.continuation).reward
          rewards[done.request][done.rollout] = reward
          let judged = JudgedRollout(continuation: done.continuation, reward: reward)
          partial[place.index].add(judged, at: place.boundary)
          return ValueReport(
            index: place.index, values: partial[place.index], finished: done.finished,
            total: done.total)
        })
    } catch {
      values = partial
      throw error
    }
    // Rollouts finish in no promised order; what is kept is in the order of the seeds.
    for (request, place) in places.enumerated() {
      for (continuation, reward) in zip(all[request], rewards[request]) {
        let judged = JudgedRollout(continuation: continuation, reward: reward)
        values[place.index].add(judged, at: place.boundary)
        guard recipe.sampling.isGreedy, counts(continuation) else { continue }
        values[place.index].set(
          KnownValue(mean: reward, low: reward, high: reward, tokens: 0), at: place.boundary)
      }
    }
  }

  /// Rollouts to add, at most one where all would be the same.
  private func wanted(_ more: [Int], at values: StepValues) -> [Int] {
    guard recipe.sampling.isGreedy else { return more }
    return more.indices.map { values.drawn(from: $0) > 0 ? 0 : min(1, more[$0]) }
  }

  private func plan(_ values: [StepValues], _ more: [[Int]]) -> [ValuePlace] {
    var places: [ValuePlace] = []
    for (index, counts) in more.enumerated() {
      for (boundary, count) in counts.enumerated() where count > 0 {
        let prefix = values[index].trajectory.state(before: boundary)
        places.append(
          ValuePlace(index: index, boundary: boundary, count: count, prefix: prefix))
      }
    }
    return places
  }
}

/// One boundary that gets more rollouts.
private struct ValuePlace {
  var index: Int
  var boundary: Int
  var count: Int
  var prefix: Prefix
}

extension Explorer {
  /// Values that know nothing yet, to be added to as the recipe says; `reusing` false counts every
  /// rollout at its own boundary alone.
  public func nothingKnown(of trajectory: Trajectory, reusing: Bool = true) -> StepValues {
    StepValues(
      trajectory: trajectory, policyVersion: version, reuses: reusing && reuses,
      masksTruncated: masksTruncated)
  }

  /// Values a trajectory with one of the estimators, such as until its critical step is clear.
  ///
  /// - Parameters:
  ///   - trajectory: The answer to value.
  ///   - estimator: How; the recipe's where it is nil.
  ///   - rule: Another rule than the recipe's, where one is wanted.
  ///   - known: Rollouts that were drawn before; they count, but not against the budget.
  ///   - progress: `finished` counts the rollouts of the whole search, `total` is its budget.
  /// - Returns: The values.
  /// - Throws: `Stopped`.
  public func search(
    _ trajectory: Trajectory, by estimator: Estimator? = nil, rule: Rule? = nil,
    from known: StepValues? = nil, progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) -> StepValues {
    var all = [known ?? nothingKnown(of: trajectory)]
    try search(&all, by: estimator, rule: rule, progress: progress)
    return all[0]
  }

  /// Values several trajectories, each round of all searches in one call of the policy.
  ///
  /// A trajectory's rollouts do not depend on which others are searched.
  ///
  /// - Parameters:
  ///   - all: What is known; added to, also by what had finished when it was stopped.
  ///   - estimator: How; the recipe's where it is nil.
  ///   - rule: Another rule than the recipe's, where one is wanted.
  ///   - progress: `finished` counts the rollouts of all searches, `total` is their budget.
  /// - Throws: `Stopped`.
  public func search(
    _ all: inout [StepValues], by estimator: Estimator? = nil, rule: Rule? = nil,
    progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) {
    let estimator = estimator ?? recipe.values.estimator
    for index in all.indices {
      all[index].estimator = estimator
      addHints(to: &all[index], estimator: estimator, rule: rule)
    }
    if estimator == .exact { return try enumerate(&all, progress: progress) }
    if estimator == .valueHead { return askCritic(&all) }
    if recipe.sampling.isGreedy {
      let once = all.map { Array(repeating: 1, count: $0.steps) }
      return try topUp(&all, by: once, progress: progress)
    }
    let before = all.map(\.spent)
    var left = all.map { values in budget(estimator, values.steps) }
    var searches = all.map { allocation(estimator, rule ?? recipe.values.rule, of: $0) }
    let total = zip(searches, zip(all, left)).reduce(0) { $0 + planned($1.0, $1.1.0, $1.1.1) }
    while true {
      let more = all.indices.map { index in
        // A search that is over stays over: asked again it would draw anew from its doubts.
        guard left[index] > 0 else { return all[index].rollouts.map { _ in 0 } }
        let next = trimmed(searches[index].next(all[index]), to: &left[index])
        if next.allSatisfy({ $0 == 0 }) { left[index] = 0 }
        return next
      }
      guard more.contains(where: { $0.contains { $0 > 0 } }) else { return }
      let spent = zip(all, before).reduce(0) { $0 + $1.0.spent - $1.1 }
      try topUp(
        &all, by: more,
        progress: progress.reporting {
          ValueReport(
            index: $0.index, values: $0.values, finished: spent + $0.finished, total: total)
        })
    }
  }

  /// Rollouts that one search may spend; a uniform one spends what it says.
  private func budget(_ estimator: Estimator, _ steps: Int) -> Int {
    estimator.isUniform ? Int.max : max(recipe.values.budget, steps)
  }

  /// Rollouts that a search will spend at most, for its report.
  private func planned(
    _ search: any RolloutAllocation, _ values: StepValues, _ budget: Int
  ) -> Int {
    guard let uniform = search as? UniformAllocation else { return budget }
    return (0..<values.steps).reduce(0) { $0 + max(0, uniform.rollouts - values.count($1)) }
  }

  private func trimmed(_ more: [Int], to left: inout Int) -> [Int] {
    more.map { wanted in
      let taken = min(wanted, left)
      left -= taken
      return taken
    }
  }

  private func allocation(
    _ estimator: Estimator, _ rule: Rule, of values: StepValues
  ) -> any RolloutAllocation {
    let choice = recipe.values
    switch estimator {
    case .uniform, .exact, .valueHead: return UniformAllocation(rollouts: choice.rollouts)
    case .halving:
      return HalvingAllocation(rule: rule, rollouts: choice.rollouts, steps: values.steps)
    case .binary: return BinaryAllocation(rule: rule, rollouts: choice.rollouts)
    case .entropy: return EntropyAllocation(rollouts: choice.rollouts, share: choice.prefilter)
    case .confidence:
      return ConfidenceAllocation(
        rule: rule, confidence: choice.confidence, random: values.ruleStream(recipe))
    case .topTwo:
      return TopTwoAllocation(
        rule: rule, confidence: choice.confidence, budget: choice.budget,
        random: values.ruleStream(recipe))
    }
  }

  /// Adds what the rule, or the estimator, needs to know of the steps beside rollouts.
  public func addHints(
    to values: inout StepValues, estimator: Estimator? = nil, rule: Rule? = nil
  ) {
    let rule = rule ?? recipe.values.rule
    let wantsEntropies = rule == .entropy || estimator == .entropy
    if wantsEntropies, values.hints.entropies.isEmpty {
      values.hints.entropies = entropies(of: values.trajectory)
    }
    if rule == .selfLocalised, values.hints.votes.isEmpty {
      let asked = votes(on: values.trajectory)
      values.hints.votes = asked.votes
      values.hints.tokens = asked.tokens
    }
  }

  /// Takes the values of all boundaries from the policy's value head; without one they stay unknown.
  private func askCritic(_ all: inout [StepValues]) {
    guard policy.valueHead != nil else { return }
    let rows = all.map { known in
      TokenRow(
        tokens: known.trajectory.promptTokens + known.trajectory.responseTokens,
        firstPredicted: known.trajectory.promptTokens.count)
    }
    for (index, scores) in policy.score(rows).enumerated() {
      for (boundary, step) in all[index].trajectory.steps.enumerated() {
        let value = min(1, max(0, Double(scores.values[step.start])))
        all[index].set(
          KnownValue(mean: value, low: value, high: value, tokens: 0, basis: .critic),
          at: boundary)
      }
    }
  }

  /// Mean entropy of the distribution that each step's tokens are drawn from under the policy as it
  /// is, nats; of its own distribution, at temperature 1, where nothing is left to chance.
  func entropies(of answer: Trajectory) -> [Double] {
    let row = TokenRow(
      tokens: answer.promptTokens + answer.responseTokens,
      firstPredicted: answer.promptTokens.count)
    let temperature = recipe.sampling.isGreedy ? 1 : recipe.sampling.temperature
    let all = policy.score([row], temperature: Float(temperature))[0].entropies
    return answer.steps.map { step in
      let own = all[step.tokens]
      return Double(own.reduce(0, +)) / Double(max(1, own.count))
    }
  }
}
