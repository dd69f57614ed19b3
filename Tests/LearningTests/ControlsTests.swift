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
}
