import Foundation
import Tensors
import Testing

@testable import Grading

@Suite struct ReasoningGymFuzzTests {
  /// Metadata of a small instance of every task that looks at it.
  private static let facts = [
    "countdown": "\"numbers\": [3, 4, 12], \"target\": 24",
    "puzzle24": "\"difficulty\": {\"value\": [1, 10]}",
    "fraction_simplification":
      "\"numerator\": 4, \"denominator\": 6, \"simplified_numerator\": 2, "
      + "\"simplified_denominator\": 3",
    "number_sorting": "\"direction\": \"ascending\"",
    "word_sorting": "\"sorted_words\": [\"a\", \"b\"]",
    "shortest_path": "\"matrix\": [[\"*\", \"O\"], [\"X\", \"#\"]]",
    "tower_of_hanoi":
      "\"num_disks\": 2, \"num_pegs\": 3, \"start_peg\": 1, \"target_peg\": 3, "
      + "\"solution_length\": 3",
  ]

  private static let references = [
    "chain_sum": "12", "products": "12", "decimal_chain_sum": "1.2", "coin_flip": "0.25",
    "gsm_symbolic": "12", "prime_factorization": "2 × 3", "number_sorting": "['1', '2']",
    "spell_backward": "abc", "knights_knaves": "Zoey is a sage, and Bob is a fool.",
    "shortest_path": "right down", "gcd": "12",
  ]

  private static let tasks = Set(facts.keys).union(references.keys).sorted()

  private static let pieces = [
    "1", "2", "12", "24", "0", "9999999999", ".", ",", "-", "+", "*", "/", "!", "%", "^", "&", "|",
    "~", "(", ")", "[", "]", "{", "}", "<", ">", "=", "'", "\"", "\\", "$", "#", "\n", "\r\n", "\t",
    " ", "\u{A0}", "e", "E", "j", "_", "x", "0x", "1e9", "1e-9", "NaN", "inf", "true", "\\u00",
    " and ", " or ", " not ", " is ", " if ", " else ", "sqrt(", "abs(", "factorial(", "max(",
    "log(", "\\frac{", "Move disk ", " from Peg ", " to Peg ", "right", "down", "×", "Zoey", "sage",
    "fool", "a", "b", "٣", "７", "²", "½", "\u{301}", "👍", "é", "<answer>", "</answer>", "\u{0}",
  ]

  private func score(_ task: String, _ answer: String) -> Double {
    let metadata = ["\"source_dataset\": \"\(task)\"", Self.facts[task]].compactMap { $0 }
    return ReasoningGym.score(
      answer: answer, reference: Self.references[task] ?? "x",
      facts: "{" + metadata.joined(separator: ", ") + "}")
  }

  @Test func `no answer is too broken to be scored`() {
    var random = Random(seed: 11)
    for round in 0..<12_000 {
      let task = Self.tasks[round % Self.tasks.count]
      let answer = (0..<random.below(14)).map { _ in Self.pieces[random.below(Self.pieces.count)] }
        .joined()
      let score = score(task, answer)
      #expect((0...1).contains(score), "\(task): \(answer.debugDescription) earns \(score)")
    }
  }

  @Test(arguments: [
    "1+", "1/3+", "(", "()", "-", "not ", "**2", "9**", "2**19999*", "2000!/1999!+", "22/7*",
    "sqrt(", "(22/7)**1300+", "sqrt(10**150+1)+", "1.23456789012345678**99999*", "1e4999*",
    "1e-4999*", "1<", "1 or ", "1 if 1 else ", "(1<<19000)+", "7**5000%3**4000+", "max(1,", "'a'",
    "\"", "!", "0.[7]+", "x+", "é", "#a\n", "\\\n", "f(", "1,", "１", "\u{301}", "[", "[1,", "[[",
    "\\u0031", "×", "2×", "Zoey is a sage ", "a, ", "right ", "<answer>", "\\frac{", "1a", "1.1a",
  ])
  func `long answers are scored in bounded time`(piece: String) {
    let long = String(repeating: piece, count: 60_000 / piece.unicodeScalars.count)
    let short = String(long.unicodeScalars.prefix(19_000))
    let began = Date()
    // Both puzzles read expressions alike.
    for task in Self.tasks where task != "puzzle24" {
      let answer = task == "countdown" ? short + "1" : long
      #expect((0...1).contains(score(task, answer)), "\(task)")
    }
    // The arithmetic of whole numbers is not optimised here, and the machine may be busy.
    let seconds = Date().timeIntervalSince(began)
    #expect(seconds < 30, "\(piece) took \(seconds) s")
  }

  @Test(arguments: [
    ("9**9**9**9", 0.05), ("9.0**9.0**9.0**9.0", 0.05), ("2**-99999999999", 0.05),
    ("(1/7)**999999999", 0.05), ("99999999999999!", 0.05), ("1<<9999999999", 0.05),
    ("1<<99999999999999", 0.01),
    ("1e999999999", 0.05), ("1e-999999999", 0.05), ("(12*3-12)**1**9**9**9", 0.05),
    ("0**9**9**9", 0.05), ("1/9**9**9**9", 0.05), ("9**9**9**9 % 10", 0.05),
  ])
  func `numbers that cannot be written out are only other numbers`(answer: String, worth: Double) {
    let began = Date()
    #expect(score("countdown", answer) == worth)
    #expect(Date().timeIntervalSince(began) < 5)
  }

  @Test func `a million moves are counted`() {
    let there = "Move disk 1 from Peg 1 to Peg 2\n"
    let back = "Move disk 1 from Peg 2 to Peg 1\n"
    let detour = String(repeating: there + back, count: 500_000)
    let solution =
      "Move disk 1 from Peg 1 to Peg 2\nMove disk 2 from Peg 1 to Peg 3\n"
      + "Move disk 1 from Peg 2 to Peg 3"
    #expect(score("tower_of_hanoi", solution) == 1)
    #expect(score("tower_of_hanoi", detour + solution) == 3.0 / 1_000_003.0)
  }
}
