import Tensors
public import Trajectories

/// How often the interval shown for the leading step holds its true advantage.
///
/// The leading step was chosen because its estimate came out large, so an interval that ignores the
/// choice holds the truth too rarely: the winner's curse. Values are known exactly; rollouts are
/// drawn as coins of those values.
public struct CoverageStudy: Equatable, Sendable {
  /// One number of rollouts and what was found with it.
  public struct Row: Equatable, Sendable {
    /// Rollouts at each boundary.
    public var rollouts: Int
    /// Share of choices whose plain 95 % interval holds the true advantage.
    public var plain: Proportion
    /// The same of the interval that is shown, which knows of the choice.
    public var shown: Proportion
    /// Mean width of the shown interval.
    public var width: Double
  }

  /// The rows, in the order of the numbers asked for.
  public let rows: [Row]

  /// Values answers again and again with each number of rollouts.
  ///
  /// - Parameters:
  ///   - truths: Values that are known exactly, one for each answer.
  ///   - rollouts: Rollouts at each boundary.
  ///   - repetitions: Times each answer is valued.
  ///   - recipe: Its rule and seed are used.
  public init(of truths: [StepValues], rollouts: [Int], repetitions: Int, recipe: Recipe) {
    rows = rollouts.map { count in
      var random = Random(seed: Random.seed(recipe.seed, UInt64(count)))
      var (plain, shown, width) = (0, 0, 0.0)
      for truth in truths {
        for _ in 0..<repetitions {
          let found = truth.drawn(count, &random)
          guard let choice = found.criticalStep(recipe) else { continue }
          let step = choice.leader
          let (advantage, low, high) = found.value(step + 1).difference(from: found.value(step))
          let real = truth.advantage(step)
          // An estimate that is exact to the last bit counts as held.
          plain += (min(low, advantage) - 1e-9...max(high, advantage) + 1e-9) ~= real ? 1 : 0
          shown += (choice.low - 1e-9...choice.high + 1e-9) ~= real ? 1 : 0
          width += choice.high - choice.low
        }
      }
      let trials = truths.count * repetitions
      return Row(
        rollouts: count, plain: Proportion(plain, of: trials),
        shown: Proportion(shown, of: trials), width: width / Double(max(1, trials)))
    }
  }

  /// A right answer of some steps whose value is the same before each: no step but the last does
  /// anything.
  public static func flat(steps: Int, value: Double) -> StepValues {
    let places = (0..<steps).map { Step(start: $0, end: $0 + 1, text: "\n") }
    let answer = Trajectory(
      id: "flat",
      problem: Problem(id: "flat", task: "flat", prompt: "", reference: "", guessChance: 0),
      promptTokens: [0], responseTokens: places.map { Int32($0.start) },
      logProbabilities: places.map { _ in 0 }, steps: places, reward: 1, chainCorrect: nil, seed: 0,
      policyVersion: 0, truncated: false)
    var values = StepValues(trajectory: answer, policyVersion: 0)
    for boundary in 0..<steps {
      values.set(KnownValue(mean: value, low: value, high: value, tokens: 0), at: boundary)
    }
    return values
  }
}

extension StepValues {
  /// The same answer valued with so many rollouts at each boundary, each right with the chance that
  /// these values say.
  fileprivate func drawn(_ rollouts: Int, _ random: inout Random) -> StepValues {
    let counted = (0..<steps).map { boundary -> (sum: Double, rollouts: Int) in
      let right = (0..<rollouts).count { _ in Double(random.uniform()) < mean(boundary) }
      return (Double(right), rollouts)
    }
    return StepValues(
      trajectory: trajectory, policyVersion: policyVersion, counted: counted)
  }
}
