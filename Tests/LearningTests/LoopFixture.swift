import Foundation
import LanguageModel
import Tensors
import Trajectories

@testable import Learning

/// A training loop on the task whose values are known, and everything it said.
final class LoopFixture {
  let policy: TablePolicy
  let loop: TrainingLoop
  var events: [RunEvent] = []
  var progress: [LoopProgress] = []

  static let task = RightWrong(chances: [0.5, 0.6, 0.5])

  static var recipe: Recipe {
    var recipe = Recipe()
    recipe.seed = 4
    recipe.updates = 12
    recipe.sampling.limit = 12
    recipe.objective.groups = 8
    recipe.objective.groupSize = 6
    recipe.optimizer.learningRate = 0.1
    recipe.optimizer.warmUp = 2
    recipe.values.rollouts = 6
    recipe.resets.buffer = 16
    recipe.resets.newPerUpdate = 3
    recipe.record.trajectories = 10
    recipe.objective.pairs = 24
    recipe.objective.batch = 8
    recipe.objective.rolloutsPerProblem = 8
    return recipe
  }

  init(_ recipe: Recipe = LoopFixture.recipe, task: RightWrong = LoopFixture.task) throws {
    policy = task.trainablePolicy()
    loop = try TrainingLoop(
      policy: policy, reference: { task.trainablePolicy() }, codec: task, task: task,
      recipe: recipe,
      now: { 0 })
  }

  /// A loop that goes on from what a checkpoint of another holds.
  init(resuming other: LoopFixture) throws {
    policy = LoopFixture.task.trainablePolicy()
    loop = try TrainingLoop(
      policy: policy, reference: { LoopFixture.task.trainablePolicy() }, codec: LoopFixture.task,
      task: LoopFixture.task, recipe: other.loop.recipe, now: { 0 })
    try loop.restore(other.loop.checkpoint().throughJSON())
  }

  /// Makes updates and keeps what is said.
  @discardableResult
  func update(_ times: Int = 1, marks: [MarkedTrajectory] = []) throws -> Metrics? {
    var last: Metrics?
    for number in 0..<times {
      last = try loop.update(
        marks: number == 0 ? marks : [],
        progress: WorkProgress { [self] part in progress.append(part) },
        record: { events.append($0) })
    }
    return last
  }

  var weights: [Float] { Array(policy.parameters.weights) }

  var sampled: [Trajectory] {
    events.compactMap { if case .sampled(let trajectory) = $0 { trajectory } else { nil } }
  }
  var valuations: [Valuation] {
    events.compactMap { if case .valued(let valuation) = $0 { valuation } else { nil } }
  }
  var proposals: [CriticalStep] {
    events.compactMap { if case .proposed(let step) = $0 { step } else { nil } }
  }
}
