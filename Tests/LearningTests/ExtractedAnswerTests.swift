import Testing
import Trajectories

@testable import Learning

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
    ("A red one is nice", 0), ("", 0),
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
}
