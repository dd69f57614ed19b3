import Foundation
import Grading
import Learning
import Tensors
import Testing
import Trajectories

@Suite struct ChainSumsTests {
  func sums(_ change: (inout TaskChoice) -> Void = { _ in }) throws -> any ReasoningTask {
    var choice = TaskChoice()
    choice.name = .sums
    change(&choice)
    return try choice.makeTask()
  }

  func problem(_ text: String) throws -> Problem {
    try #require(try sums().problem(id: "x", prompt: text))
  }

  func verdicts(_ text: String, of sum: String) throws -> [String] {
    let lines = text.split(separator: "\n").map {
      Step(start: 0, end: 0, text: $0.hasSuffix("<|im_end|>") ? "\($0)" : "\($0)\n")
    }
    return try sums().examine(lines, of: problem(sum)).map {
      "\($0.verdict.map(\.rawValue) ?? "-") \($0.note)"
    }
  }

  @Test func `a question is put in the words of the public data set`() throws {
    let asked = try problem("4 + 3 - 12")
    #expect(
      asked.prompt == "State the final answer to the following arithmetic problem: 4 + 3 - 12 =")
    #expect(asked.solution == "4 + 3 = 7\n7 - 12 = -5\nAnswer: -5")
    #expect(asked.reference == "-5")
    #expect(try problem(asked.prompt) == asked)
  }

  @Test func `drawn sums keep to the numbers and digits that were asked for`() throws {
    let task = try sums {
      ($0.minTerms, $0.maxTerms, $0.minDigits, $0.maxDigits) = (3, 4, 1, 2)
    }
    var random = Random(seed: 3)
    var seen: Set<[Int]> = []
    for _ in 0..<200 {
      let drawn = task.problem(id: "x", random: &random)
      let numbers = drawn.prompt.split(separator: " ").filter { Int($0) != nil }
      seen.insert([numbers.count] + Set(numbers.map(\.count)).sorted())
      #expect(task.problem(id: "x", prompt: drawn.prompt) == drawn)
      let judged = task.judge(try #require(drawn.solution), to: drawn)
      #expect(judged == Judgement(reward: 1, chainCorrect: true))
    }
    #expect(seen == [[3, 1], [3, 2], [4, 1], [4, 2]])
  }

  @Test func `what is no such question is not read`() throws {
    let task = try sums()
    for text in ["", "4", "4 +", "4 + 3 * 2", "04 + 3", "-4 + 3", "what is 4 + 3 =", "4 + 3 = 7"] {
      #expect(task.problem(id: "x", prompt: text) == nil, "\(text)")
    }
  }

  @Test func `an answer counts only where the response ended by itself`() throws {
    let task = try sums()
    let asked = try problem("4 + 3")
    let text = "4 + 3 = 7\nAnswer: 7<|im_end|>"
    #expect(task.judge(text, ended: true, to: asked) == Judgement(reward: 1, chainCorrect: true))
    #expect(task.judge(text, ended: false, to: asked) == Judgement(reward: 0, chainCorrect: false))
  }

  @Test func `the last mark counts and nothing may follow the number`() throws {
    let asked = try problem("4 + 3")
    let task = try sums()
    #expect(task.judge("Answer: 3\nAnswer: 7", to: asked).reward == 1)
    #expect(task.judge("Answer: 7\nAnswer: 3", to: asked).reward == 0)
    #expect(task.judge("Answer: 7 or 8", to: asked).reward == 0)
    #expect(task.judge("4 + 3 = 7", to: asked).reward == 0)
  }

  @Test func `a strict reward wants every line`() throws {
    let asked = try problem("4 + 3")
    let strict = try sums { $0.reward = .strict }
    #expect(strict.judge("4 + 3 = 8\nAnswer: 7", to: asked).reward == 0)
    #expect(strict.judge("4 + 3 = 7\nAnswer: 7\n</s>", to: asked).reward == 1)
  }

  @Test func `each line is told what follows from the one before`() throws {
    #expect(
      try verdicts("4 + 3 = 8\n8 - 12 = -4\nAnswer: -4<|im_end|>", of: "4 + 3 - 12") == [
        "wrong is 7 in truth", "inherited follows, but is -5 in truth", "inherited is -5 in truth",
      ])
    #expect(
      try verdicts("4 + 3 = 7\n7 + 12 = 19\nAnswer: 19", of: "4 + 3 - 12") == [
        "right ", "wrong should be “7 - 12 = -5”", "inherited is -5 in truth",
      ])
    #expect(
      try verdicts("4 + 3 = 7\nAnswer: 7", of: "4 + 3 - 12").last
        == "wrong comes too early: the next line is “7 - 12 = -5”")
    #expect(
      try verdicts("4 + 3 = 7\n7 + 1 = 8\nAnswer: 8", of: "4 + 3")[1]
        == "wrong should be “Answer: 7”")
  }

  @Test func `a response that stops before its answer is told so`() throws {
    #expect(
      try verdicts("4 + 3 = 7\n7 - 12 = -5<|im_end|>", of: "4 + 3 - 12").isEmpty == false)
    let step = Step(start: 0, end: 0, text: "4 + 3 = 7<|im_end|>")
    let told = try sums().examine([step], of: problem("4 + 3"))
    #expect(told[0].verdict == .wrong && told[0].note == "ends without “Answer:”")
  }

  @Test func `settings that do not fit together are refused in a sentence`() throws {
    #expect(throws: TaskError.self) { try sums { ($0.minTerms, $0.maxTerms) = (5, 4) } }
    #expect(throws: TaskError.self) { try sums { $0.minDigits = 0 } }
  }

  @Test func `worked examples are answered by the task and must be its problems`() throws {
    var prompt = PromptChoice()
    prompt.examples = " 4 + 3 - 9 ; 2 - 7;"
    let examples = try prompt.workedExamples(of: try sums())
    #expect(
      examples.map(\.answer) == ["4 + 3 = 7\n7 - 9 = -2\nAnswer: -2", "2 - 7 = -5\nAnswer: -5"])
    #expect(examples[1].question.hasSuffix("problem: 2 - 7 ="))
    prompt.examples = "two and two"
    #expect(throws: TaskError.self) { try prompt.workedExamples(of: try sums()) }
  }
}

/// What reasoning-gym's own scorer said of candidate answers to its 200 instances.
@Suite struct ChainSumVerdictTests {
  private struct Verdicts: Decodable {
    struct Candidate: Decodable {
      var text: String
      var score: Double
    }
    struct Known: Decodable {
      var question: String
      var answer: String
      var candidates: [Candidate]
    }
    var problems: [Known]
  }

  @Test func `an answer is accepted exactly where the data set's own scorer gives it all`() throws {
    var choice = TaskChoice()
    choice.name = .sums
    let task = try choice.makeTask()
    for known in try Golden.read("chain_sum_verdicts", as: Verdicts.self).problems {
      let problem = try #require(task.problem(id: "x", prompt: known.question))
      #expect(problem.prompt == known.question && problem.reference == known.answer)
      for candidate in known.candidates {
        let right = candidate.score == 1
        #expect((task.judge(candidate.text, to: problem).reward == 1) == right, "\(candidate)")
        let said = task.judge("1 + 1 = 2\nAnswer: \(candidate.text)", to: problem)
        #expect((said.reward == 1) == right, "\(candidate)")
      }
    }
  }
}
