import Trajectories

@testable import Workbench

/// A run that is the same every time, with a bit of everything a screen can show.
enum SampleRun {
  static let wrong = "update-1/16"

  /// A run of the default recipe after so many updates.
  static func history(updates: Int = 34, marked: Int = 2) -> RunHistory {
    var recipe = Recipe()
    recipe.values.rollouts = 32
    var events: [RunEvent] = [
      .started(
        RunStart(
          recipe: recipe, machine: "Some Processor, Haswell, avx2", parameters: 105_984,
          version: "0.1.0")),
      .evaluated(evaluation(version: 0)), .checkpointed(update: 0), .sampled(trajectory()),
      .valued(valuation(version: 0, values: wrongValues)),
      .marked(Mark(trajectory: wrong, step: 4, kind: .marked)),
    ]
    for update in 0..<updates {
      events.append(.updated(metrics(update: update + 1, marked: marked)))
      guard (update + 1) % 15 == 0 else { continue }
      events += [.evaluated(evaluation(version: update + 1)), .checkpointed(update: update + 1)]
    }
    if updates >= 30 { events.append(.valued(valuation(version: 30, values: mendedValues))) }
    return RunHistory(events)
  }

  static func metrics(update: Int, marked: Int) -> Metrics {
    let time = Double(update)
    // A small saw tooth stands for noise.
    let noise = Double((update * 7) % 5 - 2) / 100
    var it = Metrics()
    it.update = update
    it.reward = 0.09 + time * 0.011 + noise
    it.resetReward = update > 2 ? 0.4 + time * 0.006 - noise : nil
    it.chainAccuracy = 0.05 + time * 0.01
    it.loss = noise * 2
    it.kl = 0.0002 * time * time / 10
    it.entropy = 0.9 - time * 0.012
    it.clipRatio = 0.01 + noise / 4 + 0.005
    it.gradientNorm = 0.8 + noise * 8
    it.learningRate = 2e-4 * min(1, time / 10)
    it.resetShare = update > 2 ? 0.5 : 0
    it.bufferSize = min(64, update * 3)
    it.bufferPurity = update > 2 ? 0.81 - noise : nil
    it.bufferMarked = update > 4 ? marked : 0
    it.trainingTokens = update * 12_200
    it.estimationTokens = update * 2_850
    it.truncatedShare = 0.01 + noise / 4
    it.stepsPerAnswer = 8 + noise * 20
    it.responseLength = 36 + noise * 40
    it.tokensPerSecond = 4100 + noise * 10_000
    it.seconds = 4.2
    return it
  }

  static func evaluation(version: Int) -> EvaluationResult {
    var it = EvaluationResult()
    it.policyVersion = version
    it.problems = 250
    it.samples = 1
    it.sampled = 0.09 + Double(version) * 0.0098
    it.sampledError = 0.02
    it.sampledChain = 0.06 + Double(version) * 0.009
    it.greedy = 0.2 + Double(version) * 0.009
    it.greedyError = 0.03
    it.greedyChain = 0.15
    return it
  }

  static func trajectory() -> Trajectory {
    let texts = [
      "*8 24\n", "*2 1\n", "-5 27\n", "*3 19\n", "+4 22\n", "-5 17\n", "*2 3\n", "# 29\n",
    ]
    let steps = texts.enumerated().map { Step(start: $0 * 4, end: $0 * 4 + 4, text: $1) }
    return Trajectory(
      id: wrong,
      problem: Problem(
        id: "chains/7/12", task: "chains", prompt: "3 *8 *2 -5 *3 +4 -5 *2 :", reference: "5",
        guessChance: 1.0 / 31),
      promptTokens: [1, 2], responseTokens: Array(repeating: 3, count: 32),
      logProbabilities: Array(repeating: -0.5, count: 32), steps: steps, reward: 0,
      chainCorrect: false, seed: 7, policyVersion: 0, truncated: false)
  }

  private static let wrongValues = [0.41, 0.43, 0.49, 0.49, 0.49, 0.03, 0.06, 0.03, 0]
  private static let mendedValues = [0.78, 0.8, 0.81, 0.81, 0.82, 0.05, 0.06, 0.03, 0]

  static func valuation(version: Int, values: [Double], rollouts: Int = 32) -> Valuation {
    Valuation(
      trajectory: wrong, policyVersion: version,
      values: values.enumerated().map { index, mean in
        let isEnd = index == values.count - 1
        return StepValue(
          boundary: index, rewardSum: mean * Double(rollouts), rollouts: isEnd ? 0 : rollouts,
          truncated: 0, mean: mean, low: isEnd ? mean : max(0, mean - 0.12),
          high: isEnd ? mean : min(1, mean + 0.12))
      }, tokens: 9000, seconds: 0.9)
  }

  /// A workbench that shows one of the screens.
  static func state(
    _ screen: ScreenName, size: Size, glyphs: GlyphSet = .unicode, updates: Int = 34
  ) -> WorkbenchState {
    var state = WorkbenchState(
      runName: "samples/run", policyName: "tiny", size: size, glyphs: glyphs)
    state.history = history(updates: updates)
    state.selection = wrong
    state.step = 4
    state.screen = screen
    return state
  }
}
