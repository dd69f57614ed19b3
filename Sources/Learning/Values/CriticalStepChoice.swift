import Foundation
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
  /// Draws from the posteriors behind a reported probability.
  static let reportedDraws = 2000

  /// What the recipe's rule makes of these values: the one choice that is shown, recorded and
  /// trained on.
  ///
  /// Where every boundary has as many rollouts, steps are ranked by the rule's score of the mean
  /// rewards; after a search or a top-up by the probability to be the step the rule looks for, which
  /// is fair to boundaries with few rollouts. Ties fall at random by a seeded stream. Where a search
  /// left boundaries out, only steps between valued boundaries are ranked. The probabilities come
  /// from 2000 joint draws from the Beta posteriors. Rules that do not look at values always name a
  /// step, unless the policy was asked and named none.
  ///
  /// - Parameters:
  ///   - recipe: Its rule, confidence, floor, minimum, band, resets and seed are used.
  ///   - rule: Another rule than the recipe's, where one is wanted.
  /// - Returns: The choice; nil for a response without steps.
  public func criticalStep(_ recipe: Recipe, rule: Rule? = nil) -> CriticalStep? {
    steps > 0
      ? CriticalStepChoice(values: self, recipe: recipe, rule: rule ?? recipe.values.rule)() : nil
  }

  /// Whether the means may be compared as they stand: all rest on as many rollouts.
  fileprivate var isEven: Bool {
    estimator != .topTwo && Set((0..<steps).filter(isKnown).map { drawn(from: $0) }).count <= 1
      && !reuses
  }

  /// The stream that draws from the posteriors of this trajectory.
  func ruleStream(_ recipe: Recipe) -> Random {
    Random(seed: recipe.seed(for: .rule, [policyVersion], of: trajectory))
  }
}

/// Ranks the steps of an answer by a rule and says of each whether training resets to it.
private struct CriticalStepChoice {
  let values: StepValues
  let recipe: Recipe
  let rule: Rule
  private let candidates: [Int]
  private let means: [Double]
  private let probabilities: [Double]
  /// By step; ties are equal to the last bit.
  private let scores: [Double]
  /// Breaks ties and makes the draws of the controls.
  private var random: Random

  init(values: StepValues, recipe: Recipe, rule: Rule) {
    self.values = values
    self.recipe = recipe
    self.rule = rule
    candidates = values.candidates(rule)
    means = values.means
    random = Random(
      seed: recipe.seed(for: .randomStep, [values.policyVersion], of: values.trajectory))
    var stream = values.ruleStream(recipe)
    probabilities =
      rule.looksAtValues
      ? AdvantageDraws(values, draws: StepValues.reportedDraws, random: &stream)
        .probabilities(rule, among: candidates) : []
    let drawn = rule == .random ? random.below(values.steps) : 0
    scores = Self.scores(values, rule, means, probabilities, drawn: drawn)
  }

  /// The whole choice.
  func callAsFunction() -> CriticalStep {
    var random = random
    let isDrawn = recipe.resets.start == .randomValued && rule.looksAtValues
    let eligible = candidates.filter { obstacle($0) == nil }
    let drawn = isDrawn && !eligible.isEmpty ? worthy[random.below(worthy.count)] : nil
    let favourite = first(of: eligible, &random)
    let ranked = rank(favourite: favourite, &random)
    let taken = drawn.map { [$0] } ?? apart(ranked.filter(eligible.contains))
    let leader = ranked[0]
    let (low, high) = interval(leader)
    return CriticalStep(
      trajectory: values.trajectory.id, policyVersion: values.policyVersion, rule: rule,
      step: isClear(leader) ? leader : nil, leader: leader, advantage: values.advantage(leader),
      low: low, high: high, confidence: confidence(leader), rollouts: values.spent,
      estimator: values.estimator,
      candidates: ranked.map { step in
        StepCandidate(
          step: step, score: scores[step],
          probability: rule.looksAtValues ? probabilities[step] : nil, isClear: isClear(step),
          verdict: verdict(step, taken: taken, isDrawn: drawn != nil))
      })
  }
}

// The ranking.
extension CriticalStepChoice {
  private static func scores(
    _ values: StepValues, _ rule: Rule, _ means: [Double], _ probabilities: [Double], drawn: Int
  ) -> [Double] {
    (0..<values.steps).map { step in
      switch rule {
      case .restart, .random: step == drawn ? 1 : 0
      case .entropy: values.hints.entropies[step]
      case .selfLocalised: Double(values.hints.votes[step])
      case .paperAbsolute, .paperSigned, .largestDrop, .prefixArgmax, .binarySearch:
        // Differences of means that are equal in truth differ in their last bits.
        values.isEven
          ? (rule.score(means, step) * 1e12).rounded() / 1e12 : probabilities[step]
      }
    }
  }

  /// The one of these steps that ranks first, ties at random; nil where there are none.
  private func first(of steps: [Int], _ random: inout Random) -> Int? {
    if rule == .binarySearch, values.isEven {
      return rule.best(of: means, among: candidates).flatMap { steps.contains($0) ? $0 : nil }
    }
    guard let largest = steps.map({ scores[$0] }).max() else { return nil }
    let ties = steps.filter { scores[$0] >= largest }
    let isEarliest = rule == .prefixArgmax || ties.count == 1
    return isEarliest ? ties[0] : ties[random.below(ties.count)]
  }

  /// All candidates, best first; of tied ones that which training may reset to.
  private func rank(favourite: Int?, _ random: inout Random) -> [Int] {
    let largest = candidates.map { scores[$0] }.max() ?? 0
    let leads = favourite.map { scores[$0] >= largest } ?? false
    let leader = leads && rule != .binarySearch ? favourite : first(of: candidates, &random)
    func place(_ step: Int) -> Int { step == leader ? 0 : step == favourite ? 1 : 2 }
    let ranked = candidates.sorted {
      (-scores[$0], place($0), $0) < (-scores[$1], place($1), $1)
    }
    guard let leader else { return ranked }
    return [leader] + ranked.filter { $0 != leader }
  }

  /// As many of them as the recipe takes of one answer, none beside another.
  private func apart(_ ranked: [Int]) -> [Int] {
    // Binary search ends at one step; the others were never told apart.
    if rule == .binarySearch, values.isEven { return ranked.filter { $0 == bisected } }
    return ranked.reduce(into: []) { taken, step in
      guard taken.count < most, taken.allSatisfy({ abs($0 - step) > 1 }) else { return }
      taken.append(step)
    }
  }

  private var bisected: Int? { rule.best(of: means, among: candidates) }

  private var most: Int { rule.looksAtValues ? recipe.values.steps : 1 }
}

// What is known of a step.
extension CriticalStepChoice {
  /// The interval of a step's advantage that holds the true one with 95 % even if it is the step
  /// that ranked first.
  ///
  /// The largest of m differences is partly luck. Each value gets an interval of probability
  /// .95^(1/m) (Šidák 1967), so all m differences hold together, the chosen one among them; two
  /// values make a difference by MOVER (Zou and Donner 2008). A rule that does not look at the
  /// values chooses nothing by them: m is 1.
  private func interval(_ step: Int) -> (low: Double, high: Double) {
    let count = rule.looksAtValues ? max(1, candidates.count) : 1
    let probability = pow(0.95, 1 / Double(count))
    let difference = values.value(step + 1, probability: probability)
      .difference(from: values.value(step, probability: probability))
    return (max(-1, difference.low), min(1, difference.high))
  }

  private func confidence(_ step: Int) -> Double {
    switch rule {
    case .selfLocalised:
      let votes = values.hints.votes.reduce(0, +)
      return votes == 0 ? 0 : Double(values.hints.votes[step]) / Double(votes)
    default: return rule.looksAtValues ? probabilities[step] : 1
    }
  }

  private func isClear(_ step: Int) -> Bool {
    let isSure = confidence(step) >= recipe.values.confidence
    switch rule {
    case .selfLocalised: return values.hints.votes[step] == values.hints.votes.max() && hasVotes
    case .random, .restart: return scores[step] == 1
    case .entropy: return scores[step] == scores.max()
    // The rule asks where to go on from, not what changed; it has no word on right answers.
    case .prefixArgmax: return isSure && values.trajectory.reward < 1
    case .paperAbsolute, .paperSigned, .largestDrop, .binarySearch:
      let (low, high) = interval(step)
      return isSure && (low > 0 || high < 0)
    }
  }

  private var hasVotes: Bool { values.hints.votes.contains { $0 > 0 } }
}

// What training does with a step.
extension CriticalStepChoice {
  /// Why training would not reset to a step even if it ranked first; nil where it would.
  private func obstacle(_ step: Int) -> ResetVerdict? {
    guard recipe.resets.start.needsValues else { return .notByValues }
    guard (values.trajectory.reward >= 1) != rule.resetsFailures else { return .otherOutcome }
    guard !values.isKnown(0) || recipe.isInBand(means[0]) else { return .outsideBand }
    guard rule.looksAtValues else {
      let isMeant = rule == .selfLocalised ? hasVotes && isClear(step) : isClear(step)
      return isMeant ? nil : rule == .selfLocalised && !hasVotes ? .unclear : .lowerRanked
    }
    guard isWorthy(step) else { return .belowFloor }
    if rule == .prefixArgmax {
      // Every later state may be worth less; what counts is where to go on from.
      guard means[step] > 0 else { return .belowFloor }
    } else {
      let gain = values.advantage(step) * (rule == .largestDrop ? -1 : 1)
      guard gain >= recipe.values.minimumAdvantage else { return .smallAdvantage }
    }
    return recipe.values.unclear == .skip && !isClear(step) ? .unclear : nil
  }

  /// Whether the state before a step is worth the chance of guessing plus the recipe's floor.
  private func isWorthy(_ step: Int) -> Bool {
    recipe.values.floor <= 0
      || means[step] >= values.trajectory.problem.guessChance + recipe.values.floor
  }

  private var worthy: [Int] { candidates.filter(isWorthy) }

  private func verdict(_ step: Int, taken: [Int], isDrawn: Bool) -> ResetVerdict {
    if taken.contains(step) { return .reset }
    if let obstacle = obstacle(step) { return obstacle }
    if isDrawn { return .drawnElsewhere }
    let isBeside = taken.count < most && taken.contains { abs($0 - step) == 1 }
    return isBeside ? .besideAnother : .lowerRanked
  }
}

extension Rule {
  /// What the rule makes as large as possible at a step; 0 for rules that do not look at values.
  ///
  /// - Parameters:
  ///   - values: One for each boundary, the end included.
  ///   - step: The step.
  /// - Returns: The score.
  public func score(_ values: [Double], _ step: Int) -> Double {
    let advantage = values[step + 1] - values[step]
    return switch self {
    case .paperAbsolute, .binarySearch: abs(advantage)
    case .paperSigned: advantage
    case .largestDrop: -advantage
    case .prefixArgmax: values[step]
    case .random, .restart, .entropy, .selfLocalised: 0
    }
  }

  /// Whether the rule looks at values at all.
  public var looksAtValues: Bool {
    switch self {
    case .paperAbsolute, .paperSigned, .largestDrop, .prefixArgmax, .binarySearch: true
    case .random, .restart, .entropy, .selfLocalised: false
    }
  }

  /// The step the rule looks for; the earliest wins ties, nil where there is no candidate.
  func best(of values: [Double], among candidates: [Int]) -> Int? {
    if self == .binarySearch, candidates.count == values.count - 1 { return Rule.bisect(values) }
    guard var best = candidates.first else { return nil }
    for step in candidates.dropFirst() where score(values, step) > score(values, best) {
      best = step
    }
    return best
  }

  /// Halves the boundaries and follows the half in which the value changes more, the first on ties.
  ///
  /// This finds the largest change for certain only where values are monotone.
  static func bisect(_ values: [Double]) -> Int {
    var (low, high) = (0, values.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      let first = abs(values[middle] - values[low])
      let second = abs(values[high] - values[middle])
      if first >= second { high = middle } else { low = middle }
    }
    return low
  }
}

extension StepValues {
  /// The steps a rule may choose: those between valued boundaries, all where nothing is valued.
  func candidates(_ rule: Rule) -> [Int] {
    let all = Array(0..<steps)
    let valued = all.filter { isKnown($0) && (rule == .prefixArgmax || isKnown($0 + 1)) }
    return valued.isEmpty ? all : valued
  }
}
