import Foundation
import Testing
import Trajectories

@testable import Grading

@Suite struct JudgeTests {
  struct Row: Decodable {
    var id: String
    var gold: String
    var answer: String
    var equal: Bool
  }

  /// Pairs of kinds that people report of graders, labelled by hand.
  @Test func `pairs of reported kinds are judged as people judge them`() throws {
    let rows: [Row] = try golden("pairs")
    #expect(rows.count == 169)
    for row in rows {
      let said = Judge.isRight(row.answer, reference: row.gold)
      #expect(said == row.equal, "\(row.id): \(row.answer) for \(row.gold)")
    }
  }

  /// More of each kind, written while the judge was.
  @Test func `other pairs of those kinds are judged so too`() throws {
    let rows: [Row] = try golden("kinds")
    #expect(rows.count > 400)
    for row in rows {
      let said = Judge.isRight(row.answer, reference: row.gold)
      #expect(said == row.equal, "\(row.id): \(row.answer) for \(row.gold)")
    }
  }

  /// Pairs written before the judge was, and first run when it was done.
  @Test func `pairs that were not looked at are judged as the page of measurements says`() throws {
    let rows: [Row] = try golden("unseen")
    #expect(rows.count == 230)
    // x2y, three in a unit that was not asked for, and a sum that differs in the fifteenth digit.
    let known: Set = ["f029", "f096", "f104", "f114", "f183"]
    let wrong = rows.filter { Judge.isRight($0.answer, reference: $0.gold) != $0.equal }
    #expect(Set(wrong.map(\.id)) == known)
  }

  struct Plain: Decodable {
    var reference: String
    var response: String
    var expected_reward: Double
  }

  @Test func `a reference without a grading is judged as one that is graded as mathematics`() throws
  {
    let rows: [Plain] = try golden("plain-references")
    for row in rows {
      for grading in [nil, AnswerGrading(.mathematics)] {
        let asked = Problem(
          id: "p", task: Problem.fileTask, prompt: "?", reference: row.reference, guessChance: 0,
          grading: grading)
        #expect(Judge.judge(row.response, to: asked).reward == row.expected_reward, "\(row)")
      }
    }
  }

  private func golden<Row: Decodable>(_ name: String) throws -> [Row] {
    let file = try #require(
      Bundle.module.url(forResource: "Golden/\(name)", withExtension: "jsonl"))
    return try Data(contentsOf: file).split(separator: 0x0A).map {
      try JSONDecoder().decode(Row.self, from: Data($0))
    }
  }

  @Test(arguments: [
    ("B", GradingRule.choice), ("(C)", .choice), ("x", .mathematics), ("] )", .signs),
    ("no solution", .words), ("Paris", .words), ("xy", .mathematics), ("5 apples", .mathematics),
  ])
  func `a plain reference says what it asks for`(reference: String, rule: GradingRule) {
    #expect(Judge.meaning(of: reference) == rule)
  }

  private func problem(_ reference: String, _ grading: AnswerGrading) -> Problem {
    Problem(
      id: "p", task: Problem.fileTask, prompt: "?", reference: reference, guessChance: 0,
      grading: grading)
  }

  @Test(arguments: [
    ("The answer is (B).", 1.0), ("B", 1), ("**B**", 1), ("B) because it is so", 1),
    ("It must be option B", 1), ("The answer is red", 1), ("The answer is (A).", 0), ("green", 0),
    ("A red one is nice", 0), ("", 0), ("The colour of it is red.", 1), ("It is not red", 0),
    ("It is not blue but red", 1), ("The answer is not (A) or (B).", 0), ("(A) or (B)", 0),
    ("The answer is not (B).", 0), ("not (A), (B)", 0),
  ])
  func `a choice is a letter or the text of it`(response: String, reward: Double) {
    let asked = problem("(B)", AnswerGrading(.choice, options: ["blue", "red"]))
    #expect(Judge.judge(response, to: asked).reward == reward)
  }

  @Test(arguments: [
    ("So the answer is Yes.", 1.0), ("yes", 1), ("Yes, because it is.", 1), ("no", 0),
    ("The answer is not yes", 0), ("", 0),
  ])
  func `words are compared whole`(response: String, reward: Double) {
    #expect(Judge.judge(response, to: problem("yes", AnswerGrading(.words))).reward == reward)
  }

  @Test func `signs are compared in their order`() {
    let asked = problem("] )", AnswerGrading(.signs))
    #expect(Judge.judge("So the answer is ])", to: asked).reward == 1)
    #expect(Judge.judge("So the answer is )", to: asked).reward == 0)
    #expect(Judge.judge("] )", to: asked).reward == 1)
    #expect(Judge.judge(") ]", to: asked).reward == 0)
  }

  @Test func `a number is found in a sentence`() {
    let asked = problem("18", AnswerGrading(.mathematics))
    #expect(Judge.judge("She makes $18 every day.", to: asked).reward == 1)
    #expect(Judge.judge("First 18, then 20 dollars.", to: asked).reward == 0)
  }

  @Test(arguments: [
    ("The answer is 3 + 1 = $4.", "4"), ("So the answer is $3 + $1 = $4.", "4"),
    ("The answer is 3 apples + 1 apple = 4 apples.", "4"),
    ("so 3 apples + 1 apple = 4 apples", "4"), ("so 3 + 1 = 4 apples.", "4"),
    ("#### 3 + 1 = 4", "4"), ("#### $3 + $1 = $4", "4"), ("\\boxed{3 + 1 = 4}", "4"),
    ("\\boxed{\\$3 + \\$1 = \\$4}", "4"), ("\\boxed{$3 + $1 = $4}", "4"),
    ("\\boxed{3 \\text{ apples} + 1 \\text{ apple} = 4 \\text{ apples}}", "4"),
    ("The answer is 2 * 3 + 1 = 6 + 1 = 7.", "7"), ("The answer is 50% of 8 = 4.", "4"),
    ("#### 5 hours x 2 dollars/hour = 10 dollars", "10"), ("#### 48 / 2 = 24 clips", "24"),
    ("The answer is $1,000 + $500 = $1,500", "1500"), ("The answer is 12 x 3 = 36.", "36"),
    ("The answer is 12 × 3 = 36", "36"), ("The cost is $240 / 6 = $40.", "40"),
    ("#### Total = 3 + 1 = 4", "4"), ("The answer is 10/4 = 2.5 kg", "2.5"),
  ])
  func `of a calculation the last value is the answer`(response: String, reference: String) {
    let asked = problem(reference, AnswerGrading(.mathematics))
    #expect(Judge.judge(response, to: asked).reward == 1)
  }

  @Test(arguments: [
    ("The answer is 3 + 1 = $5.", "4"), ("The answer is $3 + $1 = $4.", "3"),
    ("so 3 apples + 1 apple = 4 apples", "3"), ("so 3 apples + 1 apple = 4 apples", "1"),
    ("#### 3 + 1 = 5", "4"), ("\\boxed{4 + 4 = \\$10}", "8"), ("#### 4 = 2 * 2 apples", "3"),
    ("\\boxed{x = 4, y = 5}", "5"), ("The answer is 3 apples = 4 pears = 12 plums", "4"),
    ("The answer is x^2 = 4", "4"), ("The answer is 50% of 8 = 4.", "50%"),
    ("The cost is $240 / 6 = $40.", "240"),
  ])
  func `of a calculation no other value is the answer`(response: String, reference: String) {
    let asked = problem(reference, AnswerGrading(.mathematics))
    #expect(Judge.judge(response, to: asked).reward == 0)
  }
}
