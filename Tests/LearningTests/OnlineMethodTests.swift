import Comparing
import Foundation
import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct OnlineMethodTests {
  static let online: [Trajectories.Method] = [.grpo, .ppo, .rloo, .reinforce, .reinforcePlusPlus]

  func recipe(_ method: Trajectories.Method) -> Recipe {
    var recipe = LoopFixture.recipe
    recipe.objective.method = method
    recipe.objective.scaleRewards = method == .grpo ? .group : .none
    recipe.resets.start = .none
    recipe.critic.learningRate = 0.1
    return recipe
  }

  func rewards(_ recipe: Recipe, updates: Int = 12) throws -> [Double] {
    let fixture = try LoopFixture(recipe)
    return try (0..<updates).compactMap { _ in try fixture.update()?.reward }
  }

  @Test(arguments: online) func `every online method raises the reward`(
    method: Trajectories.Method
  ) throws {
    let rewards = try rewards(recipe(method))
    #expect(rewards.suffix(2).reduce(0, +) / 2 > rewards[0] + 0.3, "\(rewards)")
  }

  @Test(arguments: [BaselineChoice.none, .batch, .group, .leaveOneOut, .critic])
  func `REINFORCE learns with every baseline`(baseline: BaselineChoice) throws {
    var recipe = recipe(.reinforce)
    recipe.objective.baseline = baseline
    let rewards = try rewards(recipe)
    #expect(rewards.suffix(2).reduce(0, +) / 2 > rewards[0] + 0.2, "\(rewards)")
  }

  @Test(arguments: [Trajectories.Method.grpo, .ppo, .reinforce])
  func `step values stand in for the answer's reward`(method: Trajectories.Method) throws {
    var recipe = recipe(method)
    recipe.objective.credit = .steps
    let fixture = try LoopFixture(recipe)
    let first = try #require(try fixture.update())
    let last = try #require(try fixture.update(11))
    #expect(fixture.loop.critic == nil && first.explainedVariance == nil)
    #expect(first.estimationTokens > 0)
    #expect(last.reward > first.reward + 0.2)
  }

  @Test func `PPO starts every rollout at a problem of its own and GRPO a group`() throws {
    for (method, problems) in [(Trajectories.Method.ppo, 48), (.grpo, 8)] {
      var recipe = recipe(method)
      recipe.record.trajectories = 48
      let fixture = try LoopFixture(recipe)
      try fixture.update()
      #expect(fixture.sampled.count == 48)
      #expect(Set(fixture.sampled.map(\.problem.id)).count == problems)
    }
  }

  @Test func `the critic learns what the states of the table are worth`() throws {
    var recipe = recipe(.ppo)
    recipe.updates = 40
    recipe.optimizer.learningRate = 0
    recipe.critic.clip = 0
    recipe.critic.lambda = 1
    recipe.critic.coefficient = 1
    let fixture = try LoopFixture(recipe)
    let first = try #require(try fixture.update())
    let last = try #require(try fixture.update(39))
    #expect(abs(try #require(first.explainedVariance)) < 1e-9)
    #expect(try #require(last.explainedVariance) > 0.05)
    let losses = try [first, last].map { try #require($0.valueLoss) }
    #expect(losses[1] < losses[0])
  }

  @Test func `a pull in the reward keeps the policy nearer to its start`() throws {
    let distances = try [0, 2.0].map { coefficient -> Double in
      var recipe = recipe(.ppo)
      recipe.objective.klPlace = .reward
      recipe.objective.klCoefficient = coefficient
      let fixture = try LoopFixture(recipe)
      return try #require(try fixture.update(8)?.kl)
    }
    #expect(distances[1] < 0.7 * distances[0])
  }

  @Test func `the coefficient follows its target and is kept in the state`() throws {
    var recipe = recipe(.grpo)
    recipe.objective.klCoefficient = 0.1
    recipe.objective.klEstimate = .k3
    recipe.objective.klTarget = 1e-6
    recipe.objective.klHorizon = 48
    let fixture = try LoopFixture(recipe)
    let metrics = try (0..<4).compactMap { _ in try fixture.update() }
    #expect(try #require(metrics[3].klCoefficient) > 0.1)
    #expect(metrics[3].klCoefficient == fixture.loop.state.klCoefficient)
  }

  @Test func `parts of the rollouts are shuffled and each is learnt from once a pass`() throws {
    var recipe = recipe(.ppo)
    recipe.objective.minibatches = 4
    recipe.objective.passes = 2
    let fixture = try LoopFixture(recipe)
    try fixture.update()
    #expect(fixture.loop.optimizer.steps == 8)
    #expect(
      fixture.progress.filter { $0.phase == .learning }.map(\.total)
        == Array(repeating: 8, count: 8))
  }

  @Test func `a resumed run with all of it is bit for bit the one that was not interrupted`() throws
  {
    var recipe = recipe(.ppo)
    recipe.objective.minibatches = 2
    recipe.objective.passes = 2
    recipe.objective.klCoefficient = 0.05
    recipe.objective.klPlace = .reward
    recipe.objective.klTarget = 0.01
    recipe.objective.klHorizon = 100
    recipe.resets.start = .critical
    recipe.resets.priority = .advantage
    recipe.values.floor = 0
    let whole = try LoopFixture(recipe)
    try whole.update(3)
    let resumed = try LoopFixture(resuming: whole)
    let before = whole.events.count
    try whole.update(3)
    try resumed.update(3)
    #expect(resumed.loop.checkpoint() == whole.loop.checkpoint())
    expectEqual(resumed.events, Array(whole.events[before...]))
  }

  @Test func `what a reset kept carries loss only where it is asked to`() throws {
    var recipe = LoopFixture.recipe
    recipe.values.floor = 0
    recipe.resets.share = 1
    let fixture = try LoopFixture(recipe)
    try fixture.update(2)
    let groups = try GroupSampling(
      sampler: fixture.loop.sampler, buffer: fixture.loop.state.buffer
    ).draw(.unheard)
    let reset = try #require(groups.first { $0.isReset && !$0.prefix.kept.isEmpty })
    let masked = Batch(groups: [reset]).rows[0]
    let whole = Batch(groups: [reset], maskPrefix: false).rows[0]
    #expect(masked.tokens == whole.tokens)
    #expect(whole.firstPredicted == reset.prefix.prompt.count)
    #expect(masked.firstPredicted == whole.firstPredicted + reset.prefix.kept.count)
  }

  @Test func `a method without a critic in reach says so`() throws {
    var recipe = recipe(.ppo)
    recipe.updates = 1
    let policy = TablePolicy(vocabulary: 4) { _ in [0, 0, 0, 0] }
    #expect(throws: LearningError.criticMissing) {
      try TrainingLoop(
        policy: policy, reference: nil, codec: LoopFixture.task, task: LoopFixture.task,
        recipe: recipe, now: { 0 })
    }
  }
}
