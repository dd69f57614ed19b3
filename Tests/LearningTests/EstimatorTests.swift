import Grading
import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct EstimatorTests {
  /// One hard line of eight, so that the sixth step decides.
  let task = RightWrong(chances: [1, 1, 0.9, 1, 1, 0.3, 1, 1])

  func recipe(_ estimator: Estimator, rollouts: Int = 8) -> Recipe {
    var recipe = Recipe()
    recipe.values.rule = .paperSigned
    recipe.values.estimator = estimator
    recipe.values.rollouts = rollouts
    recipe.values.confidence = 0.95
    return recipe
  }

  func answer(_ seed: Int) -> Trajectory {
    task.trajectory(Array(repeating: true, count: 8), seed: UInt64(seed))
  }

  @Test(arguments: [
    (Estimator.uniform, 16, 144.0), (.halving, 4, 180), (.topTwo, 4, 110), (.confidence, 4, 144),
    (.binary, 16, 90), (.entropy, 16, 144),
  ])
  func `finds the planted step within its rollouts`(
    estimator: Estimator, rollouts: Int, most: Double
  ) throws {
    let recipe = recipe(estimator, rollouts: rollouts)
    var hits = 0
    var spent = 0
    for seed in 0..<20 {
      let values = try task.valuer(recipe).values(of: answer(seed))
      let critical = try #require(values.criticalStep(recipe))
      hits += critical.leader == 5 ? 1 : 0
      spent += values.spent
      #expect(critical.estimator == estimator)
    }
    #expect(hits >= 18)
    #expect(Double(spent) / 20 <= most)
  }

  @Test func `halving spends most beside the last steps that stand`() throws {
    let values = try task.valuer(recipe(.halving, rollouts: 2)).values(of: answer(3))
    let counts = (0..<values.steps).map { values.count($0) }
    #expect(counts.min() == 2)
    // Nine steps, then 5, 3, 2, 1: three times twice as many.
    #expect(counts.max() == 16)
  }

  @Test func `binary search says what it assumes, and only valued steps may lead`() throws {
    let recipe = recipe(.binary, rollouts: 16)
    let values = try task.valuer(recipe).values(of: answer(1))
    let critical = try #require(values.criticalStep(recipe))
    #expect(critical.estimator?.caution == "assumes monotone values")
    #expect(values.isKnown(critical.leader) && values.isKnown(critical.leader + 1))
    #expect((0..<values.steps).contains { !values.isKnown($0) })
  }

  @Test func `the entropy only chooses where rollouts go`() throws {
    var recipe = recipe(.entropy, rollouts: 8)
    recipe.values.prefilter = 0.2
    let values = try task.valuer(recipe).values(of: answer(1))
    // Only the lines with a choice are uncertain: the third and the sixth.
    #expect((0..<values.steps).filter { values.count($0) > 0 } == [2, 3, 5, 6])
    #expect(values.hints.entropies[5] > values.hints.entropies[2])
    #expect(values.hints.entropies[0] < 1e-6)
  }

  @Test func `the search in one call gives each answer what it gets alone`() throws {
    let valuer = task.valuer(recipe(.topTwo))
    let answers = (0..<3).map { answer($0) }
    var together = answers.map { valuer.nothingKnown(of: $0) }
    try valuer.value(&together)
    for (values, answer) in zip(together, answers) {
      #expect(try values == valuer.values(of: answer))
    }
  }

  @Test func `the critic's word takes no rollouts and claims no certainty`() throws {
    let policy = task.trainablePolicy()
    let head = try #require(policy.addValueHead())
    // States are the lines written so far, while all are right.
    for line in 0..<10 { head.parameters.weights[line] = line < 6 ? 0.25 : 1.5 }
    let recipe = recipe(.valueHead)
    let valuer = StepValuer(
      RolloutSampler(policy: policy, codec: task, task: task, recipe: recipe, version: 0))
    let values = try valuer.values(of: answer(0))
    #expect(values.spent == 0 && values.mean(0) == 0.25 && values.mean(6) == 1)
    let critical = try #require(values.criticalStep(recipe))
    #expect(critical.leader == 5 && critical.step == nil)
    #expect(values.value(5).basis == .critic)
    // A policy without a critic has no word.
    let none = try task.valuer(recipe).values(of: answer(0))
    #expect(!none.isKnown(0))
  }

  @Test func `every search stops when asked`() throws {
    let drawing = Estimator.allCases.filter { $0 != .exact && $0 != .valueHead }
    for estimator in drawing {
      var reports = 0
      let progress = WorkProgress<ValueReport> { _ throws(Stopped) in
        reports += 1
        if reports == 5 { throw Stopped() }
      }
      #expect(throws: Stopped.self) {
        _ = try task.valuer(recipe(estimator)).values(of: answer(0), progress: progress)
      }
      #expect(reports == 5)
    }
  }

  @Test func `greedy rollouts are one and the same, and their value is certain`() throws {
    for estimator in Estimator.allCases where estimator != .exact && estimator != .valueHead {
      var recipe = recipe(estimator)
      recipe.sampling.temperature = 0
      let valuer = RightWrong(chances: [0.8, 0.4]).valuer(recipe)
      let base = RightWrong(chances: [0.8, 0.4]).trajectory([true, true])
      let values = try valuer.values(of: base)
      #expect(values.means == [0, 0, 1, 1] && values.spent == 3)
      #expect((0..<3).allSatisfy { values.value($0).basis == .exact })
      var again = [values]
      try valuer.value(&again)
      #expect(again[0].spent == 3)
      let fresh = try EffectEstimator(valuer).fresh(of: base, step: 1, rollouts: 64)
      #expect(fresh.effect.advantage == 1 && fresh.effect.low > 0.9)
    }
  }
}

@Suite struct RolloutReuseTests {
  let task = RightWrong(chances: [0.8, 0.9, 0.5, 1])

  var recipe: Recipe {
    var recipe = Recipe()
    recipe.values.rollouts = 50
    recipe.values.reuse = true
    return recipe
  }

  @Test func `a rollout that takes the answer's own step counts at the next boundary`() {
    let base = task.trajectory([true, true, true, true])
    var values = StepValues(trajectory: base, policyVersion: 0, reuses: true)
    let valuer = task.valuer(recipe)
    for (tokens, boundary) in [
      ([3, 2, 3, 2, 4, 2, 4, 2, 1], 0), ([4, 2, 4, 2, 4, 2, 1], 1), ([3, 2, 1], 3),
    ] as [([Token], Int)] {
      let written = Continuation(
        tokens: tokens, logProbabilities: tokens.map { _ in 0 }, truncated: false, seed: 0)
      let reward = valuer.sampler.judge(base.state(before: boundary), written).reward
      values.add(JudgedRollout(continuation: written, reward: reward), at: boundary)
    }
    #expect((0..<5).map { values.count($0) } == [1, 2, 1, 1, 1])
    #expect(values.spent == 3)
    #expect(values.mean(3) == 1 && values.mean(4) == 1 && values.mean(2) == 0)
  }

  @Test func `a limit on new tokens is not reused over, for it lies elsewhere at each boundary`()
    throws
  {
    let base = task.trajectory([true, true, true, true])
    let values = try [true, false].map { reuse -> StepValues in
      var recipe = recipe
      recipe.values.reuse = reuse
      recipe.values.rollouts = 400
      var sampler = task.sampler(recipe)
      // From two lines on an answer fits into five tokens, from further back it is always cut off.
      sampler.newTokens = 5
      return try StepValuer(sampler).values(of: base)
    }
    #expect(values[0] == values[1])
    #expect(values[0].mean(0) == 0 && values[0].mean(1) == 0)
    #expect(abs(values[0].mean(2) - 0.5) < 4 * (0.25 / 400.0).squareRoot())
    #expect(values[0].mean(3) == 1)
  }

  @Test func `reused values are unbiased and spend less`() throws {
    var sums = Array(repeating: 0.0, count: 5)
    var spent = 0
    for seed in 0..<60 {
      let base = task.trajectory([true, true, true, true], seed: UInt64(seed))
      let values = try task.valuer(recipe).values(of: base)
      for boundary in 0..<5 {
        #expect(values.count(boundary) >= 50)
        sums[boundary] += values.mean(boundary)
      }
      spent += values.spent
    }
    #expect(spent < 60 * 150)
    for (boundary, value) in [0.36, 0.45, 0.5, 1, 1].enumerated() {
      // Four standard errors of 60 × 50 rollouts.
      let error = 4 * (value * (1 - value) / 3000).squareRoot()
      #expect(abs(sums[boundary] / 60 - value) <= error, "boundary \(boundary)")
    }
  }
}
