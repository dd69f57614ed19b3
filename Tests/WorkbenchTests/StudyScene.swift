import Trajectories

@testable import Workbench

/// A study of five methods on three task settings, half of it finished, the same every time.
enum StudyScene {
  static let study = Study(
    methods: [
      StudyMethod(name: "GRPO"), StudyMethod(name: "GPO-GRPO", against: "GRPO"),
      StudyMethod(name: "GRPO, random step", against: "GRPO"), StudyMethod(name: "DPO"),
      StudyMethod(name: "temperature .3", isUntrained: true),
    ], tasks: ["8 hard", "4 hard, strict", "letters"],
    recipes: (0..<5).map { _ in (0..<3).map { hard in recipe(hard: 8 - hard) } },
    seeds: [0, 1, 2])

  private static func recipe(hard: Int) -> Recipe {
    var recipe = Recipe()
    recipe.task.hard = hard
    return recipe
  }

  /// A training whose accuracy rises to `end`.
  static func outcome(_ end: Double) -> TrainingOutcome {
    var outcome = TrainingOutcome()
    outcome.curve = (0...4).map { place in
      var result = EvaluationResult()
      result.policyVersion = place * 15
      result.sampled = end * Double(place + 1) / 5
      result.sampledError = 0.02
      result.sampledChain = result.sampled * 0.9
      result.greedy = min(1, result.sampled + 0.1)
      return MeasuredUpdate(
        result, trainingTokens: place * 80_000, estimationTokens: place * 20_000,
        seconds: Double(place) * 3)
    }
    return outcome
  }

  static func row(
    _ method: Int, _ task: Int, _ ends: [Double], difference: PairedDifference? = nil,
    failures: [String] = []
  ) -> StudyRow {
    StudyRow(
      task: study.tasks[task], method: study.methods[method], outcomes: ends.map(outcome),
      failures: failures, differences: difference.map { [.sampled: $0] } ?? [:])
  }

  static let rows = [
    row(0, 0, [0.05, 0.04, 0.06]),
    row(
      1, 0, [0.46, 0.47, 0.45],
      difference: PairedDifference(spread: Spread([0.41, 0.43, 0.39]), interval: 0.36...0.46)),
    row(
      2, 0, [0.24, 0.01],
      difference: PairedDifference(spread: Spread([0.19, -0.03]), interval: -1.32...1.48)),
    row(3, 0, [], failures: ["The loss is not a number after update 3."]),
    row(4, 0, [0.9]), row(0, 1, [0.7, 0.72, 0.71]),
    row(
      1, 1, [0.6, 0.62, 0.63],
      difference: PairedDifference(spread: Spread([-0.1, -0.1, -0.08]), interval: -0.12 ... -0.06)),
  ]

  /// A workbench in front of the study, two of its trainings under way.
  static func state(
    _ size: Size = Size(columns: 80, rows: 24), glyphs: GlyphSet = .unicode,
    readOnly: String? = nil
  ) -> WorkbenchState {
    var state = WorkbenchState(
      study: study, name: "study.toml", size: size, glyphs: glyphs, readOnly: readOnly)
    _ = update(&state, .study(rows, finished: 17))
    _ = update(
      &state,
      .underWay([
        StudyCell(method: 2, task: 0, seed: 2): 0.4, StudyCell(method: 2, task: 1, seed: 0): 0.1,
      ]))
    return state
  }
}
