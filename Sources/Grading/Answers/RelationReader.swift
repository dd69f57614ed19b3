/// Reads equations and inequalities.
struct RelationReader {
  let reader: AnswerReader
  let depth: Int

  /// The value of a text with `=`, `<` or another comparison; nil where there is none in it.
  func value(_ tokens: ArraySlice<MathToken>) -> AnswerValue? {
    let signs = comparisons(tokens)
    guard !signs.isEmpty else { return nil }
    let parts = AnswerReader.split(tokens) { Self.comparison($0) != nil }
    guard parts.count == signs.count + 1 else { return nil }
    if signs.allSatisfy({ $0 == .equal }) { return equation(parts) }
    if signs.count == 2 { return between(parts, signs) ?? halfOpen(parts, signs) }
    guard signs.count == 1, let left = MathParser.expression(parts[0]),
      let right = MathParser.expression(parts[1])
    else { return nil }
    return Self.distance(left, signs[0], right) ?? Self.interval(left, signs[0], right)
      ?? .relation(left, signs[0], right)
  }

  /// `|x| < 2` as an interval, `|x| > 2` as two.
  private static func distance(
    _ left: MathExpression, _ sign: AnswerValue.Comparison, _ right: MathExpression
  ) -> AnswerValue? {
    guard case .function(.abs, let inner) = left, right.variables.isEmpty else { return nil }
    switch sign {
    case .less, .lessOrEqual:
      return interval(.negated(right), sign, inner).flatMap { low in
        interval(inner, sign, right).flatMap { common(low, $0) }
      }
    case .greater, .greaterOrEqual:
      return interval(inner, sign.flipped, .negated(right)).flatMap { low in
        interval(inner, sign, right).map { .union([low, $0]) }
      }
    case .equal, .different: return nil
    }
  }

  private func comparisons(_ tokens: ArraySlice<MathToken>) -> [AnswerValue.Comparison] {
    AnswerReader.split(tokens) { Self.comparison($0) != nil }.dropFirst().compactMap { part in
      part.startIndex > tokens.startIndex ? Self.comparison(tokens[part.startIndex - 1]) : nil
    }
  }

  private static func comparison(_ token: MathToken) -> AnswerValue.Comparison? {
    switch token {
    case .sign("="): .equal
    case .sign("<"): .less
    case .sign(">"): .greater
    case .command(let name): AnswerValue.Comparison(rawValue: name)
    default: nil
    }
  }

  /// A definition where one side is a name, else an equation; of a chain the last value counts.
  private func equation(_ parts: [ArraySlice<MathToken>]) -> AnswerValue? {
    guard let last = parts.last, !parts.contains(where: Self.denies) else { return nil }
    if let name = Self.name(parts[0]) {
      return reader.value(last, depth: depth + 1).map { .definition(name, $0) }
    }
    if parts.count > 2 { return reader.value(last, depth: depth + 1) }
    if let name = Self.name(last) {
      return reader.value(parts[0], depth: depth + 1).map { .definition(name, $0) }
    }
    // What stands for something else than a number of its own: \angle A, \text{the sum}, (t, u).
    guard let left = MathParser.expression(parts[0]) else {
      return reader.value(last, depth: depth + 1)
    }
    guard let right = MathParser.expression(last) else {
      return left.variables.isEmpty ? reader.value(last, depth: depth + 1) : nil
    }
    // A sum written out: 3 + 1 = 4 answers 4.
    if left.variables.isEmpty, right.variables.isEmpty {
      return reader.value(last, depth: depth + 1)
    }
    // One equation in several unknowns does not solve for one of them: m + n = 17 answers 17.
    if left.variables.count > 1, left.isOfLetters, right.variables.isEmpty, right.exact != .zero {
      return .asked(left, right)
    }
    return .relation(left, .equal, right)
  }

  /// Whether words say that something does not hold, or asks.
  private static func denies(_ tokens: ArraySlice<MathToken>) -> Bool {
    tokens.contains { token in
      if case .word(let word) = token {
        return ["not", "cannot", "never", "no"].contains(word.lowercased())
      }
      return token == .sign("?")
    }
  }

  /// The name of a variable, or of a function such as `f(x)`.
  private static func name(_ given: ArraySlice<MathToken>) -> String? {
    let tokens = AnswerReader.trimmed(given)
    if case .variable(let name) = MathParser.expression(tokens) { return name }
    let words = tokens.compactMap { token -> String? in
      if case .word(let word) = token { word } else { nil }
    }
    if !words.isEmpty, words.count == tokens.count(where: { $0 != .space }) {
      return words.joined(separator: " ")
    }
    guard tokens.count == 4, case .letter(let name) = tokens.first,
      tokens[tokens.startIndex + 1] == .sign("("), tokens.last == .sign(")"),
      case .letter = tokens[tokens.startIndex + 2]
    else { return nil }
    return String(name)
  }

  /// `0 ≤ x < 1` as an interval.
  private func between(
    _ parts: [ArraySlice<MathToken>], _ signs: [AnswerValue.Comparison]
  ) -> AnswerValue? {
    guard let low = MathParser.expression(parts[0]), let middle = MathParser.expression(parts[1]),
      let high = MathParser.expression(parts[2]),
      let first = Self.interval(low, signs[0], middle),
      let second = Self.interval(middle, signs[1], high)
    else { return nil }
    return Self.common(first, second)
  }

  /// What two half-lines in opposite directions have in common.
  private static func common(_ one: AnswerValue, _ other: AnswerValue) -> AnswerValue? {
    guard case .list(let first, let left) = one, case .list(let second, let right) = other else {
      return nil
    }
    let isRising = first[1] == .plain(.infinity)
    let (from, to) = isRising ? ((first, left), (second, right)) : ((second, right), (first, left))
    guard from.0[1] == .plain(.infinity), to.0[0] == .plain(.negated(.infinity)) else { return nil }
    return .list([from.0[0], to.0[1]], AnswerValue.Fence(open: from.1.open, close: to.1.close))
  }

  /// `-\infty < x < 3`: an infinite side says nothing.
  private func halfOpen(
    _ parts: [ArraySlice<MathToken>], _ signs: [AnswerValue.Comparison]
  ) -> AnswerValue? {
    let formulas = parts.map { MathParser.expression($0) }
    guard let low = formulas[0], let middle = formulas[1], let high = formulas[2] else {
      return nil
    }
    let infinite: [MathExpression] = [.infinity, .negated(.infinity)]
    if infinite.contains(low), infinite.contains(high) { return .reals }
    if infinite.contains(low) { return Self.interval(middle, signs[1], high) }
    return infinite.contains(high) ? Self.interval(low, signs[0], middle) : nil
  }

  /// The numbers for which a linear inequality in one variable holds.
  static func interval(
    _ left: MathExpression, _ sign: AnswerValue.Comparison, _ right: MathExpression
  ) -> AnswerValue? {
    let names = left.variables.union(right.variables)
    guard names.count == 1, let name = names.first, sign != .equal, sign != .different else {
      return nil
    }
    let difference = MathExpression.sum(left, .negated(right))
    let values = ["0", "1", "2"].map { difference.replacing(name, with: .number($0)) }
    let slope = MathExpression.sum(values[1], .negated(values[0]))
    guard FormulaComparison.agree(.sum(values[2], .negated(values[1])), slope) else { return nil }
    let size = slope.folded().value(at: [:])
    guard size.isFinite, size.isReal, size.real != 0 else { return nil }
    let bound = bound(of: name, left, right) ?? .negated(.quotient(values[0], slope))
    return half(size.real > 0 ? sign : sign.flipped, bound)
  }

  /// The bound as it was written, where one side is the variable alone.
  private static func bound(
    of name: String, _ left: MathExpression, _ right: MathExpression
  ) -> MathExpression? {
    if left == .variable(name) { return right }
    return right == .variable(name) ? left : nil
  }

  private static func half(
    _ sign: AnswerValue.Comparison, _ bound: MathExpression
  ) -> AnswerValue {
    switch sign {
    case .greater: .list([.plain(bound), .plain(.infinity)], .init(open: "(", close: ")"))
    case .greaterOrEqual: .list([.plain(bound), .plain(.infinity)], .init(open: "[", close: ")"))
    case .less: .list([.plain(.negated(.infinity)), .plain(bound)], .init(open: "(", close: ")"))
    default: .list([.plain(.negated(.infinity)), .plain(bound)], .init(open: "(", close: "]"))
    }
  }
}

extension MathExpression {
  /// Whether there are no numbers in it but exponents: `m + n`, `a^2 + b^2`, `AB`.
  fileprivate var isOfLetters: Bool {
    switch self {
    case .variable, .pi, .euler: true
    case .negated(let one), .power(let one, .number): one.isOfLetters
    case .sum(let one, let two), .product(let one, let two), .quotient(let one, let two):
      one.isOfLetters && two.isOfLetters
    default: false
    }
  }
}
