import LanguageModel
import Tensors
import Testing
import Trajectories

@testable import Learning

@Suite struct TrainingLoopTests {
  @Test(arguments: ResetStart.allCases)
  func `learning raises the reward`(start: ResetStart) throws {
    var recipe = LoopFixture.recipe
    recipe.resets.start = start
    let run = try LoopFixture(recipe)
    let first = try #require(try run.update())
    let last = try #require(try run.update(19))
    // The start is .15; 20 updates of .1 move each logit by up to 2.
    #expect(first.reward < 0.4)
    #expect(last.reward > 0.6, "\(start): \(last.reward)")
    #expect(last.kl > 0.02 && last.update == 20)
  }

  @Test func `events come in order and every valuation has its trajectory`() throws {
    let run = try LoopFixture()
    try run.update()
    let kinds = run.events.map { event in
      switch event {
      case .sampled: 0
      case .valued, .proposed: 1
      case .updated: 2
      default: 9
      }
    }
    #expect(kinds == kinds.sorted() && kinds.last == 2)
    #expect(run.sampled.count == 10)
    #expect(run.valuations.count == 3 && run.proposals.count == 3)
    let ids = Set(run.sampled.map(\.id))
    #expect(run.valuations.allSatisfy { ids.contains($0.trajectory) })
    #expect(Set(run.progress.map(\.phase)) == [.sampling, .valuing, .learning])
  }

  @Test func `every trajectory carries its log-probabilities and covers its steps`() throws {
    let run = try LoopFixture()
    try run.update(4)
    for trajectory in run.sampled {
      #expect(trajectory.logProbabilities.count == trajectory.responseTokens.count)
      #expect(trajectory.steps.last?.end == trajectory.responseTokens.count)
    }
    let branches = run.sampled.filter { $0.forkedFrom != nil }
    #expect(!branches.isEmpty)
    #expect(Set(run.sampled.map(\.id)).count == run.sampled.count)
  }

  @Test func `the share of reset groups is the recipe's once the buffer holds states`() throws {
    let run = try LoopFixture()
    let first = try #require(try run.update())
    #expect(first.resetShare == 0 && first.bufferSize > 0)
    var share = 0.0
    for _ in 0..<20 { share += try #require(try run.update()).resetShare / 20 }
    // 160 groups: four standard errors of a half are .16.
    #expect(abs(share - 0.5) < 0.16)
  }

  @Test func `tokens of learning and of estimation add up to all that was drawn`() throws {
    let run = try LoopFixture()
    let metrics = try #require(try run.update(5))
    #expect(metrics.trainingTokens + metrics.estimationTokens == run.policy.tokensDrawn)
    #expect(metrics.estimationTokens > 0)
  }

  @Test func `a random start fills the buffer without valuing anything`() throws {
    var recipe = LoopFixture.recipe
    recipe.resets.start = .random
    let run = try LoopFixture(recipe)
    let metrics = try #require(try run.update(2))
    #expect(metrics.estimationTokens == 0 && metrics.bufferSize == 6)
    #expect(run.valuations.isEmpty)
  }

  @Test func `no start means no resets and no buffer`() throws {
    var recipe = LoopFixture.recipe
    recipe.resets.start = .none
    let run = try LoopFixture(recipe)
    let metrics = try #require(try run.update(3))
    #expect(metrics.bufferSize == 0 && metrics.resetReward == nil && metrics.resetShare == 0)
  }

  @Test func `groups that agree move nothing`() throws {
    let run = try LoopFixture(task: RightWrong(chances: [0, 0.5, 0.5]))
    let before = run.weights
    let metrics = try #require(try run.update())
    #expect(run.weights == before && metrics.loss == 0 && metrics.gradientNorm == 0)
  }

  @Test func `a stopped update changes nothing and is made again alike`() throws {
    let plain = try LoopFixture()
    try plain.update(2)
    let run = try LoopFixture()
    try run.update()
    let (weights, state) = (run.weights, run.loop.state)
    for stop in [10, 60] {
      var seen = 0
      let progress = WorkProgress<LoopProgress> { _ throws(Stopped) in
        seen += 1
        if seen == stop { throw Stopped() }
      }
      #expect(throws: Stopped.self) { try run.loop.update(progress: progress) }
      #expect(seen == stop)
      #expect(run.weights == weights && run.loop.state == state)
    }
    try run.update()
    #expect(run.weights == plain.weights && run.events == plain.events)
  }

  @Test func `more passes move the weights further on the same rollouts`() throws {
    var recipe = LoopFixture.recipe
    recipe.objective.passes = 3
    let run = try LoopFixture(recipe)
    let once = try LoopFixture()
    let metrics = try #require(try run.update(2))
    try once.update(2)
    #expect(run.weights != once.weights)
    #expect(metrics.trainingTokens > 0 && metrics.clipRatio >= 0)
  }

  @Test func `a gradient that is not finite stops the run and names the parameter`() throws {
    let run = try LoopFixture()
    run.policy[2, 3] = .nan
    #expect {
      try run.update()
    } throws: { error in
      guard case LearningError.notFinite(let update, _, let parameter) = error else {
        return false
      }
      return update == 1 && parameter == "table"
    }
  }

  @Test func `a pull towards the start needs a copy of it`() throws {
    var recipe = LoopFixture.recipe
    recipe.objective.klCoefficient = 0.1
    let task = LoopFixture.task
    #expect(throws: LearningError.referenceMissing) {
      try TrainingLoop(
        policy: task.trainablePolicy(), reference: nil, codec: task, task: task, recipe: recipe,
        now: { 0 })
    }
  }
}
