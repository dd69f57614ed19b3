import Testing

@testable import Grading

struct FinalAnswerTests {
  @Test(arguments: [
    ("The sum is 42.", "42"), ("so we get **1,234**", "1234"), ("It costs $3.50.", "3.5"),
    ("#### 17\n", "17"), ("We have \\boxed{-5}. It took 3 steps.", "-5"),
    ("x = −7", "-7"), ("7 - 12 = -5", "-5"), ("The capital is Paris.", "paris"),
    ("a\nb\n\nYes, it is.\n", "yes"), ("\\boxed{\\frac{1}{2}}", "\\frac{1}{2}"),
    ("first 9\nthat is all", "9"), ("12 apples", "12 apples"), ("答案是 42。", "42"),
  ])
  func `an answer that people would take is taken`(response: String, reference: String) {
    #expect(FinalAnswer(of: response).matches(reference))
  }

  @Test(arguments: [
    ("42 is wrong, it is 43", "42"), ("The answer is 5-3", "-3"), ("", "1"), ("none", ""),
    ("Paris is nice.\nBut it is Rome.", "Paris"), ("It is 12.5", "12"), ("parish", "paris"),
    ("\\boxed{4} and then 5", "5"), ("x", "*"),
  ])
  func `another answer is not`(response: String, reference: String) {
    #expect(!FinalAnswer(of: response).matches(reference))
  }

  @Test(arguments: ["The sum is 42.", "#### -3,000", "\\boxed{x + 1}", "It is Rome", "x**"])
  func `an answer agrees with what it ends on`(response: String) {
    let answer = FinalAnswer(of: response)
    #expect(!answer.text.isEmpty)
    #expect(answer.matches(answer.text), "\(answer.text)")
  }
}
