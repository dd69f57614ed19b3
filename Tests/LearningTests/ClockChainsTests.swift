import Grading
import Learning
import Tensors
import Testing
import Trajectories

@Suite struct ClockChainsTests {
  /// 20 *8 → 5, *5 → 25, -5 → 20, +4 → 24.
  let problem = Problem(
    id: "x", task: "chains", prompt: "20 *8 *5 -5 +4 ?v :", reference: "24",
    solution: "*8 5 \n *5 25 \n -5 20 \n +4 24 \n # 24 $", guessChance: 1 / 31)

  func chains(_ change: (inout TaskChoice) -> Void = { _ in }) throws -> ClockChains {
    var choice = TaskChoice()
    change(&choice)
    return try ClockChains(choice)
  }

  func steps(_ lines: String...) -> [Step] {
    lines.map { Step(start: 0, end: 0, text: $0) }
  }

  func verdicts(_ lines: String...) throws -> [String] {
    try chains().examine(lines.map { Step(start: 0, end: 0, text: $0) }, of: problem).map {
      "\($0.verdict.map(\.rawValue) ?? "-") \($0.note)"
    }
  }

  @Test func `the same stream draws the same problem`() throws {
    var one = Random(seed: 7)
    var two = Random(seed: 7)
    let task = try chains()
    #expect(task.problem(id: "a", random: &one) == task.problem(id: "a", random: &two))
  }

  @Test(arguments: AnswerKind.allCases) func `its own solution earns the reward`(
    kind: AnswerKind
  ) throws {
    let task = try chains { $0.answer = kind }
    let words = TaskVocabulary(modulus: 31)
    var random = Random(seed: 1)
    for number in 0..<200 {
      let problem = task.problem(id: "\(number)", random: &random)
      let solution = try #require(problem.solution)
      #expect(task.judge(solution, to: problem) == Judgement(reward: 1, chainCorrect: true))
      #expect(!words.encode(problem.prompt + " " + solution).contains(0))
      #expect(words.encode(problem.prompt).count == 11)
      #expect(words.encode(solution).count == 27)
      let examined = task.examine([Step(start: 0, end: 27, text: solution)], of: problem)
      #expect(examined.map(\.verdict) == [.right])
    }
  }

  @Test func `as many operations are hard as were asked for`() throws {
    let task = try chains { $0.hard = 3 }
    var random = Random(seed: 2)
    var places = Set<Int>()
    for number in 0..<100 {
      let hard = ClockChains.hardSteps(of: task.problem(id: "\(number)", random: &random))
      #expect(hard.count == 3)
      places.formUnion(hard)
    }
    #expect(places == Set(0..<8))
  }

  @Test func `the answer alone earns the reward unless it is strict`() throws {
    let lucky = "*8 6 \n *5 25 \n -5 20 \n +4 24 \n # 24 $"
    #expect(
      try chains().judge(lucky, to: problem) == Judgement(reward: 1, chainCorrect: false))
    #expect(
      try chains { $0.reward = .strict }.judge(lucky, to: problem)
        == Judgement(reward: 0, chainCorrect: false))
  }

  @Test func `white space between words does not matter but the end does`() throws {
    let task = try chains()
    #expect(task.judge("*8  5\n*5 25\n-5 20\n+4 24\n# 24 $", to: problem).chainCorrect == true)
    #expect(task.judge("*8 5 \n *5 25 \n -5 20 \n +4 24 \n # 24", to: problem).reward == 0)
    #expect(task.judge("", to: problem) == Judgement(reward: 0, chainCorrect: false))
    #expect(task.judge("# 2 4 $", to: problem).reward == 0)
  }

  @Test func `a slip is named and what follows inherits it`() throws {
    #expect(
      try verdicts("*8 5 \n", " *5 26 \n", " -5 21 \n", " +4 25 \n", " # 25 $") == [
        "right ", "wrong is 25 in truth", "inherited follows, but is 20 in truth",
        "inherited follows, but is 24 in truth", "inherited is 24 in truth",
      ])
  }

  @Test func `a second error that repairs the first is luck`() throws {
    #expect(
      try verdicts("*8 6 \n", "*5 25 \n", "-5 20 \n", "+4 24 \n", "# 24 $") == [
        "wrong is 5 in truth", "wrong is right by luck: 30 would follow", "inherited ",
        "inherited ", "inherited is right by luck",
      ])
  }

  @Test func `other operations and broken lines are wrong`() throws {
    #expect(
      try verdicts("*7 16 \n", "*5 18 \n", "fish \n", "+4 24 \n", "# 24 $", "# 24 $") == [
        "wrong should be “*8 5”", "inherited follows, but is 25 in truth",
        "wrong should be “-5 13”", "inherited ", "inherited is right by luck",
        "wrong is one line too many",
      ])
    #expect(try verdicts("# 24 $").first == "wrong comes too early: the next operation is *8")
  }

  @Test func `a step of several lines is as bad as its worst line`() throws {
    #expect(
      try verdicts("*8 5 \n *5 26 \n -5 21 \n", "+4 25 \n # 25 $").first
        == "wrong is 25 in truth")
  }

  @Test func `steps of another task stay as they are`() throws {
    var other = problem
    other.prompt = "What is 2 + 2?"
    #expect(try chains().examine(steps("4"), of: other) == steps("4"))
    #expect(ClockChains.hardSteps(of: other) == [])
  }

  @Test func `noise changes only hard lines, and the chain goes on from there`() throws {
    let task = try chains()
    var random = Random(seed: 3)
    var slips = 0
    for _ in 0..<500 {
      let text = try #require(task.noisyResponse(to: problem, noise: 0.55, random: &random))
      let lines = text.split(separator: "\n").map { Step(start: 0, end: 0, text: String($0)) }
      let wrong = task.examine(lines, of: problem).indices { $0.verdict == .wrong }
      #expect(wrong.ranges.allSatisfy { $0.upperBound <= 2 })
      slips += wrong.ranges.reduce(0) { $0 + $1.count }
    }
    // Of 1000 hard lines .55 · 30/31 are replaced by another value.
    #expect((470...595).contains(slips))
  }

  @Test func `numbers that do not fit are refused in a sentence`() throws {
    #expect(throws: TaskError.self) { try chains { $0.hard = 9 } }
    #expect(throws: TaskError.self) { try chains { $0.length = 0 } }
  }
}
