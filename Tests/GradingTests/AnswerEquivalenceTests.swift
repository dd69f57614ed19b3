import Foundation
import Testing

@testable import Grading

@Suite struct AnswerEquivalenceTests {
  struct Row: Decodable {
    var id: String
    var gold: String
    var pred: String
    var pred_in: String?
    var verdict: Bool?
    var by_eye: String?
    var expected: Int?

    /// What a person, or the maintainers, say of it.
    var truth: Bool? {
      by_eye.map { ["eq": true, "ne": false][$0] } ?? expected.map { $0 == 1 }
    }
  }

  static func rows(_ data: Data) throws -> [Row] {
    try data.split(separator: 0x0A).map { try JSONDecoder().decode(Row.self, from: Data($0)) }
  }

  @Test func `no pair is accepted that math-verify refuses rightly, and fewer are missed`() throws {
    let file = try #require(
      Bundle.module.url(forResource: "Golden/answer-equivalence", withExtension: "jsonl"))
    let rows = try Self.rows(try Data(contentsOf: file))
    #expect(rows.count == 371)
    var (missed, missedThere) = (0, 0)
    for row in rows {
      guard let truth = row.truth, let verdict = row.verdict else { continue }
      let said = Judge.isRight(row.pred_in ?? row.pred, reference: row.gold)
      #expect(truth || !said, "\(row.id): \(row.pred) was taken for \(row.gold)")
      missed += truth && !said ? 1 : 0
      missedThere += truth && !verdict ? 1 : 0
    }
    #expect(missedThere == 69)
    #expect(missed == 0)
  }

  @Test func `math-verify's own tests agree`() throws {
    let place = "../shared/data/third-party/answer_equivalence/math_verify_tests.jsonl"
    let file = sharedFile(place)
    guard let data = try? Data(contentsOf: file) else {
      print("\(file.path) is missing, so math-verify's own tests are not read.")
      return
    }
    let rows = try Self.rows(data)
    let wrong = rows.filter { row in
      row.truth != nil && Judge.isRight(row.pred, reference: row.gold) != row.truth
    }
    // Options of that library: a precision of two places, no comparison of sets with inequalities.
    #expect(wrong.count <= 6, "\(wrong.map(\.id))")
    #expect(wrong.filter { $0.truth == false }.map(\.id) == ["mv-187"])
  }

  @Test(arguments: [
    ("x+1", "1+x"), ("3 + 1 = 4", "4"), ("2(x+1)", "2x+2"), ("\\sqrt{12}", "2\\sqrt{3}"),
    ("0.5", "1/2"),
    ("(x-1)(x+1)", "x^2-1"), ("50%", "0.5"), ("3 \\frac{1}{2}", "3.5"), ("1e3", "1,000"),
    ("\\{1,2\\}", "2, 1"), ("x^2+y^2=4", "4 - x^2 - y^2 = 0"), ("x \\geq 2", "[2, \\infty)"),
    ("b", "(B)"), ("12 apples", "12"), ("\\frac{1}{3}", "0.333333"), ("-\\infty", "−∞"),
    ("\\cos 60^\\circ", "1/2"), ("5!", "120"), ("|−3|", "3"), ("\\log_{10} 1000", "3"),
    ("3 million", "3000000"), ("45 degrees", "\\frac{\\pi}{4}"), ("1:2:3", "2:4:6"),
    ("90 minutes", "1 hour 30 minutes"), ("1 hour and 30 minutes", "1.5 hours"),
    ("50 cents", "$0.50"), ("90°", "90 degrees"), ("\\frac{\\pi}{6} rad", "30^\\circ"),
  ])
  func `these say the same`(answer: String, reference: String) {
    #expect(AnswerEquivalence.isEquivalent(answer, to: reference))
  }

  @Test(arguments: [
    ("x+1", "x-1"), ("4 + 4 = 10", "8"), ("\\sqrt{x^2}", "x"), ("10000000001", "10000000000"),
    ("2m", "2"), ("120 minutes", "2 hours"), ("\\frac{\\pi}{6}", "30^\\circ"),
    ("(1,2)", "[1,2]"), ("5 kg", "5 m"), ("0.3333", "1/3"), ("\\ln(x^2)", "2\\ln(x+1)"),
    ("not valid", "valid"), ("A", "B"), ("", "0"), ("{}", "0"), ("x=1", "y=2"), ("12", "1,2"),
    ("\\frac{12345678901}{7}", "\\frac{12345678902}{7}"), ("x<2", "x>2"), ("2^{3}4", "2^{34}"),
    ("1 8", "18"), ("no", "on"), ("-x > 1", "x > -1"), ("0/0", "0"), ("1/0", "\\infty - \\infty"),
  ])
  func `these do not`(answer: String, reference: String) {
    #expect(!AnswerEquivalence.isEquivalent(answer, to: reference))
  }
}

/// A file beside the package; it may be missing.
func sharedFile(_ path: String) -> URL {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent(path)
}
