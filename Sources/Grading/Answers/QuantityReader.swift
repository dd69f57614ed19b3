import BigInt

/// Reads a formula with what it is measured in: `5 cm`, `10 miles per hour`, `USD 18`, `3 million`.
enum QuantityReader {
  /// The quantities that all of the tokens may make, the likeliest first; none where they make none.
  static func quantities(_ given: ArraySlice<MathToken>) -> [AnswerValue.Quantity] {
    let (tokens, currency) = withoutCurrency(given)
    var found = [AnswerValue.Quantity]()
    if let expression = MathParser.expression(tokens) {
      found.append(AnswerValue.Quantity(expression: expression, unit: currency))
    }
    if let letters = letterUnit(tokens) { found.insert(letters, at: 0) }
    if !found.isEmpty { return found }
    guard let word = tokens.firstIndex(where: isUnitWord), word > tokens.startIndex else {
      return []
    }
    // “5/day” is five a day.
    let start = tokens[word - 1] == .sign("/") ? word - 1 : word
    guard let head = MathParser.expression(tokens[..<start]),
      let measure = measure(tokens[start...]),
      // Words after a letter alone are a sentence: “I hope so”.
      measure.isKnown
        || tokens[..<start].contains(where: { if case .number = $0 { true } else { false } })
    else { return [] }
    return [AnswerValue.Quantity(expression: head, unit: measure.unit ?? currency)]
  }

  /// The likeliest quantity.
  static func quantity(_ tokens: ArraySlice<MathToken>) -> AnswerValue.Quantity? {
    quantities(tokens).first
  }

  /// A number, a space and letters of units, such as `2 h` or `5 m/s`: a unit, or a variable.
  private static func letterUnit(_ tokens: ArraySlice<MathToken>) -> AnswerValue.Quantity? {
    guard tokens.count >= 3, case .number(let digits) = tokens.first,
      tokens[tokens.startIndex + 1] == .space, case .letter(let first) = tokens.dropFirst(2).first,
      "mgshlLKNJWV".contains(first),
      let unit = measure(tokens.dropFirst(2))?.unit
    else { return nil }
    return AnswerValue.Quantity(
      expression: .number(digits), unit: unit, isLetterUnit: tokens.count == 3)
  }

  /// What words after a number say that it is measured in; nil where they change the number.
  ///
  /// Words that are no unit name what is counted, which need not be compared.
  private static func measure(_ tail: ArraySlice<MathToken>) -> (unit: Unit?, isKnown: Bool)? {
    let words = tail.flatMap(words)
    guard words.count <= 8, !words.contains(where: { MathWords.changing.contains($0) }),
      !words.contains(where: { "=<>?!*+".contains($0) })
    else { return nil }
    if let unit = unit(words) { return (unit, true) }
    let hasNumber = words.contains { $0.contains(where: \.isASCIIDigit) }
    return hasNumber ? nil : (nil, false)
  }

  /// The unit of words such as `square`, `meters`, `per`, `s`, `^`, `2`; nil where one is none.
  private static func unit(_ words: [String]) -> Unit? {
    var product: Unit?
    var (sign, power) = (1, 1)
    var place = 0
    while place < words.count {
      let word = words[place]
      place += 1
      switch word {
      case "per", "a", "an", "each":
        if product == nil, place > 1 { return nil }
        sign = -1
        continue
      case "square", "sq": power = 2
      case "cubic", "cu": power = 3
      case "*", "·": continue
      default:
        guard let unit = Unit.named(word) else { return nil }
        var exponent = power
        if place + 1 < words.count, words[place] == "^", let given = Int(words[place + 1]) {
          exponent = given
          place += 2
        } else if place < words.count, let given = Int(words[place]) {
          exponent = given
          place += 1
        }
        guard exponent.magnitude <= 4, let factor = unit.power(sign * exponent),
          let joined = product.map({ $0.times(factor) }) ?? factor
        else { return nil }
        product = joined
        (sign, power) = (1, 1)
      }
    }
    return product
  }

  /// A word, sign or number of a unit as it is compared.
  private static func words(_ token: MathToken) -> [String] {
    switch token {
    case .word(let word):
      word.lowercased().split { !$0.isLetter }.map(String.init)
    case .letter(let letter): [letter.lowercased()]
    case .number(let digits): [digits]
    case .sign("/"): ["per"]
    case .sign(let sign): ".{}".contains(sign) ? [] : [String(sign)]
    case .command(let name): [name]
    case .space: []
    }
  }

  private static func isUnitWord(_ token: MathToken) -> Bool {
    if case .word(let word) = token { return MathFunction.named(word.lowercased()) == nil }
    return false
  }

  /// Without `USD` or another currency's name before the number.
  private static func withoutCurrency(
    _ given: ArraySlice<MathToken>
  ) -> (ArraySlice<MathToken>, Unit?) {
    guard case .word(let word) = given.first,
      ["usd", "eur", "gbp", "rs", "inr", "jpy"].contains(word.lowercased())
    else { return (given, nil) }
    let rest = given.dropFirst().drop { $0 == .sign(".") }
    return (AnswerReader.trimmed(rest), Unit.named(word.lowercased()))
  }

  /// Several quantities of one kind after each other: `1 hour 30 minutes`, `3 dollars and 50 cents`.
  static func compound(_ tokens: ArraySlice<MathToken>) -> AnswerValue.Quantity? {
    let starts = tokens.indices.filter { place in
      guard case .number = tokens[place] else { return false }
      let before = tokens[..<place].last { $0 != .space }
      if case .word = before { return true }
      return before == nil || before == .command("and") || before == .sign(",")
    }
    guard (2...4).contains(starts.count), starts.first == tokens.startIndex else { return nil }
    var parts: [AnswerValue.Quantity] = []
    for (place, start) in starts.enumerated() {
      let end = place + 1 < starts.count ? starts[place + 1] : tokens.endIndex
      var slice = AnswerReader.trimmed(tokens[start..<end])
      if slice.last == .command("and") { slice = AnswerReader.trimmed(slice.dropLast()) }
      guard let part = quantity(slice), part.unit != nil else { return nil }
      parts.append(part)
    }
    guard let unit = parts[0].unit else { return nil }
    var sum = parts[0].expression
    for (part, before) in zip(parts.dropFirst(), parts) {
      guard let ratio = part.unit?.size(in: unit), let smaller = part.unit,
        let larger = before.unit,
        smaller.factor < larger.factor
      else { return nil }
      sum = .sum(sum, .product(part.expression, ratio.expression))
    }
    return AnswerValue.Quantity(expression: sum, unit: unit, isCompound: true)
  }
}

extension ExactNumber {
  /// The number as a formula.
  var expression: MathExpression {
    let upper = MathExpression.number(numerator.magnitude.description)
    let signed = isNegative ? MathExpression.negated(upper) : upper
    return denominator == 1
      ? signed : .quotient(signed, .number(denominator.magnitude.description))
  }
}
