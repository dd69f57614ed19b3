import Tensors
import Testing

@testable import Grading

@Suite struct AnswerFuzzTests {
  static let pieces = [
    "\\frac", "\\sqrt", "{", "}", "(", ")", "[", "]", "\\{", "\\}", "1", "12", "0.5", ",", " ", "x",
    "y", "C(", "f(x)", "^", "_", "+", "-", "*", "/", "\\pm", "=", "<", "\\le", "\\cup", "\\in", ":",
    "\\text{ and }", "or", "\\begin{pmatrix}", "&", "\\\\", "\\end{pmatrix}", "\\boxed{", "$", "%",
    "\\circ", "\\sin", "\\log_2", "!", "|", "1,234", "e", "1e9", "\\infty", "cm", "million",
    "answer is", "####", "\n", "π", "é", "👍", "\u{0301}", "\\", "{\"answer\":", "~", "≤", "B",
    "(A)", "<answer>", "</answer>", "</think>", "Answer:",
  ]

  private func text(_ random: inout Random, pieces most: Int) -> String {
    (0..<random.below(most)).map { _ in Self.pieces[random.below(Self.pieces.count)] }.joined()
  }

  @Test func `no text is too broken to compare`() {
    var random = Random(seed: 7)
    for _ in 0..<10_000 {
      let (one, other) = (text(&random, pieces: 12), text(&random, pieces: 6))
      _ = Judge.isRight(one, reference: other)
      // What can be compared at all is equal to itself.
      let written = WrittenAnswer(one)
      if !written.compact.isEmpty { #expect(AnswerEquivalence.isEquivalent(one, to: one)) }
    }
  }

  @Test(arguments: [
    "(", "{", "\\frac", "C(", "-", "\\sqrt{", "\\boxed{", "\\{", "\\sin", "x^", "|", "[", "((1,",
    "\\begin{pmatrix}", "{\"answer\":", "answer is ", "1,", "1/", "\\pm", "x=", "x<", "or ",
    "\\left(",
  ])
  func `deep and long texts come to an end`(piece: String) {
    let text = String(repeating: piece, count: 3000)
    _ = Judge.isRight(text, reference: "1")
    _ = AnswerEquivalence.isEquivalent(String(text.prefix(900)), to: String(text.prefix(899)))
  }
}
