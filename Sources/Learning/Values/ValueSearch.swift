public import LanguageModel
import Tensors
public import Trajectories

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
  ///   - report: `finished` counts the rollouts of the whole search, `total` is its budget.
  /// - Returns: The values; nil where the report asked to stop.
  public func search(
    _ trajectory: Trajectory, by estimator: Estimator? = nil, rule: Rule? = nil,
    from known: StepValues? = nil, report: (ValueReport) -> Disposition = { _ in .goOn }
  ) -> StepValues? {
    var all = [known ?? nothingKnown(of: trajectory)]
    return search(&all, by: estimator, rule: rule, report: report) ? all[0] : nil
  }

  /// Values several trajectories, each round of all searches in one call of the policy.
  ///
  /// A trajectory's rollouts do not depend on which others are searched.
  ///
  /// - Parameters:
  ///   - all: What is known; added to.
  ///   - estimator: How; the recipe's where it is nil.
  ///   - rule: Another rule than the recipe's, where one is wanted.
  ///   - report: `finished` counts the rollouts of all searches, `total` is their budget.
  /// - Returns: Whether all were drawn; false where the report asked to stop.
  public func search(
    _ all: inout [StepValues], by estimator: Estimator? = nil, rule: Rule? = nil,
    report: (ValueReport) -> Disposition = { _ in .goOn }
  ) -> Bool {
    let estimator = estimator ?? recipe.values.estimator
    for index in all.indices {
      all[index].estimator = estimator
      addHints(to: &all[index], estimator: estimator, rule: rule)
    }
    if estimator == .exact { return enumerate(&all, report: report) }
    if estimator == .valueHead {
      askCritic(&all)
      return true
    }
    if recipe.sampling.isGreedy {
      return topUp(&all, by: all.map { Array(repeating: 1, count: $0.steps) }, report: report)
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
      guard more.contains(where: { $0.contains { $0 > 0 } }) else { return true }
      let spent = zip(all, before).reduce(0) { $0 + $1.0.spent - $1.1 }
      let goneOn = topUp(&all, by: more) {
        report(
          ValueReport(
            index: $0.index, values: $0.values, finished: spent + $0.finished, total: total))
      }
      guard goneOn else { return false }
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
