import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct StepValuesTests {
  let task = RightWrong(chances: [0.5, 1, 0.25, 0.9])

  @Test func `values approach the exact ones`() throws {
    let valuer = task.valuer(Recipe())
    let base = task.trajectory([true, true, true, true])
    let values = try valuer.values(of: base, rollouts: 2000)
    let exact = [0.1125, 0.225, 0.225, 0.9, 1, 1]
    for (boundary, value) in exact.enumerated() {
      // Four standard errors of 2000 rollouts.
      let error = 4 * (value * (1 - value) / 2000).squareRoot()
      #expect(abs(values.mean(boundary) - value) <= error, "boundary \(boundary)")
    }
    #expect(values.valuation().values.last?.rollouts == 0)
    #expect(values.spent == 5 * 2000)
  }

  @Test func `nothing is reached after a wrong line`() throws {
    let valuer = task.valuer(Recipe())
    let base = task.trajectory([true, false, true, true])
    let values = try valuer.values(of: base, rollouts: 50)
    #expect(values.mean(2) == 0 && values.mean(3) == 0 && values.mean(5) == 0)
  }

  @Test func `all boundaries are asked for in one call`() throws {
    let policy = task.policy()
    let valuer = StepValuer(
      RolloutSampler(policy: policy, codec: task, task: task, recipe: Recipe(), version: 0))
    let values = try valuer.values(of: task.trajectory([true, true, true, true]), rollouts: 3)
    #expect(policy.requests == 5)
    #expect(policy.tokensDrawn == values.tokens)
  }

  @Test func `topping up gives what one call would have given`() throws {
    let valuer = task.valuer(Recipe())
    let base = task.trajectory([true, true, true, true])
    var split = [StepValues(trajectory: base, policyVersion: 0)]
    try valuer.value(&split, .each([[3, 0, 1, 8, 2]]))
    try valuer.value(&split, .each([[5, 8, 7, 0, 6]]))
    #expect(try valuer.values(of: base, rollouts: 8) == split[0])
  }

  @Test func `partial values arrive and a stop keeps what had finished`() throws {
    let valuer = task.valuer(Recipe())
    var values = [
      StepValues(trajectory: task.trajectory([true, true, true, true]), policyVersion: 0)
    ]
    var seen: [Int] = []
    let progress = WorkProgress<ValueReport> { report throws(Stopped) in
      seen.append(report.values.spent)
      if report.finished == 7 { throw Stopped() }
    }
    #expect(throws: Stopped.self) {
      try valuer.value(&values, .each([[4, 4, 4, 4, 4]]), progress: progress)
    }
    #expect(seen == Array(1...7))
    #expect(values[0].spent == 7)
  }

  @Test func `what a stop left out is drawn next, and nothing is drawn twice`() throws {
    let valuer = task.valuer(Recipe())
    let base = task.trajectory([true, true, true, true])
    let whole = try valuer.values(of: base, rollouts: 6)
    // Seeds 1 and 4 of the first boundary had finished, others had not.
    var values = [StepValues(trajectory: base, policyVersion: 0)]
    for number in [1, 4] { values[0].add(whole.rollouts[0][number], at: 0) }
    try valuer.value(&values, .each([[4, 0, 0, 0, 0]]))
    let seeds = values[0].rollouts[0].map(\.continuation.seed)
    #expect(seeds.count == 6)
    #expect(Set(seeds) == Set(whole.rollouts[0].map(\.continuation.seed)))
  }

  @Test func `truncated rollouts and their tokens are counted`() throws {
    var recipe = Recipe()
    recipe.sampling.limit = 4
    let valuer = task.valuer(recipe)
    let base = task.trajectory([true, true, true, true])
    var values = [StepValues(trajectory: base, policyVersion: 0)]
    try valuer.value(&values, .each([[6, 0, 0, 0, 0]]))
    let value = values[0].value(0)
    #expect(value.truncated == 6 && value.rollouts == 6 && values[0].tokens == 24)
    #expect(value.mean == 0 && value.low < 0.01 && value.high > 0.3)
  }
}
