import Tensors
import Trajectories

/// Spends rollouts where the doubt about the critical step is: top-two with Beta posteriors.
///
/// Every boundary begins with 4 rollouts. Each round draws all values from their posteriors and
/// counts how often each step is the one the rule looks for. Until the leader's share reaches the
/// recipe's confidence or the budget is spent, 4 rollouts go to each of the two boundaries of
/// highest variance among those that border the two leading steps. The idea is top-two sampling
/// (Russo 2016) on steps, whose values are shared between neighbours. Rules that do not look at
/// values get the initial rollouts alone.
struct TopTwoAllocation: RolloutAllocation {
  /// Rollouts at each boundary at first, and at each chosen boundary of a round.
  static let round = 4
  /// Draws from the posteriors in each round.
  static let draws = 400

  let rule: Rule
  let confidence: Double
  let budget: Int
  var random: Random

  mutating func next(_ values: StepValues) -> [Int] {
    let first = max(1, min(Self.round, budget / max(1, values.steps)))
    let missing = values.lacking(first)
    guard missing.allSatisfy({ $0 == 0 }), values.steps > 1, rule.looksAtValues else {
      return missing
    }
    let draws = AdvantageDraws(values, draws: Self.draws, random: &random)
    let probabilities = draws.probabilities(rule, among: values.candidates(rule))
    guard let best = probabilities.max(), best < confidence else { return missing }
    return values.doubtful(probabilities)
  }
}

extension StepValues {
  /// Rollouts to add at each boundary in the next round.
  fileprivate func doubtful(_ probabilities: [Double]) -> [Int] {
    // Stable: equal probabilities keep the order of the steps.
    let leading = probabilities.indices.sorted {
      (probabilities[$1], $0) < (probabilities[$0], $1)
    }.prefix(2)
    let bordering = boundaries(of: leading).sorted {
      (posterior($1).variance, $0) < (posterior($0).variance, $1)
    }
    var more = Array(repeating: 0, count: steps)
    for boundary in bordering.prefix(2) { more[boundary] = TopTwoAllocation.round }
    return more
  }
}
