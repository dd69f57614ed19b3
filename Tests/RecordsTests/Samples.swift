import Foundation
import Trajectories

/// A folder of its own for a test; gone with its owner.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("crux-records-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}

/// Things to write down.
enum Samples {
  static func trajectory(
    _ id: String, prompt: String = "17 *3 +4 :", response: String = "*3 20\n+4 24\n"
  ) -> Trajectory {
    Trajectory(
      id: id,
      problem: Problem(
        id: "chains/7/\(id)", task: "chains", prompt: prompt, reference: "24",
        guessChance: 1.0 / 31),
      promptTokens: [1, 2, 3], responseTokens: [4, 5],
      logProbabilities: [-0.1, -.infinity],
      steps: [Step(start: 0, end: 2, text: response, verdict: .wrong, note: "is 23 in truth")],
      reward: 1, chainCorrect: nil, seed: .max, policyVersion: 3, truncated: false,
      forkedFrom: Fork(trajectory: "other", step: 1, keptTokens: 2))
  }

  static let value = StepValue(
    boundary: 0, rewardSum: 3, rollouts: 4, truncated: 0, mean: 0.75, low: 0.3, high: 0.95)

  static let effect = FreshEffect(
    step: 0, before: value, after: value, advantage: 0, low: -0.1, high: 0.1)

  static let critical = CriticalStep(
    trajectory: "a", policyVersion: 3, rule: .largestDrop, step: nil, leader: 2, advantage: -0.5,
    low: -0.7, high: -0.1, confidence: 0.9, rollouts: 36,
    fresh: FreshEffect(
      step: 2, before: value, after: value, advantage: 0, low: -0.1, high: 0.1))

  static var metrics: Metrics {
    var metrics = Metrics()
    metrics.update = 7
    metrics.loss = -.infinity
    metrics.gradientNorm = 1.0 / 3
    metrics.resetReward = 0.1
    return metrics
  }

  /// One event of every kind.
  static var events: [RunEvent] {
    [
      .started(
        RunStart(recipe: Recipe(), machine: "a machine", parameters: 12, version: "0.1")),
      .sampled(trajectory("a")),
      .valued(
        Valuation(trajectory: "a", policyVersion: 3, values: [value], tokens: 90, seconds: 0.1)),
      .measured(
        StepMeasurement(
          trajectory: "a", control: .randomStep, policyVersion: 3, tokens: 0..<2, effect: effect,
          cost: Cost(rollouts: 8, tokens: 90, seconds: 0.25))),
      .compared(
        StepComparison(
          trajectory: "a", step: 0, tokens: 0..<2, firstVersion: 1, secondVersion: 3, first: effect,
          second: effect)),
      .proposed(critical), .marked(Mark(trajectory: "a", step: 1, kind: .confirmed)), .undone,
      .recut(
        StepCut(
          trajectory: "a", kind: .split, token: 1, starts: [0],
          steps: [Step(start: 0, end: 1, text: "x"), Step(start: 1, end: 2, text: "y")])),
      .labelled(
        StepLabel(
          person: "Ada", trajectory: "a", step: nil, starts: [0, 1], blind: true, seconds: 2.5,
          ratings: [1, nil, -1], finish: .giveUp)),
      .redone,
      .edited(RecipeEdit(update: 7, key: "task.hard", before: "4", value: "3")),
      .followed(marks: 1, update: 7), .updated(metrics), .evaluated(EvaluationResult()),
      .checkpointed(update: 7, manifest: "0a1b"),
      .resumed(update: 7), .rolledBack(update: 3), .finished, .stopped,
      .failed(message: "no \"more\""),
      .warned(message: "a\nb\u{1B}[31m"),
    ]
  }

  /// The folder of the package.
  static var package: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }
}
