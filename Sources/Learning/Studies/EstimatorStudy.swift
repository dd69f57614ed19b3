public import LanguageModel
public import Trajectories

/// One way to find the critical step, with its settings.
public struct EstimatorArm: Equatable, Sendable {
  /// What the table calls it.
  public var name: String
  /// How rollouts are shared out.
  public var estimator: Estimator
  /// `values.rollouts`.
  public var rollouts: Int
  /// `values.confidence`.
  public var confidence: Double
  /// `values.reuse`.
  public var reuse: Bool

  /// An arm with every field given.
  public init(
    _ name: String, _ estimator: Estimator, rollouts: Int = 4, confidence: Double = 0.8,
    reuse: Bool = false
  ) {
    self.name = name
    self.estimator = estimator
    self.rollouts = rollouts
    self.confidence = confidence
    self.reuse = reuse
  }

  /// The arms of the shipped study.
  public static let all: [EstimatorArm] =
    [2, 4, 8, 16, 32].map { EstimatorArm("uniform K=\($0)", .uniform, rollouts: $0) }
    + [8, 16, 32].map {
      EstimatorArm("uniform K=\($0), reuse", .uniform, rollouts: $0, reuse: true)
    }
    + [2, 4, 8].map { EstimatorArm("halving K0=\($0)", .halving, rollouts: $0) }
    + [4, 8].map { EstimatorArm("halving K0=\($0), reuse", .halving, rollouts: $0, reuse: true) }
    + [0.7, 0.8, 0.9].map { EstimatorArm("top-two \($0)", .topTwo, confidence: $0) }
    + [0.7, 0.8, 0.9].map {
      EstimatorArm("top-two \($0), reuse", .topTwo, confidence: $0, reuse: true)
    }
    + [0.7, 0.8, 0.9].map { EstimatorArm("confidence \($0)", .confidence, confidence: $0) }
    + [8, 16, 32].map { EstimatorArm("binary K=\($0)", .binary, rollouts: $0) }
    + [8, 16].map { EstimatorArm("entropy K=\($0)", .entropy, rollouts: $0) }
    + [EstimatorArm("exact", .exact)]

  func recipe(_ base: Recipe, rule: Rule, repetition: Int) -> Recipe {
    var recipe = base
    recipe.seed = base.seed &+ UInt64(repetition)
    recipe.values.rule = rule
    recipe.values.estimator = estimator
    recipe.values.rollouts = rollouts
    recipe.values.confidence = confidence
    recipe.values.reuse = reuse
    return recipe
  }
}

/// What an estimator reached under a rule; errors are standard errors over trajectories.
public struct EstimatorOutcome: Codable, Equatable, Sendable {
  /// The rule.
  public var rule: Rule
  /// The arm's name.
  public var estimator: String
  /// What must hold for its word to be right; nil where nothing special must.
  public var caution: String?
  /// Trajectories.
  public var trajectories: Int
  /// Searches of each trajectory.
  public var repetitions: Int
  /// Mean rollouts of a search.
  public var rollouts: Double
  /// Its standard error.
  public var rolloutsError: Double
  /// Mean tokens of a search.
  public var tokens: Double
  /// Share of searches whose leading step is the reference's, 0…1.
  public var agreement: Double
  /// Its standard error.
  public var agreementError: Double
  /// Mean of what the leading step lacks to the best one, in the reference's values.
  public var regret: Double
  /// Its standard error.
  public var regretError: Double
}

/// Compares estimators with many rollouts at every boundary, drawn apart from theirs.
public struct EstimatorStudy {
  /// The policy, the task and what else a recipe says.
  public let valuer: StepValuer
  /// Reference values of the trajectories.
  public let references: [StepValues]

  /// Draws the reference.
  public init(
    _ valuer: StepValuer, trajectories: [Trajectory], reference: Int,
    progress: WorkProgress<PartsDone>
  ) throws(Stopped) {
    self.valuer = valuer
    var all = trajectories.map { valuer.nothingKnown(of: $0, reusing: false) }
    try valuer.value(&all, .everywhere(reference, for: .reference), progress: progress.ofValues)
    references = all
  }

  /// Searches every trajectory several times with an arm and compares under each rule.
  ///
  /// - Returns: An outcome for each rule.
  public func outcomes(
    of arm: EstimatorArm, rules: [Rule], repetitions: Int, progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [EstimatorOutcome] {
    // What draws nothing is the same every time.
    let draws = arm.estimator != .exact && arm.estimator != .valueHead
    let repetitions = draws ? repetitions : 1
    var found: [EstimatorOutcome] = []
    var known: [[StepValues]] = []
    for rule in rules {
      if known.isEmpty || arm.estimator.looksAtRule {
        known = []
        for repetition in 0..<repetitions {
          known.append(try search(arm, rule, repetition, progress))
        }
      }
      found.append(compare(known, arm, rule))
    }
    return found
  }

  private func search(
    _ arm: EstimatorArm, _ rule: Rule, _ repetition: Int,
    _ progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [StepValues] {
    let recipe = arm.recipe(valuer.recipe, rule: rule, repetition: repetition)
    let sampler = valuer.sampler
    let searching = StepValuer(
      RolloutSampler(
        policy: sampler.policy, codec: sampler.codec, task: sampler.task, recipe: recipe,
        version: sampler.version))
    var all = references.map { searching.nothingKnown(of: $0.trajectory) }
    try searching.value(&all, progress: progress.ofValues)
    return all
  }

  private func compare(
    _ searches: [[StepValues]], _ arm: EstimatorArm, _ rule: Rule
  ) -> EstimatorOutcome {
    var rows: [(rollouts: Double, tokens: Double, agreement: Double, regret: Double)] = []
    for (index, reference) in references.enumerated() {
      var row = (rollouts: 0.0, tokens: 0.0, agreement: 0.0, regret: 0.0)
      for (repetition, search) in searches.enumerated() {
        let values = search[index]
        let recipe = arm.recipe(valuer.recipe, rule: rule, repetition: repetition)
        let leader = values.criticalStep(recipe)?.leader ?? 0
        let regret = reference.regret(of: leader, rule)
        row.rollouts += Double(values.spent)
        row.tokens += Double(values.tokens)
        row.agreement += regret < 1e-9 ? 1 : 0
        row.regret += regret
      }
      let count = Double(searches.count)
      rows.append(
        (row.rollouts / count, row.tokens / count, row.agreement / count, row.regret / count))
    }
    let rollouts = Spread(rows.map(\.rollouts))
    let agreement = Spread(rows.map(\.agreement))
    let regret = Spread(rows.map(\.regret))
    return EstimatorOutcome(
      rule: rule, estimator: arm.name, caution: arm.estimator.caution, trajectories: rows.count,
      repetitions: searches.count, rollouts: rollouts.mean,
      rolloutsError: rollouts.standardError ?? 0,
      tokens: Spread(rows.map(\.tokens)).mean, agreement: agreement.mean,
      agreementError: agreement.standardError ?? 0, regret: regret.mean,
      regretError: regret.standardError ?? 0)
  }
}

extension Estimator {
  /// Whether a search goes where the rule points.
  var looksAtRule: Bool {
    switch self {
    case .halving, .topTwo, .confidence, .binary: true
    case .uniform, .entropy, .exact, .valueHead: false
    }
  }
}

extension StepValues {
  /// What a step lacks to the best one by a rule's score of the mean rewards; never negative.
  func regret(of step: Int, _ rule: Rule) -> Double {
    let means = means
    let best = rule.best(of: means, among: candidates(rule)) ?? step
    return max(0, rule.score(means, best) - rule.score(means, step))
  }
}
