import Tensors
public import Trajectories

/// Draws from the posteriors of all values of a trajectory: what a rule may conclude from them.
///
/// Advantages of neighbouring steps share a value, so their doubts are not independent; joint draws
/// keep that, intervals of single values would not.
struct AdvantageDraws {
  /// One array of values, one a boundary and the end, for each draw.
  let values: [[Double]]

  init(_ known: StepValues, draws: Int, random: inout Random) {
    let posteriors = (0..<known.steps).map { known.posterior($0) }
    let end = known.trajectory.reward
    var all: [[Double]] = []
    all.reserveCapacity(draws)
    for _ in 0..<draws { all.append(posteriors.map { $0.draw(&random) } + [end]) }
    values = all
  }

  /// Probability of each step that it is the one the rule looks for, by counting.
  ///
  /// - Parameters:
  ///   - rule: The rule.
  ///   - candidates: The steps that may be, rising; no others get any probability.
  /// - Returns: One for each step.
  func probabilities(_ rule: Rule, among candidates: [Int]) -> [Double] {
    guard let steps = values.first.map({ $0.count - 1 }) else { return [] }
    var counts = Array(repeating: 0, count: steps)
    for draw in values {
      guard let best = rule.best(of: draw, among: candidates) else { continue }
      counts[best] += 1
    }
    return counts.map { Double($0) / Double(values.count) }
  }

  /// The 95 % interval of one step's advantage.
  func interval(of step: Int) -> (low: Double, high: Double) {
    let sorted = values.map { $0[step + 1] - $0[step] }.sorted()
    return (sorted[percentile: 0.025], sorted[percentile: 0.975])
  }
}

extension [Double] {
  /// The element at a share of a sorted array.
  subscript(percentile share: Double) -> Double {
    self[Swift.min(count - 1, Int((Double(count) * share).rounded(.down)))]
  }
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
  /// a seeded stream; after a search or a top-up they are ranked by the probability to be the step
  /// the rule looks for, which is fair to boundaries with few rollouts. Where a search left
  /// boundaries out, only steps between valued boundaries are ranked.
  /// `step` is nil, “none is clear”, where that probability is below the recipe's confidence or the
  /// interval of the advantage includes 0. The interval and the probability come from
  /// 2000 joint draws from the Beta posteriors. Rules that do not look at values always name a step,
  /// unless the policy was asked and named none.
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
    let probabilities = draws.probabilities(rule, among: candidates(rule))
    let leader = leader(rule, probabilities, &random)
    let (low, high) = draws.interval(of: leader)
    let confidence = confidence(of: leader, rule, probabilities)
    let gain = advantage(leader)
    let isClear = isClear(leader, rule, confidence >= recipe.values.confidence, low > 0 || high < 0)
    let floor = trajectory.problem.guessChance + recipe.values.floor
    return CriticalStep(
      trajectory: trajectory.id, policyVersion: policyVersion, rule: rule,
      step: isClear ? leader : nil, leader: leader, advantage: gain,
      low: min(low, gain), high: max(high, gain), confidence: confidence, rollouts: spent,
      luckyGuess: mean(leader) < floor && gain > 0, estimator: estimator,
      others: others(beside: leader, recipe, rule, probabilities))
  }

  /// The step that scores highest.
  private func leader(_ rule: Rule, _ probabilities: [Double], _ random: inout Random) -> Int {
    switch rule {
    case .restart: return 0
    case .random: return random.below(steps)
    case .entropy: return hints.entropies.indexOfLargest(&random)
    case .selfLocalised: return hints.votes.map(Double.init).indexOfLargest(&random)
    case .binarySearch, .prefixArgmax:
      guard isEven else { return probabilities.indexOfLargest(&random) }
      return rule.best(of: means, among: candidates(rule)) ?? 0
    case .paperAbsolute, .paperSigned, .largestDrop:
      return scores(rule, probabilities).indexOfLargest(&random)
    }
  }

  /// Whether the means may be compared as they stand: all rest on as many rollouts.
  private var isEven: Bool {
    estimator != .topTwo && Set((0..<steps).filter(isKnown).map { drawn(from: $0) }).count <= 1
      && !reuses
  }

  /// What steps are ranked by; those that were left out come last.
  private func scores(_ rule: Rule, _ probabilities: [Double]) -> [Double] {
    guard isEven else { return probabilities }
    let candidates = Set(candidates(rule))
    let means = means
    return (0..<steps).map { candidates.contains($0) ? rule.score(means, $0) : -.infinity }
  }

  private func confidence(of leader: Int, _ rule: Rule, _ probabilities: [Double]) -> Double {
    switch rule {
    case .selfLocalised:
      let votes = hints.votes.reduce(0, +)
      return votes == 0 ? 0 : Double(hints.votes[leader]) / Double(votes)
    default: return rule.looksAtValues ? probabilities[leader] : 1
    }
  }

  private func isClear(_ leader: Int, _ rule: Rule, _ sure: Bool, _ separates: Bool) -> Bool {
    switch rule {
    case .selfLocalised: hints.votes.contains { $0 > 0 }
    case .random, .restart, .entropy: true
    // The rule asks where to go on from, not what changed; it has no word on right answers.
    case .prefixArgmax: sure && trajectory.reward < 1
    default: sure && separates
    }
  }

  /// Further steps by falling score, none beside another; nil where one is asked for.
  private func others(
    beside leader: Int, _ recipe: Recipe, _ rule: Rule, _ probabilities: [Double]
  ) -> [Int]? {
    guard recipe.values.steps > 1, rule.looksAtValues else { return nil }
    let means = means
    let eligible = candidates(rule).filter { isEligible($0, recipe, rule) }
    let ranked = eligible.sorted { (rule.score(means, $1), $0) < (rule.score(means, $0), $1) }
    return Array(Self.apart([leader] + ranked, most: recipe.values.steps).dropFirst())
  }

  /// The first so many of them of which none is beside another.
  private static func apart(_ ranked: [Int], most: Int) -> [Int] {
    ranked.reduce(into: []) { taken, step in
      guard taken.count < most, taken.allSatisfy({ abs($0 - step) > 1 }) else { return }
      taken.append(step)
    }
  }

  /// The step whose state is worth resetting to, by the recipe's rule; nil where there is none.
  public func stepToStore(_ recipe: Recipe) -> Int? { stepsToStore(recipe).first }

  /// The steps whose states are worth resetting to, the best first; as many as the recipe takes of
  /// an answer, none beside another.
  ///
  /// Only steps count whose state is worth at least the chance of guessing plus the floor (where
  /// there is a floor) and whose advantage (its negative for the largest drop) reaches the recipe's
  /// minimum; ties at random. Rules that do not look at values take any step. Nothing is worth it
  /// where V(s_0) lies outside the recipe's band. A reset to a random valued step takes any step above
  /// the floor, where the rule finds one at all.
  public func stepsToStore(_ recipe: Recipe) -> [Int] {
    guard steps > 0, !isKnown(0) || recipe.isInBand(mean(0)) else { return [] }
    let rule = recipe.values.rule
    var random = Random(seed: recipe.seed(for: .randomStep, [policyVersion], of: trajectory))
    switch rule {
    case .restart: return [0]
    case .random: return [random.below(steps)]
    case .entropy: return [hints.entropies.indexOfLargest(&random)]
    case .selfLocalised:
      let named = hints.votes.contains { $0 > 0 }
      return named ? [hints.votes.map(Double.init).indexOfLargest(&random)] : []
    case .paperAbsolute, .paperSigned, .largestDrop, .prefixArgmax, .binarySearch: break
    }
    let eligible = candidates(rule).filter { isEligible($0, recipe, rule) }
    guard !eligible.isEmpty else { return [] }
    if recipe.resets.start == .randomValued {
      let worthy = (0..<steps).filter { isWorthy($0, recipe) }
      return [worthy[random.below(worthy.count)]]
    }
    let means = means
    if rule == .binarySearch {
      return rule.best(of: means, among: candidates(rule)).map { [$0] }?.filter(eligible.contains)
        ?? []
    }
    let scores = eligible.map { rule.score(means, $0) }
    let best =
      rule == .prefixArgmax
      ? rule.best(of: means, among: eligible) ?? eligible[0]
      : eligible[scores.indexOfLargest(&random)]
    let ranked = eligible.sorted { (rule.score(means, $1), $0) < (rule.score(means, $0), $1) }
    return Self.apart([best] + ranked, most: recipe.values.steps)
  }

  private func isEligible(_ step: Int, _ recipe: Recipe, _ rule: Rule) -> Bool {
    guard isWorthy(step, recipe) else { return false }
    // On a failed answer every later state may be worth less; what counts is where to go on from.
    if rule == .prefixArgmax { return trajectory.reward < 1 && mean(step) > 0 }
    let gain = rule == .largestDrop ? -advantage(step) : advantage(step)
    return gain >= recipe.values.minimumAdvantage
  }

  private func isWorthy(_ step: Int, _ recipe: Recipe) -> Bool {
    let floor = trajectory.problem.guessChance + recipe.values.floor
    return recipe.values.floor <= 0 || mean(step) >= floor
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
