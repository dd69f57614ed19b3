import Comparing
import Foundation
import Grading
import LanguageModel
import Tensors
import Testing
import Trajectories

@testable import Learning

/// Any response that says “right” and never “wrong” is rewarded: a fresh policy often succeeds.
private struct SayRight: ReasoningTask {
  func problem(id: String, prompt: String) -> Problem? { nil }
  func problem(id: String, random: inout Random) -> Problem { problem(id: id) }
  func problem(id: String = "p") -> Problem {
    Problem(id: id, task: "say-right", prompt: "go", reference: "right", guessChance: 0)
  }
  func judge(_ response: String, to problem: Problem) -> Judgement {
    let good = response.contains("right") && !response.contains("wrong")
    return Judgement(reward: good ? 1 : 0, chainCorrect: nil)
  }
  func examine(_ steps: [Step], of problem: Problem) -> [Step] { steps }
}

@Suite struct TransformerResumeTests {
  func recipe(_ method: Trajectories.Method) -> Recipe {
    var recipe = LoopFixture.recipe
    recipe.objective.method = method
    recipe.values.floor = 0
    recipe.values.minimumAdvantage = 0
    recipe.optimizer.learningRate = 5e-3
    recipe.optimizer.weightDecay = 0.01
    return recipe
  }

  func loop(_ recipe: Recipe, isAdapted: Bool = false) throws -> TrainingLoop {
    var shape = Architecture()
    (shape.vocabulary, shape.width, shape.hidden) = (6, 16, 32)
    (shape.heads, shape.keyHeads, shape.headWidth, shape.contextLength) = (2, 2, 8, 32)
    let base = Transformer(architecture: shape, seed: 3)
    var settings = LowRankSettings()
    settings.rank = 4
    let adapter = LowRankAdapter(architecture: shape, settings: settings, seed: 1)
    let policy = isAdapted ? base.adapted(by: adapter) : base
    let start = isAdapted ? base : base.copy()
    return try TrainingLoop(
      policy: policy, reference: { start }, codec: RightWrong(chances: []), task: SayRight(),
      recipe: recipe, now: { 0 })
  }

  func events(_ loop: TrainingLoop, updates: Int) throws -> [RunEvent] {
    var events: [RunEvent] = []
    for _ in 0..<updates {
      try loop.update { events.append($0) }
    }
    return events
  }

  @Test(arguments: Trajectories.Method.allCases, [false, true])
  func `a resumed transformer is bit for bit the one that was not interrupted`(
    method: Trajectories.Method, isAdapted: Bool
  ) throws {
    var recipe = recipe(method)
    recipe.objective.klCoefficient = isAdapted ? 0.05 : 0
    let whole = try loop(recipe, isAdapted: isAdapted)
    let all = try events(whole, updates: 6)
    let first = try loop(recipe, isAdapted: isAdapted)
    let before = try events(first, updates: 3)
    let checkpoint = try first.checkpoint().throughJSON()
    let second = try loop(recipe, isAdapted: isAdapted)
    try second.restore(checkpoint)
    let after = try events(second, updates: 3)
    #expect(second.checkpoint() == whole.checkpoint())
    #expect(before + after == all)
    let start = try loop(recipe, isAdapted: isAdapted).checkpoint()
    #expect(start.weights != checkpoint.weights && checkpoint.weights != whole.checkpoint().weights)
  }

  @Test func `going back to a checkpoint repeats what came after it`() throws {
    let loop = try loop(recipe(.grpo))
    _ = try events(loop, updates: 2)
    let checkpoint = loop.checkpoint()
    let once = try events(loop, updates: 2)
    let end = loop.checkpoint()
    try loop.restore(checkpoint)
    #expect(try events(loop, updates: 2) == once)
    #expect(loop.checkpoint() == end)
  }

  @Test func `a checkpoint of another method is refused and changes nothing`() throws {
    let loop = try loop(recipe(.grpo))
    _ = try events(loop, updates: 1)
    let before = loop.checkpoint()
    let other = try self.loop(recipe(.dpo)).checkpoint()
    #expect(throws: LearningError.self) { try loop.restore(other) }
    #expect(loop.checkpoint() == before)
  }

  @Test(arguments: Trajectories.Method.allCases)
  func `learning with an adapter leaves the weights beneath alone`(
    method: Trajectories.Method
  ) throws {
    let loop = try loop(recipe(method), isAdapted: true)
    let policy = try #require(loop.policy as? Transformer)
    let before = Array(policy.base.weights)
    let metrics = try events(loop, updates: 4).compactMap {
      if case .updated(let metrics) = $0 { metrics } else { nil }
    }
    expectEqual(Array(policy.base.weights), before)
    #expect(policy.adapter?.isIdentity == false)
    #expect(metrics[0].kl.magnitude < 1e-9)
    #expect(metrics[3].kl > 1e-7)
  }

  @Test(arguments: Trajectories.Method.allCases)
  func `micro-batches change nothing beyond rounding`(method: Trajectories.Method) throws {
    let weights = try [0, 40].map { tokens -> [Float] in
      var recipe = recipe(method)
      recipe.optimizer.microBatchTokens = tokens
      let loop = try loop(recipe)
      _ = try events(loop, updates: 1)
      return withExtendedLifetime(loop) { Array(loop.policy.parameters.weights) }
    }
    let distances = zip(weights[0], weights[1]).map { ($0 - $1).magnitude }
    #expect(distances.max() ?? 1 < 1e-4)
    #expect(weights[0] != weights[1])
  }

  @Test(arguments: Trajectories.Method.allCases)
  func `rounded gradients leave the first loss alone and move the weights a little otherwise`(
    method: Trajectories.Method
  ) throws {
    let ends = try [Precision.f32, .bf16].map { precision -> (Metrics, [Float]) in
      var recipe = recipe(method)
      recipe.optimizer.gradients = precision
      let loop = try loop(recipe)
      let metrics = try events(loop, updates: 1).compactMap {
        if case .updated(let metrics) = $0 { metrics } else { nil }
      }
      let weights = withExtendedLifetime(loop) { Array(loop.policy.parameters.weights) }
      return (try #require(metrics.first), weights)
    }
    #expect(ends[0].0.loss == ends[1].0.loss)
    #expect(ends[0].0.gradientNorm != ends[1].0.gradientNorm)
    #expect(abs(ends[0].0.gradientNorm / ends[1].0.gradientNorm - 1) < 0.02)
    #expect(ends[0].1 != ends[1].1)
  }

  @Test func `a stored state the policy cannot read is refused`() throws {
    let loop = try loop(recipe(.grpo))
    _ = try events(loop, updates: 1)
    let good = loop.checkpoint()
    let strange = Trajectory(
      id: "strange", problem: SayRight().problem(), promptTokens: [99], responseTokens: [1],
      logProbabilities: [0], steps: [Step(start: 0, end: 1, text: "$")], reward: 1,
      chainCorrect: nil, seed: 0, policyVersion: 0, truncated: false)
    var bad = good
    bad.state.buffer.insert(
      CriticalState(of: strange, step: 0, values: nil, marked: false))
    #expect(throws: LearningError.self) { try loop.restore(bad) }
    #expect(loop.checkpoint() == good)
  }

  @Test func `learning raises the reward of a transformer`() throws {
    let loop = try loop(recipe(.grpo))
    let metrics = try events(loop, updates: 15).compactMap {
      if case .updated(let metrics) = $0 { metrics } else { nil }
    }
    #expect(metrics[14].reward > metrics[0].reward + 0.2)
  }
}
