import Testing

@testable import Grading

@Suite struct ExtractedAnswerTests {
  @Test(arguments: [
    ("So \\boxed{17} is wrong; it is \\boxed{42}.", "42", ExtractedAnswer.Place.boxed),
    ("\\boxed{2}, \\boxed{5}", "2, 5", .boxed), ("We get\n#### 1,200\n", "1,200", .hashes),
    ("First 3.\nThe answer is 4. Not 5.", "4.", .said), ("**Answer:** 7", "7", .said),
    ("{\"steps\": [1], \"answer\": \"x=3\"}", "x=3", .json),
    ("Thus <answer> 9 </answer>", "9", .tagged), ("3/4", "3/4", .whole),
    ("\\fbox{3}", "3", .boxed),
    ("\\boxed{8} within \\boxed{}", "8", .boxed), ("\\boxed{5} and \\boxed{7", "", .boxed),
    ("<think>\\boxed{1}</think>\\boxed{2}", "2", .boxed),
  ])
  func `the answer is found where it stands`(
    response: String, text: String, place: ExtractedAnswer.Place
  ) {
    let found = ExtractedAnswer(of: response)
    #expect(found.text == text)
    #expect(found.place == place)
  }

  @Test(arguments: [
    "The sum is 42.", "#### -3,000", "\\boxed{x + 1}", "It is Rome", "x**", "\\boxed{x \\equiv 2}",
    "The answer is (B).", "It cannot be 5", "",
  ])
  func `an answer agrees with what it ends on`(response: String) {
    #expect(Judge.isRight(response, reference: ExtractedAnswer(of: response).shown))
  }
}
