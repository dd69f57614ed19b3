import Grading
public import LanguageModel
import Tensors
public import Trajectories

/// Which boundaries of answers are to be valued, and how rollouts are shared out among them.
public enum ValueRequest: Equatable, Sendable {
  /// As an estimator shares them out, such as until the critical step is clear; the recipe's
  /// estimator and rule where others are not named.
  case search(by: Estimator? = nil, rule: Rule? = nil)
  /// So many more at each boundary before a step, drawn with the seeds of a purpose.
  case everywhere(Int, for: SeedPurpose = .value)
  /// For each answer the number to add at each boundary before a step.
  case each([[Int]], for: SeedPurpose = .value)
}

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

/// Values the boundaries of answers by rollouts, by enumeration or by the policy's critic.
public struct StepValuer {
  /// Draws the rollouts.
  public let sampler: RolloutSampler

  /// A valuer of the sampler's policy.
  public init(_ sampler: RolloutSampler) { self.sampler = sampler }

  /// Estimator, rule and seeds.
  public var recipe: Recipe { sampler.recipe }

  /// Updates the policy has seen.
  public var version: Int { sampler.version }

  /// Whether rollouts that the limit cut off are left out.
  public var masksTruncated: Bool { sampler.judge.masksTruncated }

  /// Whether a rollout may count at later boundaries of the answer it repeats.
  ///
  /// Not under a limit on new tokens: a rollout from a later boundary may write more after it than
  /// one from an earlier boundary, so one that was cut off there says nothing of what it would have
  /// come to from here, and leaving out those alone would leave the short ones.
  public var reuses: Bool { recipe.values.reuse && sampler.newTokens == nil }

  /// Values that know nothing yet, to be added to as the recipe says; `reusing` false counts every
  /// rollout at its own boundary alone.
  public func nothingKnown(of trajectory: Trajectory, reusing: Bool = true) -> StepValues {
    StepValues(
      trajectory: trajectory, policyVersion: version, reuses: reusing && reuses,
      masksTruncated: masksTruncated)
  }

  /// Values the boundaries of several answers.
  ///
  /// Each round of all searches is one call of the policy, and boundaries of one answer share their
  /// ancestors, so that each prefix is computed once. What an answer gets does not depend on which
  /// others are valued, and rollout n of a boundary has the same seed however the rollouts are split
  /// over calls. Where the likeliest token is always taken (a temperature of 0) there is one rollout
  /// and no chance: no boundary gets a second one, and its value is known exactly.
  ///
  /// - Parameters:
  ///   - known: What is known; added to. What had finished by a stop is counted all the same;
  ///     rollouts that were drawn before count, but not against the budget of a search.
  ///   - request: Which boundaries get how many rollouts.
  ///   - progress: Hears of partial values; `finished` counts the rollouts of the whole request,
  ///     `total` is their number, or the budget of a search.
  /// - Throws: `Stopped`.
  public func value(
    _ known: inout [StepValues], _ request: ValueRequest = .search(),
    progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) {
    switch request {
    case .search(let estimator, let rule):
      try search(&known, estimator ?? recipe.values.estimator, rule, progress)
    case .everywhere(let count, let purpose):
      let more = known.map { Array(repeating: count, count: $0.steps) }
      try draw(more, for: purpose, into: &known, progress)
    case .each(let more, let purpose): try draw(more, for: purpose, into: &known, progress)
    }
  }

  // Rollouts at boundaries.

  private func draw(
    _ more: [[Int]], for purpose: SeedPurpose, into values: inout [StepValues],
    _ progress: WorkProgress<ValueReport>
  ) throws(Stopped) {
    let places = plan(values, more.indices.map { wanted(more[$0], at: values[$0]) })
    guard !places.isEmpty else { return }
    let requests = places.map { request(at: $0, of: values[$0.index], for: purpose) }
    var partial = values
    var rewards = places.map { Array(repeating: 0.0, count: $0.count) }
    do throws(Stopped) {
      let all = try sampler.continuations(
        of: requests,
        progress: progress.reporting { done in
          let place = places[done.request]
          let reward = sampler.judge(place.prefix, done.continuation).reward
          rewards[done.request][done.rollout] = reward
          let judged = JudgedRollout(continuation: done.continuation, reward: reward)
          partial[place.index].add(judged, at: place.boundary)
          return ValueReport(
            index: place.index, values: partial[place.index], finished: done.finished,
            total: done.total)
        })
      // Rollouts finish in no promised order; what is kept is in the order of the seeds.
      for (request, place) in places.enumerated() {
        keep(zip(all[request], rewards[request]), at: place, in: &values[place.index])
      }
    } catch {
      values = partial
      throw error
    }
  }

  private func request(
    at place: ValuePlace, of values: StepValues, for purpose: SeedPurpose
  ) -> RolloutRequest {
    // What was stopped may have left out some before others that finished: those come first, where
    // all that were drawn are at hand.
    let rollouts = values.rollouts[place.boundary]
    let known = Set(rollouts.map(\.continuation.seed))
    let drawn = values.drawn(from: place.boundary)
    let first = rollouts.count == drawn ? 0 : drawn
    let seeds = (first...).lazy.map {
      recipe.seed(for: purpose, [version, place.boundary, $0], of: values.trajectory)
    }.filter { !known.contains($0) }
    return sampler.request(place.prefix, seeds: Array(seeds.prefix(place.count)))
  }

  private func keep(
    _ rollouts: some Sequence<(Continuation, Double)>, at place: ValuePlace,
    in values: inout StepValues
  ) {
    for (continuation, reward) in rollouts {
      values.add(JudgedRollout(continuation: continuation, reward: reward), at: place.boundary)
      guard recipe.sampling.isGreedy, sampler.judge.counts(continuation) else { continue }
      values.set(
        KnownValue(mean: reward, low: reward, high: reward, tokens: 0), at: place.boundary)
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

  // Searches.

  private func search(
    _ all: inout [StepValues], _ estimator: Estimator, _ rule: Rule?,
    _ progress: WorkProgress<ValueReport>
  ) throws(Stopped) {
    for index in all.indices {
      all[index].estimator = estimator
      addHints(to: &all[index], estimator: estimator, rule: rule)
    }
    if estimator == .exact { return try enumerate(&all, progress: progress) }
    if estimator == .valueHead { return askCritic(&all) }
    if recipe.sampling.isGreedy {
      let once = all.map { Array(repeating: 1, count: $0.steps) }
      return try draw(once, for: .value, into: &all, progress)
    }
    try spend(on: &all, estimator, rule ?? recipe.values.rule, progress)
  }

  /// Draws round by round where each answer's allocation says, until all have had enough.
  private func spend(
    on all: inout [StepValues], _ estimator: Estimator, _ rule: Rule,
    _ progress: WorkProgress<ValueReport>
  ) throws(Stopped) {
    let before = all.map(\.spent)
    var left = all.map { values in budget(estimator, values.steps) }
    var searches = all.map { allocation(estimator, rule, of: $0) }
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
      try draw(
        more, for: .value, into: &all,
        progress.reporting {
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
      let asked = StepLocalizer(sampler: sampler).votes(on: values.trajectory)
      values.hints.votes = asked.votes
      values.hints.tokens = asked.tokens
    }
  }

  /// Takes the values of all boundaries from the policy's value head; without one they stay unknown.
  private func askCritic(_ all: inout [StepValues]) {
    guard sampler.policy.valueHead != nil else { return }
    let rows = all.map { known in
      TokenRow(
        tokens: known.trajectory.promptTokens + known.trajectory.responseTokens,
        firstPredicted: known.trajectory.promptTokens.count)
    }
    for (index, scores) in sampler.policy.score(rows).enumerated() {
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
    let all = sampler.policy.score([row], temperature: Float(temperature))[0].entropies
    return answer.steps.map { step in
      let own = all[step.tokens]
      return Double(own.reduce(0, +)) / Double(max(1, own.count))
    }
  }

  /// Enumerates the value of every boundary; states of a problem that is no chain stay unknown.
  private func enumerate(
    _ all: inout [StepValues], progress: WorkProgress<ValueReport>
  ) throws(Stopped) {
    let total = all.reduce(0) { $0 + $1.steps }
    var finished = 0
    for index in all.indices {
      let trajectory = all[index].trajectory
      guard let chain = ChainEnumeration(sampler, trajectory.problem) else { continue }
      for boundary in trajectory.steps.indices {
        all[index].set(chain.value(of: trajectory.state(before: boundary)), at: boundary)
        finished += 1
        try progress(
          ValueReport(index: index, values: all[index], finished: finished, total: total))
      }
    }
  }

  // What the values say.

  /// The scores of every step from the rollouts that valued it; nil where there are none beside
  /// those that recorded scores rest on.
  public func anchors(of values: StepValues) -> [StepAnchor]? {
    let scored = values.recorded.scored
    let new = values.rollouts.enumerated().map { boundary, drawn in
      drawn.dropFirst(scored.isEmpty ? 0 : scored[boundary])
    }
    guard values.steps > 0, new.contains(where: { !$0.isEmpty }) else { return nil }
    let rollouts = new.map { drawn in
      drawn.map { rollout in
        TextRollout(
          text: said(rollout.continuation.tokens), reward: rollout.reward)
      }
    }
    let texts = values.trajectory.steps.map { said(values.trajectory.responseTokens[$0.tokens]) }
    let whole = said(values.trajectory.responseTokens)
    return StepAnchor.all(
      steps: texts, rollouts: rollouts, answer: ExtractedAnswer(of: whole).shown)
  }

  /// Tokens as text, the end token left out.
  private func said(_ tokens: some Collection<Int32>) -> String {
    sampler.codec.decode(tokens.filter { !sampler.codec.endTokens.contains($0) })
  }

  /// The values with the scores of the steps.
  public func valuation(of values: StepValues, seconds: Double) -> Valuation {
    var valuation = values.valuation(seconds: seconds)
    valuation.anchors = anchors(of: values)
    if let before = values.recorded.anchors {
      valuation.anchors =
        valuation.anchors.map { zip(before, $0).map { $0.joined(with: $1) } }
        ?? before
    }
    return valuation
  }
}

/// One boundary that gets more rollouts.
private struct ValuePlace {
  var index: Int
  var boundary: Int
  var count: Int
  var prefix: Prefix
}
