import LanguageModel
import Tensors
import Testing
import Trajectories

@testable import Learning

@Suite struct PreferenceTrainingTests {
  func recipe(_ start: ResetStart) -> Recipe {
    var recipe = LoopFixture.recipe
    recipe.objective.method = .dpo
    recipe.resets.start = start
    return recipe
  }

  @Test(arguments: ResetStart.allCases)
  func `pairs are built once, learnt from, and lower the loss`(start: ResetStart) throws {
    let run = try LoopFixture(recipe(start))
    let first = try #require(try run.update())
    let store = try #require(run.loop.state.pairs)
    #expect(store.pairs.count == 24)
    let last = try #require(try run.update(11))
    #expect(run.loop.state.pairs == store)
    #expect(last.loss < first.loss)
    #expect(last.trainingTokens == first.trainingTokens)
    #expect((first.estimationTokens > 0) == start.needsValues)
    #expect(first.trainingTokens + first.estimationTokens == run.policy.tokensDrawn)
  }

  @Test(arguments: ResetStart.allCases)
  func `the chosen side is right, the rejected wrong, both after one prefix`(
    start: ResetStart
  ) throws {
    let run = try LoopFixture(recipe(start))
    try run.update()
    for pair in try #require(run.loop.state.pairs).pairs {
      let kept = Array(pair.preference.prefix.dropFirst())
      let task = LoopFixture.task
      #expect(kept + pair.preference.chosen == task.tokens([true, true, true]))
      #expect(kept + pair.preference.rejected != task.tokens([true, true, true]))
      #expect(pair.chosenReference.count == pair.preference.chosen.count)
      #expect(start != .none || kept.isEmpty)
    }
  }

  @Test func `a stop while building keeps what was built`() throws {
    let whole = try LoopFixture(recipe(.critical))
    try whole.update()
    let run = try LoopFixture(recipe(.critical))
    let progress = WorkProgress<LoopProgress> { part throws(Stopped) in
      if part.done > 0 { throw Stopped() }
    }
    #expect(throws: Stopped.self) {
      try run.loop.update(progress: progress) { run.events.append($0) }
    }
    #expect(try #require(run.loop.state.pairs).pairs.count > 0)
    try run.update()
    #expect(run.weights == whole.weights && run.events == whole.events)
  }

  @Test func `a continuation meets one other at most`() {
    let rollouts = (0..<10).map { number in
      JudgedRollout(
        continuation: Continuation(
          tokens: [Token(number)], logProbabilities: [0], truncated: false, seed: 0),
        reward: number < 3 ? 1 : 0)
    }
    var random = Random(seed: 1)
    let pairs = preferences(among: rollouts, prefix: [5], most: 8, random: &random)
    #expect(pairs.count == 3)
    #expect(Set(pairs.map(\.chosen)) == [[0], [1], [2]])
    #expect(Set(pairs.map(\.rejected)).count == 3)
    #expect(pairs.allSatisfy { $0.rejected[0] >= 3 })
  }

  @Test func `problems that nobody solves end the building with a sentence`() throws {
    let run = try LoopFixture(recipe(.none), task: RightWrong(chances: [0, 1]))
    #expect(throws: LearningError.noPairs(problems: 2048, built: 0, wanted: 24)) {
      try run.update()
    }
  }
}
