import Foundation
import Testing
import Trajectories

@testable import Grading

@Suite struct ReasoningGymTests {
  struct Row: Decodable {
    var reference: String
    var facts: String
    var candidate: String
    var score: Double
  }

  // The first are answers as models give them, the others came out of the differential test.
  @Test(arguments: ["reasoning-gym", "reasoning-gym-mutated"])
  func `answers get the scores that the library gives them`(name: String) throws {
    let file = try #require(
      Bundle.module.url(forResource: "Golden/\(name)", withExtension: "jsonl"))
    let rows = try Data(contentsOf: file).split(separator: 0x0A).map {
      try JSONDecoder().decode(Row.self, from: Data($0))
    }
    #expect(rows.count > 200)
    for row in rows {
      let score = ReasoningGym.score(
        answer: row.candidate, reference: row.reference, facts: row.facts)
      #expect(abs(score - row.score) < 1e-9, "\(row.candidate) for \(row.reference): \(score)")
    }
  }

  @Test func `an answer is looked for in a longer response`() {
    let facts = "{\"source_dataset\": \"chain_sum\"}"
    let response = "4 + 3 is 7.\n<answer>7</answer>"
    #expect(ReasoningGym.score(response, reference: "7", facts: facts) == 1)
    #expect(ReasoningGym.score("7", reference: "7", facts: facts) == 1)
    #expect(ReasoningGym.score("8", reference: "7", facts: facts) == 0)
  }

  @Test(arguments: [
    ("<answer>7</answer><answer> 8\n</answer>", "8"), ("<answer>7", nil), ("7</answer>", nil),
    ("<answer>a<answer>b</answer>", "a<answer>b"), ("<ANSWER>7</ANSWER>", nil),
    ("<answer></answer>", ""), ("<answer>7</answer> or <answer>", "7"),
    ("<answer>1\n2</answer>", "1\n2"), ("</answer><answer>7</answer>", "7"),
  ])
  func `the last pair of tags holds the answer`(response: String, answer: String?) {
    #expect(ReasoningGym.tagged(in: response) == answer)
  }

  @Test func `tasks with a rule that is not known here are named`() {
    let problems = ["sudoku", "gcd", "countdown", "sudoku", "ab"].map { task in
      Problem(
        id: task, task: Problem.fileTask, prompt: "", reference: "1", guessChance: 0,
        grading: AnswerGrading(.reasoningGym, facts: "{\"source_dataset\": \"\(task)\"}"))
    }
    #expect(ReasoningGym.unknownTasks(in: problems) == ["ab", "sudoku"])
  }

  @Test(arguments: ["", "{", "[1]", "{\"source_dataset\": \"tower_of_hanoi\"}"])
  func `missing facts are no trap`(facts: String) {
    #expect(ReasoningGym.score("Move disk 1", reference: "x", facts: facts) == 0)
  }
}
