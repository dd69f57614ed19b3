import Tensors
public import Trajectories

/// Draws from the posteriors of all values of a trajectory: what a rule may conclude from them.
///
/// Advantages of neighbouring steps share a value, so their doubts are not independent; joint draws
/// keep that, intervals of single values would not.
struct AdvantageDraws {
  /// One array of advantages, one a step, for each draw.
  let advantages: [[Double]]

  init(_ values: StepValues, draws: Int, random: inout Random) {
    let posteriors = (0..<values.steps).map { values.posterior($0) }
    let end = values.trajectory.reward
    var all: [[Double]] = []
    all.reserveCapacity(draws)
    for _ in 0..<draws {
      let drawn = posteriors.map { $0.draw(&random) } + [end]
      all.append(zip(drawn.dropFirst(), drawn).map { $0 - $1 })
    }
    advantages = all
  }

  /// Probability of each step that it is the one the rule looks for, by counting.
  func probabilities(_ rule: Rule) -> [Double] {
    guard let steps = advantages.first?.count else { return [] }
    var counts = Array(repeating: 0, count: steps)
    for draw in advantages {
      var best = 0
      for step in 1..<max(1, steps) where rule.score(draw[step]) > rule.score(draw[best]) {
        best = step
      }
      counts[best] += 1
    }
    return counts.map { Double($0) / Double(advantages.count) }
  }

  /// The 95 % interval of one step's advantage.
  func interval(of step: Int) -> (low: Double, high: Double) {
    let sorted = advantages.map { $0[step] }.sorted()
    return (sorted[percentile: 0.025], sorted[percentile: 0.975])
  }
}

extension [Double] {
  /// The element at a share of a sorted array.
  subscript(percentile share: Double) -> Double {
    self[Swift.min(count - 1, Int((Double(count) * share).rounded(.down)))]
  }
}

extension Rule {
  /// What the rule makes as large as possible; random and restart have no score.
  func score(_ advantage: Double) -> Double {
    switch self {
    case .paperAbsolute: abs(advantage)
    case .paperSigned: advantage
    case .largestDrop: -advantage
    case .random, .restart: 0
    }
  }

  /// Whether the rule looks at values at all.
  var looksAtValues: Bool { self != .random && self != .restart }
}

extension ResetStart {
  /// Whether trajectories are valued to find where a reset goes.
  var needsValues: Bool { self == .critical || self == .randomValued }
}

extension StepValues {
  /// Draws from the posteriors behind a reported interval or probability.
  static let reportedDraws = 2000

  /// What the recipe's rule says of these values.
  ///
  /// Where every boundary has as many rollouts, steps are ranked by mean rewards, ties at random by
  /// a seeded stream; after an adaptive search or a top-up they are ranked by the probability to be
  /// the step the rule looks for, which is fair to boundaries with few rollouts.
  /// `step` is nil, “none is clear”, where that probability is below the recipe's confidence or the
  /// interval of the advantage includes 0. The interval and the probability come from
  /// 2000 joint draws from the Beta posteriors. The controls always name a step.
  ///
  /// - Parameters:
  ///   - recipe: Its rule, confidence, floor and seed are used.
  ///   - rule: Another rule than the recipe's, where one is wanted.
  /// - Returns: The rule's word; nil for a response without steps.
  public func criticalStep(_ recipe: Recipe, rule: Rule? = nil) -> CriticalStep? {
    guard steps > 0 else { return nil }
    let rule = rule ?? recipe.values.rule
    var random = ruleStream(recipe)
    let draws = AdvantageDraws(self, draws: StepValues.reportedDraws, random: &random)
    let probabilities = draws.probabilities(rule)
    let uniform = !recipe.values.adaptive && Set(rollouts.map(\.count)).count == 1
    let scores = uniform ? (0..<steps).map { rule.score(advantage($0)) } : probabilities
    let leader: Int
    switch rule {
    case .restart: leader = 0
    case .random: leader = random.below(steps)
    default: leader = scores.indexOfLargest(&random)
    }
    let (low, high) = draws.interval(of: leader)
    let confidence = rule.looksAtValues ? probabilities[leader] : 1
    let clear = confidence >= recipe.values.confidence && (low > 0 || high < 0)
    let gain = advantage(leader)
    let floor = trajectory.problem.guessChance + recipe.values.floor
    return CriticalStep(
      trajectory: trajectory.id, policyVersion: policyVersion, rule: rule,
      step: clear || !rule.looksAtValues ? leader : nil, leader: leader, advantage: gain,
      low: min(low, gain), high: max(high, gain), confidence: confidence, rollouts: spent,
      luckyGuess: mean(leader) < floor && gain > 0)
  }

  /// The step whose state is worth resetting to, by the recipe's rule; nil where there is none.
  ///
  /// Only steps count whose state is worth at least the chance of guessing plus the floor (where
  /// there is a floor) and whose advantage (its negative for the largest drop) reaches the recipe's
  /// minimum; ties at random. The controls take any step. A reset to a random valued step takes any
  /// step above the floor, where the rule finds one at all.
  public func stepToStore(_ recipe: Recipe) -> Int? {
    guard steps > 0 else { return nil }
    let rule = recipe.values.rule
    var random = Random(seed: recipe.seed(for: .randomStep, [policyVersion], of: trajectory))
    if rule == .restart { return 0 }
    if rule == .random { return random.below(steps) }
    let floor = trajectory.problem.guessChance + recipe.values.floor
    let worthy = (0..<steps).filter { recipe.values.floor <= 0 || mean($0) >= floor }
    let eligible = worthy.filter { step in
      let gain = rule == .largestDrop ? -advantage(step) : advantage(step)
      return gain >= recipe.values.minimumAdvantage
    }
    guard !eligible.isEmpty else { return nil }
    if recipe.resets.start == .randomValued { return worthy[random.below(worthy.count)] }
    let scores = eligible.map { rule.score(advantage($0)) }
    return eligible[scores.indexOfLargest(&random)]
  }

  /// The stream that breaks ties and draws from the posteriors of this trajectory.
  func ruleStream(_ recipe: Recipe) -> Random {
    Random(seed: recipe.seed(for: .rule, [policyVersion], of: trajectory))
  }
}

extension [Double] {
  /// Index of the largest element, ties at random.
  func indexOfLargest(_ random: inout Random) -> Int {
    guard let largest = self.max() else { return 0 }
    let ties = indices.filter { self[$0] >= largest - 1e-12 }
    return ties.count == 1 ? ties[0] : ties[random.below(ties.count)]
  }
}
