import Testing
import Trajectories

@testable import Grading

@Suite struct ExtractedAnswerTests {
  @Test(arguments: [
    ("So \\boxed{17} is wrong; it is \\boxed{42}.", "42", ExtractedAnswer.Place.boxed),
    ("\\boxed{2}, \\boxed{5}", "2, 5", .boxed), ("We get\n#### 1,200\n", "1,200", .hashes),
    ("First 3.\nThe answer is 4. Not 5.", "4", .said), ("**Answer:** 7", "7", .said),
    ("{\"steps\": [1], \"answer\": \"x=3\"}", "x=3", .json),
    ("Thus <answer> 9 </answer>", "9", .tagged), ("3/4", "3/4", .whole),
    ("hence $x = 2$ holds", "x = 2", .formula),
    ("<think>\\boxed{1}</think>\\boxed{2}", "2", .boxed),
  ])
  func `the answer is found where it stands`(
    response: String, text: String, place: ExtractedAnswer.Place
  ) {
    let found = ExtractedAnswer(of: response)
    #expect(found.text == text)
    #expect(found.place == place)
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
    ("It is not blue but red", 0), ("The answer is not (A) or (B).", 0), ("(A) or (B)", 0),
    ("The answer is not (B).", 0), ("not (A), (B)", 0),
  ])
  func `a choice is a letter or the text of it`(response: String, reward: Double) {
    let asked = problem("(B)", AnswerGrading(.choice, options: ["blue", "red"]))
    #expect(FileAnswer.judge(response, to: asked).reward == reward)
  }

  @Test(arguments: [
    ("So the answer is Yes.", 1.0), ("yes", 1), ("Yes, because it is.", 1), ("no", 0),
    ("The answer is not yes", 0), ("", 0),
  ])
  func `words are compared whole`(response: String, reward: Double) {
    #expect(FileAnswer.judge(response, to: problem("yes", AnswerGrading(.words))).reward == reward)
  }

  @Test func `signs are compared in their order`() {
    let asked = problem("] )", AnswerGrading(.signs))
    #expect(FileAnswer.judge("So the answer is ])", to: asked).reward == 1)
    #expect(FileAnswer.judge("So the answer is )", to: asked).reward == 0)
    #expect(FileAnswer.judge("] )", to: asked).reward == 1)
    #expect(FileAnswer.judge(") ]", to: asked).reward == 0)
  }

  @Test func `a number is found in a sentence`() {
    let asked = problem("18", AnswerGrading(.mathematics))
    #expect(FileAnswer.judge("She makes $18 every day.", to: asked).reward == 1)
    #expect(FileAnswer.judge("First 18, then 20 dollars.", to: asked).reward == 0)
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
    #expect(FileAnswer.judge(response, to: asked).reward == 1)
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
    #expect(FileAnswer.judge(response, to: asked).reward == 0)
  }
}
