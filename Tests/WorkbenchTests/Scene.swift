import Trajectories

@testable import Workbench

/// A run with three answers and their branches, the same every time.
enum Scene {
  static let wrong = "update-60/1"
  static let right = "update-60/2"
  static let plain = "update-60/3"

  static let wrongTexts = [
    "*8 24", "*2 1", "-5 27", "*3 19", "+4 22", "-5 17", "*2 3", "-5 29", "# 29",
  ]

  /// A state of that size in front of the run.
  static func state(
    columns: Int = 80, rows: Int = 24, glyphs: GlyphSet = .unicode, readOnly: String? = nil,
    events: [RunEvent] = Scene.events
  ) -> WorkbenchState {
    var state = WorkbenchState(
      runName: "samples/run", policyName: "tiny", size: Size(columns: columns, rows: rows),
      glyphs: glyphs, readOnly: readOnly)
    _ = update(&state, .events(events))
    return state
  }

  /// The same after these keys, by name.
  static func state(_ start: WorkbenchState, after keys: [String]) -> WorkbenchState {
    var state = start
    for name in keys { _ = update(&state, .key(Key(named: name) ?? .escape)) }
    return state
  }

  static var events: [RunEvent] {
    var recipe = Recipe()
    recipe.task.hard = 4
    let start = RunStart(recipe: recipe, machine: "one", parameters: 105_984, version: "0.1.0")
    return [
      .started(start), .checkpointed(update: 0),
      .sampled(answer(wrong, wrongTexts, reward: 0, slip: 4)),
      .sampled(
        answer(
          right, ["*8 24", "*2 17", "-5 12", "*3 5", "+4 9", "-5 4", "*2 8", "-5 3", "# 3"],
          reward: 1)),
      .sampled(answer(plain, ["*8 24", "*2 17", "# 17"], reward: 1, slip: 1)),
      .valued(valuation), .proposed(proposal),
    ] + branches.map { .sampled($0) }
  }

  static func answer(
    _ id: String, _ texts: [String], reward: Double, slip: Int? = nil, fork: Fork? = nil
  ) -> Trajectory {
    let steps = texts.enumerated().map { place, text in
      let verdict: StepVerdict =
        place == slip ? .wrong : place > slip ?? .max ? .inherited : .right
      return Step(
        start: place * 3, end: place * 3 + 3, text: text + "\n", verdict: verdict,
        note: place == slip ? "is 23 in truth" : "")
    }
    let tokens = (0..<Int32(texts.count * 3)).map { $0 % 7 }
    return Trajectory(
      id: id,
      problem: Problem(
        id: "chains/7/17", task: "chains", prompt: "3 *8 *2 -5 *3 +4 -5 *2 -5 :", reference: "3",
        guessChance: 1.0 / 31),
      promptTokens: [1, 2], responseTokens: tokens,
      logProbabilities: tokens.map { _ in -0.5 }, steps: steps, reward: reward,
      chainCorrect: slip == nil, seed: 17, policyVersion: 0, truncated: false, forkedFrom: fork)
  }

  static var valuation: Valuation {
    let means = [0.40625, 0.4375, 0.5, 0.5, 0.5, 0.03125, 0.03125, 0.0625, 0.03125, 0]
    let values = means.enumerated().map { place, mean in
      let end = place == means.count - 1
      return StepValue(
        boundary: place, rewardSum: mean * 32, rollouts: end ? 0 : 32, truncated: 0, mean: mean,
        low: end ? mean : max(0, mean - (mean > 0.2 ? 0.17 : 0.025)),
        high: end ? mean : mean + (mean > 0.2 ? 0.17 : 0.12))
    }
    return Valuation(
      trajectory: wrong, policyVersion: 0, values: values, tokens: 9000, seconds: 0.9)
  }

  static var proposal: CriticalStep {
    CriticalStep(
      trajectory: wrong, policyVersion: 0, rule: .paperAbsolute, step: 4, leader: 4,
      advantage: -0.46875, low: -0.61, high: -0.29, confidence: 0.99, rollouts: 288)
  }

  static var branches: [Trajectory] {
    let fork = Fork(trajectory: wrong, step: 4, keptTokens: 12)
    let kept = Array(wrongTexts.prefix(4))
    let other = kept + ["+4 23", "-5 18", "*2 5", "-5 0", "# 0"]
    return [
      answer("branch-1", other, reward: 1, fork: fork),
      answer("branch-2", wrongTexts, reward: 0, slip: 4, fork: fork),
      answer(
        "branch-3", kept + ["+4 23", "-5 18", "*2 6", "-5 1", "# 1"], reward: 0, slip: 6,
        fork: fork),
    ]
  }
}
