import Grading
import LanguageModel
import Testing
import Trajectories

@testable import Learning

/// Text by its characters; the end token is one that no text has.
private struct LetterCodec: TextCodec {
  static let end: Token = 3
  let endTokens: Set<Token> = [end]

  func encode(_ text: String) -> [Token] { text.unicodeScalars.map { Token($0.value) } }
  func decode(_ tokens: [Token]) -> String { pieces(tokens).joined() }
  func pieces(_ tokens: [Token]) -> [String] {
    tokens.map { token in
      let scalar = UInt32(exactly: token).flatMap(Unicode.Scalar.init)
      return token == Self.end ? "</s>" : scalar.map { String(Character($0)) } ?? ""
    }
  }
}

/// What a response is worth that the limit cut off.
@Suite struct CutOffTests {
  @Test(arguments: [
    "So it is \\boxed{42}", "\\boxed{42}. Let me check: 6 * 7 =", "#### 42\n", "#### 42\nThat is",
    "Answer: 42\n", "The answer is 42. So", "**Answer:** 42\n", "<answer>42</answer>",
    "<think>6 * 7 = 4</think>\nThe answer is 42.\n", "{\"answer\": 42}",
  ])
  func `an answer that is marked and ended is complete`(text: String) {
    #expect(CutOffAnswer.isComplete(in: text))
  }

  @Test(arguments: [
    "", "42", "6 * 7 = 42\n", "+3 6\n+5 11\n", "so we have 42\nthen 41\n", "\\boxed{42",
    "\\boxed{\\frac{4}{2}", "#### 42", "#### 4", "Answer: 42", "The answer is 42", "$x = 42$\n",
    "The answer is 42.", "The answer is", "Answer:\n", "<answer>42", "<think>\\boxed{42} but wait",
    "<think>a</think> <think>The answer is 42.\n", "\\boxed{42}, \\boxed{4",
    "The answer is 42.\nNo, the answer is 4", "{\"answer\": 42",
  ])
  func `anything else may still become another answer`(text: String) {
    #expect(!CutOffAnswer.isComplete(in: text))
  }

  private let codec = LetterCodec()

  private func judge(_ choice: TruncatedReward, _ task: any ReasoningTask) -> ResponseJudge {
    ResponseJudge(task: task, codec: codec, truncated: choice)
  }

  private func problem(_ task: String, _ grading: AnswerGrading? = nil) -> Problem {
    Problem(
      id: "p", task: task, prompt: "6 * 7?", reference: "42", guessChance: 0, grading: grading)
  }

  @Test(arguments: [AnswerGrading(.mathematics), nil])
  func `a cut-off response earns what its complete answer is worth`(grading: AnswerGrading?) throws
  {
    let problem = problem(Problem.fileTask, grading)
    var other = problem
    other.id = "q"
    other.prompt = "else"
    let task = try FileTask([problem], heldOut: [other], seed: 0)
    func reward(_ text: String, _ choice: TruncatedReward, isTruncated: Bool = true) -> Double {
      judge(choice, task)(codec.encode(text), isTruncated: isTruncated, to: problem).reward
    }
    for choice in [TruncatedReward.asWrong, .masked] {
      #expect(reward("6 * 7\nis 42", choice) == 0)
      #expect(reward("#### 42", choice) == 0)
      #expect(reward("so \\boxed{42} and", choice) == 1)
      #expect(reward("so \\boxed{41} and", choice) == 0)
      #expect(reward("6 * 7\nis 42", choice, isTruncated: false) == 1)
    }
    #expect(reward("6 * 7\nis 42", .asItStands) == 1)
  }

  @Test func `the embedded tasks say themselves what a whole answer is`() throws {
    let chains = try ClockChains(TaskChoice())
    let chain = try #require(chains.problem(id: "c", prompt: "7 +2 ?v :"))
    let found = judge(.asWrong, chains)(
      codec.encode("+2 9\n# 9 $"), isTruncated: true, to: chain)
    #expect(found.reward == 1 && found.chainCorrect == true)
    let cut = judge(.asWrong, chains)(codec.encode("+2 9\n# 9"), isTruncated: true, to: chain)
    #expect(cut.reward == 0 && cut.chainCorrect == false)
    // A problem of one's own ends on what the file says, whatever the task draws.
    let own = problem(Problem.askedTask)
    let said = judge(.asWrong, chains)
    #expect(said(codec.encode("+2 42\n"), isTruncated: true, to: own).reward == 0)
    #expect(said(codec.encode("+2 42\n"), isTruncated: false, to: own).reward == 1)
    var choice = TaskChoice()
    choice.name = .sums
    let sums = try ChainSums(choice)
    let sum = try #require(sums.problem(id: "s", prompt: "40 + 2"))
    #expect(
      judge(.asWrong, sums)(codec.encode("Answer: 42\n"), isTruncated: true, to: sum).reward == 0)
  }
}

/// Rollouts that the limit cut off, where the recipe leaves them out.
@Suite struct MaskedRolloutTests {
  private func gradient(
    _ groups: [RolloutGroup], _ change: (inout Recipe) -> Void
  ) throws -> (norm: Double, loss: Double, gradients: [Float]) {
    var recipe = Recipe()
    recipe.rewards.truncated = .masked
    recipe.optimizer.clipNorm = 0
    change(&recipe)
    let task = RightWrong(chances: [])
    let start = try GoldenPolicy.llamaTiny()
    let policy = try GoldenPolicy.llamaTiny()
    let loop = try TrainingLoop(
      policy: policy, reference: { start }, codec: task, task: task, recipe: recipe, now: { 0 })
    let learnt = try loop.learn(Batch(groups: groups), progress: .unheard)
    return (learnt.gradientNorm, learnt.loss, Array(policy.parameters.gradients))
  }

  /// The same groups, the third answer of each cut off; with `tokens` in its place.
  private func groups(writing tokens: [Token]? = nil) -> [RolloutGroup] {
    NormalizerTests.groups.map { group in
      var group = group
      group.trajectories[2].truncated = true
      if let tokens { group.trajectories[2].responseTokens = tokens }
      return group
    }
  }

  static let methods: [Trajectories.Method] = [.grpo, .ppo, .reinforce, .reinforcePlusPlus]

  @Test(arguments: methods, Normalizer.allCases)
  func `what a masked rollout wrote moves nothing`(
    method: Trajectories.Method, normalizer: Normalizer
  ) throws {
    func found(_ groups: [RolloutGroup], masked: Bool = true) throws -> [Float] {
      try gradient(groups) {
        $0.objective.method = method
        $0.objective.normalizer = normalizer
        $0.objective.klCoefficient = 0.1
        $0.objective.entropyCoefficient = 0.01
        if !masked { $0.rewards.truncated = .asWrong }
      }.gradients
    }
    let first = try found(groups())
    let other = try found(groups(writing: [1, 2, 3]))
    let largest = first.reduce(0) { max($0, $1.magnitude) }
    let distance = zip(first, other).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
    #expect(largest > 0 && distance <= 2e-6 * largest)
    #expect(try found(groups(), masked: false) != first)
  }

  @Test func `where all are masked nothing is learnt`() throws {
    let all = NormalizerTests.groups.map { group in
      var group = group
      for place in group.trajectories.indices { group.trajectories[place].truncated = true }
      return group
    }
    #expect(try gradient(all) { _ in }.norm == 0)
  }

  @Test(arguments: Estimator.allCases.filter { $0 != .exact && $0 != .valueHead })
  func `masked rollouts count in no value, and every search ends`(estimator: Estimator) throws {
    let task = RightWrong(chances: [0.8, 0.9, 0.5, 1])
    var recipe = Recipe()
    recipe.rewards.truncated = .masked
    recipe.values.estimator = estimator
    recipe.values.rollouts = 40
    recipe.values.budget = 200
    var sampler = task.sampler(recipe)
    sampler.newTokens = 5
    let base = task.trajectory([true, true, true, true])
    let values = try StepValuer(sampler).values(of: base)
    for boundary in 0..<values.steps {
      let value = values.value(boundary)
      #expect(value.rollouts + value.truncated == values.drawn(from: boundary))
      #expect(boundary > 1 ? value.truncated == 0 : value.rollouts == 0)
      #expect(values.isKnown(boundary) == (value.rollouts > 0))
    }
    let again = try #require(
      StepValues(trajectory: base, recorded: values.valuation(), masksTruncated: true))
    #expect(again.spent == values.spent)
    #expect((0..<4).map { again.drawn(from: $0) } == (0..<4).map { values.drawn(from: $0) })
  }

  @Test func `no pair is made of a rollout that was cut off`() throws {
    let task = RightWrong(chances: [0.5])
    // Right answers end, wrong ones go on for ever.
    let policy = TablePolicy(vocabulary: 6) { prefix in
      let next: [Token] =
        switch prefix.last {
        case 5: [3, 4]
        case 3: [2]
        case 2: [1]
        default: [4]
        }
      return (0..<6).map { next.contains(Token($0)) ? 0 : -60 }
    }
    for (choice, pairs) in [(TruncatedReward.asWrong, 16), (.asItStands, 16), (.masked, 0)] {
      var recipe = LoopFixture.recipe
      recipe.objective = Recipe.standard(for: .dpo).objective
      (recipe.objective.pairs, recipe.objective.batch) = (16, 8)
      recipe.resets.start = .none
      recipe.rewards.truncated = choice
      let loop = try TrainingLoop(
        policy: policy, reference: nil, codec: task, task: task, recipe: recipe, now: { 0 })
      let metrics = try? loop.update()
      #expect(loop.state.pairs?.pairs.count == pairs)
      #expect((metrics == nil) == (pairs == 0))
    }
  }
}
