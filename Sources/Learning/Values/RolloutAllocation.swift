import Tensors
import Trajectories

/// Decides where the next rollouts of a search go.
protocol RolloutAllocation {
  /// Rollouts to add at each boundary before a step; all 0 where the search is over.
  mutating func next(_ values: StepValues) -> [Int]
}

extension StepValues {
  /// What boundaries lack to a number of rollouts.
  ///
  /// Where rollouts are reused only the first such boundary is asked for, since its rollouts may
  /// fill up those after it. How many do depends on what was written before, never on how it ended,
  /// so stopping there keeps the values unbiased.
  func lacking(_ wanted: Int, at boundaries: Set<Int>? = nil) -> [Int] {
    var more = (0..<steps).map { boundary in
      boundaries?.contains(boundary) ?? true ? max(0, wanted - tried(boundary)) : 0
    }
    if reuses, let first = more.firstIndex(where: { $0 > 0 }) {
      for boundary in more.indices where boundary != first { more[boundary] = 0 }
    }
    return more
  }

  /// Boundaries that border one of the steps, without the end.
  func boundaries(of steps: some Sequence<Int>) -> Set<Int> {
    Set(steps.flatMap { [$0, $0 + 1] }).filter { $0 < self.steps }
  }
}

/// The same number of rollouts at every boundary.
struct UniformAllocation: RolloutAllocation {
  let rollouts: Int

  func next(_ values: StepValues) -> [Int] { values.lacking(rollouts) }
}

/// Rollouts only beside the steps whose tokens were least certain.
///
/// A step that the policy writes almost surely cannot change the value, so its boundaries need not
/// be told apart. The entropy chooses where to look, never what is critical.
struct EntropyAllocation: RolloutAllocation {
  let rollouts: Int
  let share: Double

  func next(_ values: StepValues) -> [Int] {
    let entropies = values.hints.entropies
    let ranked = entropies.indices.sorted { (entropies[$1], $0) < (entropies[$0], $1) }
    let kept = max(1, Int((share * Double(values.steps)).rounded(.up)))
    return values.lacking(rollouts, at: values.boundaries(of: ranked.prefix(kept)))
  }
}

/// Successive halving (Karnin and others 2013) on steps: the better half goes on with twice the
/// rollouts at its boundaries, until one step is left.
struct HalvingAllocation: RolloutAllocation {
  let rule: Rule
  private var wanted: Int
  private var standing: [Int]

  init(rule: Rule, rollouts: Int, steps: Int) {
    self.rule = rule
    wanted = max(1, rollouts)
    standing = Array(0..<steps)
  }

  mutating func next(_ values: StepValues) -> [Int] {
    while true {
      let missing = values.lacking(wanted, at: values.boundaries(of: standing))
      let isDrawn = missing.allSatisfy { $0 == 0 }
      guard isDrawn, rule.looksAtValues, standing.count > 1 else { return missing }
      let means = values.means
      let ranked = standing.sorted {
        (rule.score(means, $1), $0) < (rule.score(means, $0), $1)
      }
      standing = ranked.prefix((standing.count + 1) / 2).sorted()
      guard standing.count > 1 else { return missing }
      wanted *= 2
    }
  }
}

/// Halves the boundaries, values the middle, and follows the half that changed more.
///
/// It needs about log2 of the boundaries times the rollouts, but finds the largest step for certain
/// only where values are monotone, which they often are not.
struct BinaryAllocation: RolloutAllocation {
  let rule: Rule
  let rollouts: Int
  private var bracket: (low: Int, high: Int)?

  init(rule: Rule, rollouts: Int) {
    self.rule = rule
    self.rollouts = max(1, rollouts)
  }

  mutating func next(_ values: StepValues) -> [Int] {
    var (low, high) = bracket ?? (0, values.steps)
    while true {
      bracket = (low, high)
      let middle = (low + high) / 2
      let wanted = Set([low, middle, high].filter { $0 < values.steps })
      let missing = values.lacking(rollouts, at: wanted)
      guard missing.allSatisfy({ $0 == 0 }), high - low > 1 else { return missing }
      let first = rule.change(from: values.mean(low), to: values.mean(middle))
      let second = rule.change(from: values.mean(middle), to: values.mean(high))
      if first >= second { high = middle } else { low = middle }
    }
  }
}

extension Rule {
  /// What the rule makes of a change of value over several steps.
  func change(from before: Double, to after: Double) -> Double {
    switch self {
    case .paperSigned: after - before
    case .largestDrop: before - after
    // The most valuable prefix lies where the value still is.
    case .prefixArgmax: before - after
    default: abs(after - before)
    }
  }
}

/// Uniform rounds until the leading step is clear.
struct ConfidenceAllocation: RolloutAllocation {
  /// Rollouts at each boundary in a round.
  static let round = 4

  let rule: Rule
  let confidence: Double
  var random: Random
  private var wanted = ConfidenceAllocation.round

  init(rule: Rule, confidence: Double, random: Random) {
    self.rule = rule
    self.confidence = confidence
    self.random = random
  }

  mutating func next(_ values: StepValues) -> [Int] {
    let missing = values.lacking(wanted)
    guard missing.allSatisfy({ $0 == 0 }), values.steps > 1, rule.looksAtValues else {
      return missing
    }
    let draws = AdvantageDraws(values, draws: TopTwoAllocation.draws, random: &random)
    let best = draws.probabilities(rule, among: values.candidates(rule)).max() ?? 1
    guard best < confidence else { return missing }
    wanted += ConfidenceAllocation.round
    return values.lacking(wanted)
  }
}
