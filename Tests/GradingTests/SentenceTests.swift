import Testing

@testable import Grading

@Suite struct SentenceTests {
  @Test(arguments: [
    ("It is 9, not 8.", "9"), ("So the total is 18 (not 20).", "18"),
    ("In 1929 he had 30 dollars.", "30 dollars"),
    ("You might think 12, but it is 10.", "10"), ("so 3 apples + 1 apple = 4 apples", "4"),
    ("The cost is $240 / 6 = $40.", "$40"), ("There are 18 students in 2023.", "18"),
    ("If he pays 50 he has 50-30 = 20 left", "20"), ("120-80 = 40 are not in the club.", "40"),
  ])
  func `the last sentence says a number`(text: String, number: String) {
    #expect(Sentence.atEnd(of: text) == number)
  }

  @Test(arguments: [
    "It cannot be 5.", "She has at least 5 apples.", "5 or more are left.", "Between 5 and 7 came.",
    "Some would say 5.", "There is no answer here.", "Neither 5 nor 7 works.",
  ])
  func `a number that is denied or bounded is none`(text: String) {
    #expect(Sentence.atEnd(of: text) == nil)
  }
}
