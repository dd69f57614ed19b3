import Grading
import Learning
import Tensors
import Testing
import Trajectories

@Suite struct CountdownTests {
  let problem = Problem(
    id: "x", task: "countdown", prompt: "3 4 2 ?t 14 :", reference: "14",
    solution: "3 + 4 = 7 \n 7 * 2 = 14 \n # 14 $", guessChance: 0)

  func countdown(_ numbers: Int = 3) throws -> Countdown {
    var choice = TaskChoice()
    choice.name = .countdown
    choice.length = numbers
    return try Countdown(choice)
  }

  func verdicts(_ lines: String...) throws -> [String] {
    try countdown().examine(lines.map { Step(start: 0, end: 0, text: $0) }, of: problem).map {
      "\($0.verdict.map(\.rawValue) ?? "-") \($0.note)"
    }
  }

  @Test(arguments: 2...4) func `its own solution earns the reward`(numbers: Int) throws {
    let task = try countdown(numbers)
    let words = TaskVocabulary(modulus: 31)
    var random = Random(seed: 5)
    for number in 0..<60 {
      let problem = task.problem(id: "\(number)", random: &random)
      let solution = try #require(problem.solution)
      #expect(task.judge(solution, to: problem) == Judgement(reward: 1, chainCorrect: true))
      #expect(!words.encode(problem.prompt + " " + solution).contains(0))
      #expect(problem.guessChance > 0 && problem.guessChance <= 1)
    }
  }

  @Test func `another way to the target is as good`() throws {
    let task = try countdown()
    #expect(task.judge("4 + 3 = 7 \n 2 * 7 = 14 \n # 14 $", to: problem).reward == 1)
    #expect(task.judge("4 * 3 = 12 \n 12 + 2 = 14 \n # 14 $", to: problem).reward == 1)
  }

  @Test func `saying the target without reaching it earns nothing`() throws {
    let task = try countdown()
    #expect(task.judge("# 14 $", to: problem).reward == 0)
    #expect(task.judge("7 * 2 = 14 \n # 14 $", to: problem).reward == 0)
    #expect(task.judge("3 + 4 = 7 \n 7 * 2 = 14 \n", to: problem).reward == 0)
    #expect(task.judge("3 + 4 = 7 \n 7 * 2 = 14 \n # 14 $ # 14 $", to: problem).reward == 0)
    #expect(task.judge("3 + 4 = 8 \n 7 * 2 = 14 \n # 14 $", to: problem).reward == 0)
  }

  @Test func `the line that puts the target out of reach is the wrong one`() throws {
    #expect(
      try verdicts("4 - 3 = 1 \n", "1 * 2 = 2 \n", "# 2 $") == [
        "wrong puts 14 out of reach", "inherited ", "inherited is not the target 14",
      ])
  }

  @Test func `lines that are not allowed are named`() throws {
    #expect(try verdicts("3 + 4 = 8 \n").first == "wrong is 7 in truth")
    #expect(
      try verdicts("5 + 4 = 9 \n").first == "wrong uses what is not there: there is 3 and 4 and 2")
    #expect(try verdicts("3 - 4 = 1 \n").first == "wrong is not allowed: results lie from 0 to 30")
    #expect(try verdicts("3 4 \n").first == "wrong is not a line such as “3 + 4 = 7”")
  }

  @Test func `numbers that do not fit are refused in a sentence`() throws {
    #expect(throws: TaskError.self) { try countdown(6) }
    #expect(throws: TaskError.self) { try countdown(1) }
  }
}
