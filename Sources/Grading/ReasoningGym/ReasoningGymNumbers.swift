import BigInt
import Foundation

// Tasks whose answers are numbers.
extension ReasoningGym {
  /// 1 for a decimal number of the same value, whatever its sign's and zeros' writing and its
  /// commas; else the share that the reference takes of the answer it stands in.
  static func decimal(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard !answer.isEmpty else { return 0 }
    let said = answer.filter { $0 != "," }
    let wanted = reference.filter { $0 != "," }
    if let one = PythonNumber.decimal(said), one == PythonNumber.decimal(wanted) { return 1 }
    guard wanted.isEmpty || said.contains(wanted) else { return 0 }
    return Double(wanted.count) / Double(max(1, said.count))
  }

  /// 1 for a decimal number of the same value, 0 for anything else.
  static func decimalOnly(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard let said = PythonNumber.decimal(answer) else { return 0 }
    return said == PythonNumber.decimal(reference) ? 1 : 0
  }

  /// 1 for a probability, as a decimal number or a fraction, within 0.0001 of the reference; else
  /// what share of the shorter of both, written with ten figures, agrees from the beginning.
  static func probability(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard let said = PythonNumber.fraction(answer.filter { $0 != "," }),
      let wanted = PythonNumber.fraction(reference.filter { $0 != "," })
    else { return 0 }
    if abs(said - wanted) <= 1e-4 { return 1 }
    let (one, two) = (String(format: "%.10g", said), String(format: "%.10g", wanted))
    let common = zip(one.utf8, two.utf8).prefix { $0 == $1 }.count
    return Double(common) / Double(min(one.utf8.count, two.utf8.count))
  }

  /// 1 where the first number of the text is the reference, 0.01 for another, 0 for none.
  static func firstNumber(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard let said = firstNumber(in: answer).flatMap({ PythonNumber.real($0) }),
      let wanted = PythonNumber.real(reference)
    else { return 0 }
    return said == wanted ? 1 : 0.01
  }

  /// The first number that stands as a word.
  ///
  /// Its minus counts only right behind a word, and a point only before digits that end a word.
  private static func firstNumber(in text: [Unicode.Scalar]) -> ArraySlice<Unicode.Scalar>? {
    func isWord(_ place: Int) -> Bool {
      text.indices.contains(place) && text[place].isWordCharacter
    }
    func endOfDigits(_ start: Int) -> Int {
      text[start...].firstIndex { $0.decimalDigit == nil } ?? text.count
    }
    var place = 0
    while place < text.count {
      let isMinus = text[place] == "-" && isWord(place - 1)
      let first = isMinus ? place + 1 : place
      let end = first < text.count ? endOfDigits(first) : first
      guard end > first, isMinus || !isWord(place - 1) else {
        place += 1
        continue
      }
      if end + 1 < text.count, text[end] == "." {
        let last = endOfDigits(end + 1)
        if last > end + 1, !isWord(last) { return text[place..<last] }
      }
      if !isWord(end) { return text[place..<end] }
      place = end
    }
    return nil
  }

  /// 1 for the reduced fraction, 0.1 where a part of the one asked about was kept, 0.05 for another
  /// fraction, 0.01 for other text.
  static func fraction(_ answer: [Unicode.Scalar], _ facts: ReasoningGymFacts) -> Double {
    guard let (upper, lower) = fraction(of: answer),
      let reducedUpper = facts.whole("simplified_numerator"),
      let reducedLower = facts.whole("simplified_denominator")
    else { return 0.01 }
    if upper == reducedUpper, lower == reducedLower { return 1 }
    guard let askedUpper = facts.whole("numerator"), let askedLower = facts.whole("denominator")
    else { return 0.01 }
    return upper == askedUpper || lower == askedLower ? 0.1 : 0.05
  }

  /// The parts of `\frac{…}{…}` at the beginning, else of what the first slash separates.
  private static func fraction(of answer: [Unicode.Scalar]) -> (BigInt, BigInt)? {
    let text = answer.stripped().stripped { $0 == "$" }.stripped()
    if let (upper, lower) = latexFraction(text) {
      guard let over = PythonNumber.whole(upper), let under = PythonNumber.whole(lower) else {
        return nil
      }
      return (over, under)
    }
    guard let slash = text.firstIndex(of: "/"), let upper = PythonNumber.whole(text[..<slash]),
      let lower = PythonNumber.whole(text[slash...].dropFirst())
    else { return nil }
    return (upper, lower)
  }

  private static func latexFraction(
    _ text: ArraySlice<Unicode.Scalar>
  ) -> (ArraySlice<Unicode.Scalar>, ArraySlice<Unicode.Scalar>)? {
    let head = text.prefix { $0 != "{" && !$0.isPythonSpace }
    guard ["\\frac", "\\dfrac"].contains(head.text.lowercased()) else { return nil }
    var rest = text[head.endIndex...]
    var parts: [ArraySlice<Unicode.Scalar>] = []
    for _ in 0..<2 {
      rest = rest.drop(while: \.isPythonSpace)
      guard rest.first == "{", let end = rest.firstIndex(of: "}") else { return nil }
      let inner = rest[..<end].dropFirst().stripped()
      guard !inner.isEmpty, inner.allSatisfy({ $0.decimalDigit != nil }) else { return nil }
      parts.append(inner)
      rest = rest[end...].dropFirst()
    }
    return (parts[0], parts[1])
  }

  /// 1 for the prime factors in any order, 0.5 for others of the same product, 0.01 for other
  /// numbers and for none; 0 where a factor is no whole number, which the library raises an error
  /// for.
  static func factors(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard let said = factors(of: answer), let wanted = factors(of: reference) else { return 0 }
    if said.sorted() == wanted.sorted() { return 1 }
    let product = wanted.reduce(1, *)
    return isProduct(said, product) ? 0.5 : 0.01
  }

  private static func factors(of text: [Unicode.Scalar]) -> [BigInt]? {
    var factors: [BigInt] = []
    for part in text.split(separator: "×") where !part.stripped().isEmpty {
      guard let factor = PythonNumber.whole(part) else { return nil }
      factors.append(factor)
    }
    return factors
  }

  /// Whether factors make a product; ends as soon as they are too many.
  private static func isProduct(_ factors: [BigInt], _ product: BigInt) -> Bool {
    if factors.contains(0) { return product == 0 }
    var result = BigInt(1)
    for factor in factors {
      result *= factor
      guard result.magnitude <= product.magnitude else { return false }
    }
    return result == product
  }
}
