import Foundation

// Tasks whose answers are numbers and formulas.
extension ReasoningGym {
  /// A text without white space at its ends as a number that Python's `Decimal` reads.
  static func number(_ text: String) -> Double? {
    var digits = text.trimmed(while: \.isWhitespace)
    if digits.last == ".", digits.count(where: { $0 == "." }) == 1 { digits.removeLast() }
    let plain = digits.allSatisfy { $0.isASCIIDigit || "+-.eE".contains($0) }
    return plain ? Double(digits.first == "." ? "0" + digits : digits) : nil
  }

  static func isNumber(_ answer: String, _ reference: String) -> Bool {
    guard let said = number(answer), let wanted = number(reference) else { return false }
    return abs(said - wanted) <= 1e-12 * max(1, abs(wanted))
  }

  /// 1 for the same number, else what share of the digits agrees from the beginning.
  static func commonBeginning(_ answer: String, _ reference: String) -> Double {
    guard let said = number(answer), let wanted = number(reference) else { return 0 }
    if abs(said - wanted) < 1e-6 { return 1 }
    // As numbers are written out, not as the answer has it: 075 is 75.0.
    let (one, two) = ("\(said)", reference)
    let common = zip(one, two).prefix { $0 == $1 }.count
    return Double(common) / Double(max(1, min(one.count, two.count)))
  }

  /// 1 where the last number of the text is the reference, 0.01 for any other text.
  static func lastNumber(_ answer: String, _ reference: String) -> Double {
    guard !answer.isEmpty else { return 0 }
    // The library knows no thousands separators.
    let plain = answer.replaced("+", with: " ").replaced(",", with: " ")
    let said = SentenceEnd.number(of: plain).flatMap { number($0.filter { $0 != "%" }) }
    return said != nil && said == number(reference) ? 1 : 0.01
  }

  /// The value of arithmetic with + − * / and brackets as Python reads it; nil for anything else.
  static func value(of answer: String) -> Double? {
    let text = answer.trimmed(while: \.isWhitespace)
    guard !text.isEmpty, text.allSatisfy({ $0.isASCIIDigit || "+-*/(). ".contains($0) }) else {
      return nil
    }
    var reader = ArithmeticReader(text)
    return reader.value()
  }

  /// 1 where the given numbers make the target, 0.05 for other arithmetic, 0.01 for other text.
  static func countdown(_ answer: String, _ facts: ReasoningGymFacts) -> Double {
    guard let value = value(of: answer), let target = facts.number("target") else { return 0.01 }
    let used = answer.split { !$0.isASCIIDigit }.compactMap { Double($0) }.sorted()
    let given = (facts.numbers("numbers") ?? []).sorted()
    return used == given && abs(value - target) < 1e-6 ? 1 : 0.05
  }

  /// 1 for the reduced fraction, 0.1 where a part of the one asked about was kept, 0.05 for another
  /// fraction, 0.01 for other text.
  static func fraction(_ answer: String, _ facts: ReasoningGymFacts) -> Double {
    guard let (upper, lower) = fraction(of: answer) else { return 0.01 }
    func fact(_ name: String) -> Int { Int(facts.number(name) ?? 0) }
    if upper == fact("simplified_numerator"), lower == fact("simplified_denominator") { return 1 }
    return upper == fact("numerator") || lower == fact("denominator") ? 0.1 : 0.05
  }

  private static func fraction(of answer: String) -> (Int, Int)? {
    let text = answer.trimmed { $0.isWhitespace || $0 == "$" }.lowercased()
    let parts: [Substring]
    if text.hasPrefix("\\frac{") || text.hasPrefix("\\dfrac{") {
      parts = text.drop { $0 != "{" }.split(separator: "}", omittingEmptySubsequences: false)
        .prefix(2).compactMap { $0.first == "{" ? $0.dropFirst() : nil }
      guard text.count(where: { $0 == "}" }) >= 2 else { return nil }
    } else {
      parts = text.split(separator: "/", omittingEmptySubsequences: false)
    }
    guard parts.count == 2, let upper = Int(parts[0]), let lower = Int(parts[1]) else { return nil }
    return (upper, lower)
  }

  /// 1 for the prime factors in any order, 0.01 for other numbers.
  static func factors(_ answer: String, _ facts: ReasoningGymFacts) -> Double {
    guard !answer.isEmpty else { return 0.01 }
    let parts = answer.split(separator: "×").map { String($0).trimmed(while: \.isWhitespace) }
    let numbers = parts.filter { !$0.isEmpty }.map { Int($0) }
    guard !numbers.contains(nil) else { return 0 }
    let wanted = (facts.numbers("factors") ?? []).map { Int($0) }.sorted()
    return numbers.compactMap { $0 }.sorted() == wanted ? 1 : 0.01
  }
}

/// Evaluates arithmetic; nil where it is none, or is nested deeper than an answer would be.
struct ArithmeticReader {
  private let text: [Character]
  private var place = 0
  private var depth = 0

  init(_ text: String) { self.text = Array(text) }

  /// The value of the whole text.
  mutating func value() -> Double? {
    guard text.count <= 400, let found = sum() else { return nil }
    skip()
    return place == text.count && found.isFinite ? found : nil
  }

  private mutating func skip() {
    while place < text.count, text[place] == " " { place += 1 }
  }

  private mutating func take(_ sign: Character) -> Bool {
    skip()
    guard place < text.count, text[place] == sign else { return false }
    place += 1
    return true
  }

  private mutating func sum() -> Double? {
    guard var left = product() else { return nil }
    while true {
      if take("+") {
        guard let right = product() else { return nil }
        left += right
      } else if take("-") {
        guard let right = product() else { return nil }
        left -= right
      } else {
        return left
      }
    }
  }

  private mutating func product() -> Double? {
    guard var left = factor() else { return nil }
    while true {
      if take("*"), take("*") {
        guard let right = factor() else { return nil }
        left = pow(left, right)
      } else if place > 0, text[place - 1] == "*" {
        guard let right = factor() else { return nil }
        left *= right
      } else if take("/") {
        guard let right = factor() else { return nil }
        left /= right
      } else {
        return left
      }
    }
  }

  private mutating func factor() -> Double? {
    guard depth < 64 else { return nil }
    depth += 1
    defer { depth -= 1 }
    if take("-") { return factor().map { -$0 } }
    if take("+") { return factor() }
    if take("(") {
      guard let inner = sum(), take(")") else { return nil }
      return inner
    }
    let start = place
    while place < text.count, text[place].isASCIIDigit || text[place] == "." { place += 1 }
    return Double(
      text[start..<place].last == "."
        ? String(text[start..<place]) + "0" : String(text[start..<place]))
  }
}
