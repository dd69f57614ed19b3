import Comparing
import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct ResumeTests {
  @Test(arguments: Method.allCases)
  func `a resumed run is bit for bit the run that was not interrupted`(method: Method) throws {
    var recipe = LoopFixture.recipe
    recipe.objective.method = method
    recipe.objective.passes = 2
    recipe.values.estimator = method == .grpo ? .topTwo : .uniform
    recipe.values.budget = 60
    let whole = try LoopFixture(recipe)
    try whole.update(6)
    let first = try LoopFixture(recipe)
    try first.update(3)
    let second = try LoopFixture(resuming: first)
    try second.update(3)
    expectEqual(second.weights, whole.weights)
    #expect(second.loop.state == whole.loop.state)
    expectEqual(first.events + second.events, whole.events)
  }
}
