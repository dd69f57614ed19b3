/// Reads a formula with what it is measured in: `5 cm`, `10 miles per hour`, `USD 18`, `3 million`.
enum QuantityReader {
  /// The quantity that all of the tokens make; nil where they make none.
  static func quantity(_ given: ArraySlice<MathToken>) -> AnswerValue.Quantity? {
    let tokens = withoutCurrency(given)
    if let expression = MathParser.expression(tokens) {
      return letterUnit(tokens) ?? AnswerValue.Quantity(expression: expression)
    }
    guard let start = tokens.firstIndex(where: isUnitWord), start > tokens.startIndex,
      let head = MathParser.expression(tokens[..<start])
    else { return nil }
    return measured(head, tokens[start...])
  }

  /// A number, a space and a letter, such as `2 h`: a unit, or a variable.
  private static func letterUnit(_ tokens: ArraySlice<MathToken>) -> AnswerValue.Quantity? {
    guard tokens.count == 3, case .number(let digits) = tokens.first,
      tokens[tokens.startIndex + 1] == .space, case .letter(let letter) = tokens.last,
      let unit = MathWords.units[letter.lowercased()]
    else { return nil }
    return AnswerValue.Quantity(expression: .number(digits), unit: unit, isLetterUnit: true)
  }

  private static func measured(
    _ head: MathExpression, _ tail: ArraySlice<MathToken>
  ) -> AnswerValue.Quantity? {
    var words = tail.flatMap(words)
    // “50% of 8 = 4” is a calculation, no 50% of some unit.
    guard words.count <= 5, !words.contains("=") else { return nil }
    var expression = head
    if let first = words.first, let multiple = MathWords.multiples[first] {
      expression = .product(head, .number(multiple))
      words.removeFirst()
    }
    let names = words.map { MathWords.units[$0] ?? $0 }
    let isKnown = words.contains { MathWords.units[$0] != nil }
    return AnswerValue.Quantity(
      expression: expression, unit: isKnown ? names.joined(separator: " ") : nil)
  }

  /// A word, sign or number of a unit as it is compared.
  private static func words(_ token: MathToken) -> [String] {
    switch token {
    case .word(let word):
      word.lowercased().split { !$0.isLetter }.map(String.init)
    case .letter(let letter): [String(letter)]
    case .number(let digits): [digits]
    case .sign("/"): ["per"]
    case .sign(let sign): sign == "." ? [] : [String(sign)]
    case .command(let name): [name]
    case .space: []
    }
  }

  private static func isUnitWord(_ token: MathToken) -> Bool {
    if case .word(let word) = token { return MathFunction.named(word.lowercased()) == nil }
    return false
  }

  /// Without `USD` or another currency's name before the number.
  private static func withoutCurrency(_ given: ArraySlice<MathToken>) -> ArraySlice<MathToken> {
    guard case .word(let word) = given.first,
      ["usd", "eur", "gbp", "rs", "inr"].contains(word.lowercased())
    else { return given }
    return AnswerReader.trimmed(given.dropFirst())
  }
}
