import Comparing
import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct OfflineMethodsTests {
  static let methods = Method.allCases.filter(\.isOffline)

  func recipe(_ method: Trajectories.Method, _ start: ResetStart = .critical) -> Recipe {
    var recipe = LoopFixture.recipe
    recipe.objective = Recipe.standard(for: method).objective
    (recipe.objective.pairs, recipe.objective.batch) = (24, 8)
    recipe.objective.rolloutsPerProblem = 8
    recipe.resets.start = start
    recipe.values.floor = 0
    return recipe
  }

  func store(_ run: LoopFixture) throws -> PairStore { try #require(run.loop.state.pairs) }

  @Test(arguments: methods, ResetStart.allCases)
  func `every offline method makes right answers likelier`(
    method: Trajectories.Method, start: ResetStart
  ) throws {
    let run = try LoopFixture(recipe(method, start))
    let first = try #require(try run.update())
    let built = try store(run)
    let last = try #require(try run.update(11))
    #expect(try store(run) == built && built.pairs.count == 24)
    #expect(last.loss < first.loss)
    #expect(last.kl > 0 && first.kl.magnitude < 1e-6)
    let rows = built.pairs.map { $0.preference.rows[0] }
    let now = run.policy.score(rows).flatMap(\.logProbabilities).reduce(0, +)
    #expect(now > built.pairs.flatMap(\.chosenReference).reduce(0, +))
    let drawn = last.trainingTokens + last.estimationTokens
    #expect(drawn == run.policy.tokensDrawn)
    #expect((last.estimationTokens > 0) == (start == .critical || start == .randomValued))
  }

  @Test func `a step alone is compared, and only where the steps differ`() throws {
    var recipe = recipe(.dpo)
    recipe.objective.span = .step
    let run = try LoopFixture(recipe)
    try run.update()
    let pairs = try store(run).pairs
    #expect(pairs.count == 24)
    #expect(pairs.allSatisfy { $0.preference.chosen == [3, 2] })
    #expect(pairs.allSatisfy { $0.preference.rejected == [4, 2] })
  }

  @Test(arguments: [Trajectories.Method.dpo, .kto, .orpo])
  func `the shared prefix may carry loss`(method: Trajectories.Method) throws {
    let prompt = try LoopFixture(recipe(method))
    var changed = recipe(method)
    changed.objective.prefix = .response
    let response = try LoopFixture(changed)
    try prompt.update(3)
    try response.update(3)
    let (left, right) = (try store(prompt).pairs, try store(response).pairs)
    #expect(right.allSatisfy { $0.preference.prefix == [5] })
    #expect(
      zip(left, right).allSatisfy { left, right in
        left.preference.prefix + left.preference.chosen == [5] + right.preference.chosen
          && left.preference.prefix + left.preference.rejected == [5] + right.preference.rejected
      })
    #expect(left.contains { $0.preference.prefix.count > 1 })
    // Equal tokens on both sides cancel in DPO's difference, and nowhere else.
    #expect(method == .dpo || prompt.weights != response.weights)
  }

  @Test func `prefix tokens cancel in the difference of DPO`() throws {
    let weights = try SharedPrefix.allCases.map { prefix -> [Float] in
      var recipe = recipe(.dpo)
      recipe.objective.prefix = prefix
      recipe.objective.nllWeight = 0
      let run = try LoopFixture(recipe)
      try run.update()
      return run.weights
    }
    let worst = zip(weights[0], weights[1]).map { ($0 - $1).magnitude }.max() ?? 1
    #expect(worst < 1e-4)
  }

  @Test func `KTO refuses a pair without another to be measured against`() throws {
    let run = try LoopFixture(recipe(.kto))
    run.loop.pairTokens = 1
    // A budget that the first problem spends leaves what pairs it gave.
    run.loop.state.pairs?.pairs = [
      ReferencedPair(
        preference: Preference(prefix: [5], chosen: [3, 1], rejected: [4, 1]),
        chosenReference: [-1, -1], rejectedReference: [-1, -1])
    ]
    run.loop.state.trainingTokens = 1
    #expect(throws: LearningError.tooFewForKTO(pairs: 1)) { try run.update() }
  }

  @Test func `a mismatched prefix is another pair's where there is one`() throws {
    let run = try LoopFixture(recipe(.kto))
    try run.update()
    let built = try store(run)
    let mismatches = try #require(built.mismatches)
    #expect(mismatches.count == built.pairs.count)
    let prefixes = built.pairs.map(\.preference.prefix)
    #expect(Set(prefixes).count > 1)
    for (pair, mismatch) in mismatches.enumerated() {
      #expect(prefixes[pair] != prefixes[mismatch.partner])
    }
    try run.update(3)
    #expect(try store(run) == built)
  }

  @Test func `without a reference point KTO asks nothing of mismatched pairs`() throws {
    var recipe = recipe(.kto)
    recipe.objective.form = .apoZero
    let run = try LoopFixture(recipe)
    try run.update()
    #expect(try store(run).mismatches == nil)
  }

  @Test(arguments: [ResetStart.none, .replay, .random])
  func `without values regression credits the whole answer or a random step`(
    start: ResetStart
  ) throws {
    let run = try LoopFixture(recipe(.awr, start))
    try run.update()
    for pair in try store(run).pairs {
      let advantages = try #require(pair.advantages)
      let lengths = [pair.preference.chosen.count, pair.preference.rejected.count]
      #expect(pair.preference.prefix == [5] && advantages.map(\.count) == lengths)
      let told = advantages.map { Set($0).subtracting([0]) }
      #expect(told.allSatisfy { $0.count == 1 })
      // Right is 1 and wrong 0, each against the same mean.
      #expect(abs((told[0].first ?? 0) - (told[1].first ?? 0) - 1) < 1e-6)
      #expect(advantages.contains { $0.contains(0) } == (start == .random))
    }
    #expect(run.valuations.isEmpty)
  }

  @Test(arguments: [ResetStart.critical, .randomValued])
  func `with values regression credits each step, or deals the same to random ones`(
    start: ResetStart
  ) throws {
    let run = try LoopFixture(recipe(.awr, start))
    try run.update()
    let pairs = try store(run).pairs
    #expect(run.sampled.count == 10 && run.valuations.count == 10)
    for (place, base) in run.sampled.enumerated() {
      let values = run.valuations[place].values.map(\.mean)
      #expect(run.valuations[place].trajectory == base.id)
      let expected = base.steps.indices.map { Float(values[$0 + 1] - values[$0]) }
      let advantages = try #require(pairs[place / 2].advantages)[place % 2]
      let found = base.steps.map { advantages[$0.start] }
      #expect(start == .critical ? found == expected : found.sorted() == expected.sorted())
    }
  }

  @Test func `a gain from below the floor is held for luck`() throws {
    var recipe = recipe(.awr)
    recipe.values.floor = 0.99
    let run = try LoopFixture(recipe)
    try run.update()
    let advantages = try store(run).pairs.flatMap { $0.advantages ?? [] }.flatMap { $0 }
    #expect(advantages.allSatisfy { $0 <= 0 } && advantages.contains { $0 < 0 })
  }

  @Test(arguments: [Trajectories.Method.dpo, .kto, .awr])
  func `each round builds new pairs with the policy of then as the reference`(
    method: Trajectories.Method
  ) throws {
    var recipe = recipe(method)
    recipe.objective.rounds = 3
    let run = try LoopFixture(recipe)
    var seen: [PairStore] = []
    for _ in 0..<12 {
      let before = run.weights
      try run.update()
      guard run.loop.state.update % 4 == 1 else { continue }
      let built = try store(run)
      let judge = LoopFixture.task.trainablePolicy()
      _ = judge.parameters.weights.update(fromContentsOf: before)
      for pair in built.pairs {
        expectEqual(judge.score(pair.preference.rows)[0].logProbabilities, pair.chosenReference)
      }
      seen.append(built)
    }
    #expect(seen.map(\.pairs.count) == [8, 8, 8])
    #expect(seen[0].problems < seen[1].problems && seen[1].problems < seen[2].problems)
    #expect(seen[1].pairs != seen[2].pairs)
  }

  @Test(arguments: methods, [3, 4, 5])
  func `a run of several rounds resumes bit for bit anywhere`(
    method: Trajectories.Method, stop: Int
  ) throws {
    var recipe = recipe(method)
    recipe.objective.rounds = 3
    let whole = try LoopFixture(recipe)
    try whole.update(8)
    let first = try LoopFixture(recipe)
    try first.update(stop)
    let second = try LoopFixture(resuming: first)
    try second.update(8 - stop)
    expectEqual(second.weights, whole.weights)
    #expect(second.loop.state == whole.loop.state)
    expectEqual(first.events + second.events, whole.events)
  }

  @Test func `a broken store of pairs is refused`() throws {
    let run = try LoopFixture(recipe(.kto))
    try run.update()
    let good = run.loop.checkpoint()
    var bad = good
    bad.state.pairs?.mismatches?[0].partner = 99
    #expect(throws: LearningError.self) { try run.loop.restore(bad) }
    bad = good
    bad.state.pairs?.pairs[0].advantages = [[0], []]
    #expect(throws: LearningError.self) { try run.loop.restore(bad) }
    #expect(run.loop.checkpoint() == good)
  }
}
