import BigInt
import Tensors
import Testing

@testable import Grading

@Suite struct ExactNumberTests {
  private func formula(_ text: String) throws -> MathExpression {
    let tokens = try #require(MathScanner.tokens(text, commas: .grouping))
    return try #require(MathParser.expression(tokens))
  }

  @Test(arguments: [
    ("2^{64}-1", "18446744073709551615"), ("30!/28!", "870"), ("\\binom{40}{20}", "137846528820"),
    ("\\sqrt[3]{-27}", "-3"), ("\\sqrt{10^{40}}", "100000000000000000000"), ("8^{2/3}", "4"),
    ("0.1\\overline{6}", "1/6"), ("\\log_2 1024", "10"), ("2^{-3}", "1/8"), ("7.5\\%", "3/40"),
    ("\\lfloor -7/2 \\rfloor", "-4"), ("1/3 + 1/6", "1/2"), ("\\sqrt{9/16}", "3/4"),
  ])
  func `fractions of whole numbers are worked out`(text: String, value: String) throws {
    let number = try #require(try formula(text).exact)
    let parts = value.split(separator: "/").compactMap { BigInt($0) }
    #expect(number.numerator == parts[0])
    #expect(number.denominator == (parts.count > 1 ? parts[1] : 1))
  }

  @Test(arguments: ["\\sqrt{2}", "1/0", "x", "9^{9^9}", "10^9!", "0^{-1}", "\\pi", "0^0/0"])
  func `what is irrational, undefined or too large is not`(text: String) throws {
    #expect(try formula(text).exact == nil)
  }

  @Test func `adding and multiplying can be undone`() throws {
    var random = Random(seed: 11)
    for _ in 0..<200 {
      let numbers = (0..<2).compactMap { _ in
        ExactNumber(BigInt(random.below(2000) - 1000), BigInt(1 + random.below(1000)))
      }
      let (one, other) = (numbers[0], numbers[1])
      #expect(one.adding(other)?.adding(try #require(other.negated)) == one)
      guard other != .zero else { continue }
      #expect(one.multiplied(by: other)?.divided(by: other) == one)
      #expect(one.power(ExactNumber(3)) == one.multiplied(by: one)?.multiplied(by: one))
    }
  }

  @Test(arguments: [
    ("9^{9^9}", "9^{387420489}", true), ("9^{9^9}", "9^{9^8}", false),
    ("2^{70000}", "4^{35000}", true),
    ("5000!", "5000 \\cdot 4999!", true), ("5000!", "5001!", false), ("(2n)!+1", "1+(2n)!", true),
    ("(2n)!", "(2n)!+1", false), ("\\sin(2x)+1", "1+\\sin(x+x)", true),
    ("\\sqrt{12}", "2\\sqrt3", true),
    ("2^{5000}(2^{61}-1)", "0", false), ("2^{5000}(2^{61}-31)", "0", false),
    ("e^{-40}", "0", false), ("\\sin \\pi", "0", true), ("e^{1000}", "e^{1001}", false),
    ("\\sqrt2 + 10^{-15}", "\\sqrt2", false), ("\\sqrt{3+2\\sqrt2}", "1+\\sqrt2", true),
    ("x+10^{-20}", "x", false), ("\\sin^2 x + \\cos^2 x", "1", true), ("\\sqrt{x^2}", "x", false),
    ("\\frac{x^2-1}{x-1}", "x+1", true), ("\\ln(xy)", "\\ln x - \\ln y", false),
  ])
  func `formulas of any size are compared without rounding where that can be`(
    one: String, other: String, areSame: Bool
  ) throws {
    #expect(FormulaComparison.agree(try formula(one), try formula(other)) == areSame)
  }
}
