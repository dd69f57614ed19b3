import Foundation
import Testing
import Trajectories

@testable import Learning

/// The controls beside resets to the critical step.
struct ControlsTests {
  private func states(
    _ start: ResetStart, _ change: (inout Recipe) -> Void = { _ in }
  ) throws -> (states: [CriticalState], state: LoopState) {
    var recipe = LoopFixture.recipe
    recipe.values.floor = 0
    recipe.values.minimumAdvantage = 0
    recipe.resets.start = start
    change(&recipe)
    let fixture = try LoopFixture(recipe)
    try fixture.update()
    return (fixture.loop.state.buffer.states, fixture.loop.state)
  }

  @Test func `a replay stores the solved problems at their start and values nothing`() throws {
    let (states, state) = try states(.replay)
    #expect(!states.isEmpty)
    #expect(states.allSatisfy { $0.step == 0 && $0.keptTokens.isEmpty })
    #expect(state.estimationTokens == 0)
  }

  @Test func `a random valued step costs and selects what the critical one does`() throws {
    let critical = try states(.critical)
    let random = try states(.randomValued)
    #expect(random.state.estimationTokens == critical.state.estimationTokens)
    #expect(random.states.map(\.trajectory) == critical.states.map(\.trajectory))
    #expect(random.states.allSatisfy { $0.value != nil })
  }

  @Test func `a random valued step is above the floor`() throws {
    let (states, _) = try states(.randomValued) {
      $0.values.floor = 0.5
      $0.resets.newPerUpdate = 12
    }
    #expect(!states.isEmpty)
    #expect(states.allSatisfy { ($0.value ?? 0) >= 0.5 })
  }

  @Test(arguments: [ResetStart.replay, .randomValued])
  func `pairs can be built from every control`(start: ResetStart) throws {
    var recipe = LoopFixture.recipe
    recipe.objective.method = .dpo
    recipe.resets.start = start
    recipe.values.floor = 0
    recipe.values.minimumAdvantage = 0
    let fixture = try LoopFixture(recipe)
    try fixture.update()
    #expect(fixture.loop.state.pairs?.pairs.count == recipe.objective.pairs)
  }

  @Test func `steps of an answer are counted`() throws {
    let fixture = try LoopFixture()
    #expect(try #require(try fixture.update()?.stepsPerAnswer) > 1)
  }

  @Test(arguments: OfflineMethodsTests.methods, [ResetStart.none, .critical, .random])
  func `offline the steps of the answers that were drawn for the pairs are counted`(
    method: Trajectories.Method, start: ResetStart
  ) throws {
    var recipe = LoopFixture.recipe
    recipe.objective = Recipe.standard(for: method).objective
    (recipe.objective.pairs, recipe.objective.batch) = (8, 8)
    recipe.objective.rolloutsPerProblem = 8
    recipe.resets.start = start
    let fixture = try LoopFixture(recipe)
    let counted = try #require(try fixture.update()?.stepsPerAnswer)
    // Every answer to this task is three lines and the end.
    #expect(counted == 4)
  }

  @Test func `pairs of a checkpoint from before steps were counted have no number of them`() throws
  {
    var store = PairStore()
    store.promptRollouts = 4
    store.promptSteps = nil
    let data = try JSONEncoder().encode(store)
    #expect(!String(decoding: data, as: UTF8.self).contains("promptSteps"))
    #expect(try JSONDecoder().decode(PairStore.self, from: data) == store)
  }
}
