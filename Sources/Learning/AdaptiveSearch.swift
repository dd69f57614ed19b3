public import LanguageModel
import Tensors
public import Trajectories

/// Spends rollouts where the doubt about the critical step is: top-two with Beta posteriors.
///
/// Every boundary begins with 4 rollouts. Each round draws all values from their posteriors and
/// counts how often each step is the one the rule looks for. Until the leader's share reaches the
/// recipe's confidence or the budget is spent, 4 rollouts go to each of the two boundaries of
/// highest variance among those that border the two leading steps. The idea is top-two sampling
/// (Russo 2016) on steps, whose values are shared between neighbours. Rules that do not look at
/// values get the initial rollouts alone.
extension Explorer {
  /// Rollouts at each boundary at first, and at each chosen boundary of a round.
  static let adaptiveRound = 4
  /// Draws from the posteriors in each round.
  static let adaptiveDraws = 400

  /// Values a trajectory until its critical step is clear enough.
  ///
  /// - Parameters:
  ///   - trajectory: The answer to value.
  ///   - known: Values to go on from; they count beside the budget.
  ///   - rule: Another rule than the recipe's, where one is wanted.
  ///   - report: `finished` counts the rollouts of the whole search, `total` is the budget.
  /// - Returns: The values; nil where the report asked to stop.
  public func searchAdaptively(
    _ trajectory: Trajectory, from known: StepValues? = nil, rule: Rule? = nil,
    report: (ValueReport) -> Disposition = { _ in .goOn }
  ) -> StepValues? {
    let rule = rule ?? recipe.values.rule
    let steps = trajectory.steps.count
    var values = [known ?? StepValues(trajectory: trajectory, policyVersion: version)]
    let budget = values[0].spent + max(recipe.values.budget, steps)
    let first = max(1, min(Self.adaptiveRound, recipe.values.budget / max(1, steps)))
    var more = values[0].rollouts.prefix(steps).map { max(0, first - $0.count) }
    var random = values[0].ruleStream(recipe)
    while true {
      let spent = values[0].spent
      let goneOn = topUp(&values, by: [more]) {
        report(
          ValueReport(
            index: 0, values: $0.values, finished: spent + $0.finished, total: budget))
      }
      guard goneOn else { return nil }
      guard steps > 1, rule.looksAtValues, values[0].spent < budget else { return values[0] }
      let draws = AdvantageDraws(values[0], draws: Self.adaptiveDraws, random: &random)
      let probabilities = draws.probabilities(rule)
      guard let best = probabilities.max(), best < recipe.values.confidence else {
        return values[0]
      }
      more = values[0].doubtful(probabilities, left: budget - values[0].spent)
    }
  }
}

extension StepValues {
  /// Rollouts to add at each boundary in the next round.
  fileprivate func doubtful(_ probabilities: [Double], left: Int) -> [Int] {
    // Stable: equal probabilities keep the order of the steps.
    let leading = probabilities.indices.sorted {
      (probabilities[$1], $0) < (probabilities[$0], $1)
    }.prefix(2)
    let bordering = Set(leading.flatMap { [$0, $0 + 1] }).filter { $0 < steps }.sorted {
      (posterior($1).variance, $0) < (posterior($0).variance, $1)
    }
    var more = Array(repeating: 0, count: steps)
    var rest = left
    for boundary in bordering.prefix(2) {
      more[boundary] = min(Explorer.adaptiveRound, rest)
      rest -= more[boundary]
    }
    return more
  }
}
