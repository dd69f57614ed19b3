import LanguageModel
import Testing
import Trajectories

@testable import Learning

/// A training of a comparison ends where its budget says.
struct ComparisonTests {
  private func outcome(
    _ budget: TrainingBudget = TrainingBudget(), _ change: (inout Recipe) -> Void = { _ in }
  ) throws -> TrainingOutcome {
    var recipe = LoopFixture.recipe
    recipe.updates = 6
    recipe.evaluation.every = 2
    recipe.evaluation.problems = 8
    change(&recipe)
    let fixture = try LoopFixture(recipe)
    return try Comparison(of: fixture.loop, budget: budget)()
  }

  @Test func `without a budget the recipe's updates end it, measured on the way`() throws {
    let whole = try outcome()
    #expect(whole.curve.map(\.update) == [0, 2, 4, 6])
    #expect(whole.answers != nil)
    #expect(whole.failure == nil)
  }

  @Test func `a token budget ends at the first update at or past it`() throws {
    let whole = try outcome()
    let first = try #require(whole.curve.dropFirst().first)
    let budget = TrainingBudget(tokens: first.trainingTokens + first.estimationTokens)
    #expect(try outcome(budget).curve.map(\.update) == [0, 2])
    let more = try outcome(TrainingBudget(tokens: (budget.tokens ?? 0) + 1))
    #expect(more.curve.map(\.update) == [0, 2, 3])
  }

  @Test func `a token budget goes on beyond the recipe's updates`() throws {
    let whole = try outcome()
    let end = try #require(whole.curve.last)
    let twice = 2 * (end.trainingTokens + end.estimationTokens)
    let longer = try #require(try outcome(TrainingBudget(tokens: twice)).curve.last)
    #expect(longer.update > 6)
    #expect(longer.trainingTokens + longer.estimationTokens >= twice)
  }

  @Test func `tokens for estimates need not count`() throws {
    let end = try #require(try outcome().curve.last)
    let budget = TrainingBudget(tokens: end.trainingTokens, countsEstimation: false)
    #expect(try outcome(budget).curve.last?.update == 6)
    let counted = TrainingBudget(tokens: end.trainingTokens)
    #expect(try #require(try outcome(counted).curve.last).update < 6)
  }

  @Test func `offline a token budget buys pairs, not updates`() throws {
    func dpo(_ budget: TrainingBudget) throws -> TrainingOutcome {
      try outcome(budget) { recipe in
        recipe.objective.method = .dpo
        recipe.resets.start = .none
      }
    }
    let plain = try dpo(TrainingBudget())
    let more = try dpo(TrainingBudget(tokens: 3 * plain.curve[1].trainingTokens))
    #expect(more.curve.map(\.update) == plain.curve.map(\.update))
    #expect(more.curve[1].trainingTokens >= 3 * plain.curve[1].trainingTokens)
  }

  @Test func `a policy that is not trained is measured once`() throws {
    #expect(try outcome { $0.updates = 0 }.curve.map(\.update) == [0])
  }

  @Test func `a known start is not measured again`() throws {
    var start = EvaluationResult()
    start.sampled = 0.125
    var recipe = LoopFixture.recipe
    recipe.updates = 1
    let fixture = try LoopFixture(recipe)
    let found = try Comparison(of: fixture.loop)(from: start)
    #expect(found.curve.first?.sampled == 0.125)
  }

  @Test func `a stop leaves no outcome`() throws {
    let fixture = try LoopFixture()
    #expect(throws: Stopped.self) {
      _ = try Comparison(of: fixture.loop)(progress: .until { true })
    }
  }
}
