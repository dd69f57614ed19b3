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
    if signs.count == 2 { return between(parts, signs) }
    guard signs.count == 1, let left = MathParser.expression(parts[0]),
      let right = MathParser.expression(parts[1])
    else { return nil }
    return Self.interval(left, signs[0], right) ?? .relation(left, signs[0], right)
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
    guard let last = parts.last else { return nil }
    if let name = Self.name(parts[0]) {
      return reader.value(last, depth: depth + 1).map { .definition(name, $0) }
    }
    if parts.count > 2 { return reader.value(last, depth: depth + 1) }
    if let name = Self.name(last) {
      return reader.value(parts[0], depth: depth + 1).map { .definition(name, $0) }
    }
    // Names on the left that stand for the members on the right: (t, u) = (1, 2).
    if MathParser.expression(parts[0]) == nil {
      guard case .list = reader.value(parts[0], depth: depth + 1) else { return nil }
      return reader.value(last, depth: depth + 1)
    }
    guard let left = MathParser.expression(parts[0]), let right = MathParser.expression(last) else {
      return nil
    }
    // A sum written out: 3 + 1 = 4 answers 4.
    if left.variables.isEmpty, right.variables.isEmpty {
      return reader.value(last, depth: depth + 1)
    }
    return .relation(left, .equal, right)
  }

  /// The name of a variable, or of a function such as `f(x)`.
  private static func name(_ given: ArraySlice<MathToken>) -> String? {
    let tokens = AnswerReader.trimmed(given)
    if case .variable(let name) = MathParser.expression(tokens) { return name }
    if tokens.count == 1, case .word(let word) = tokens.first { return word }
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
      case .list(let first, let left) = Self.interval(low, signs[0], middle),
      case .list(let second, let right) = Self.interval(middle, signs[1], high)
    else { return nil }
    let isRising = left.close == ")" && first[1] == .plain(.infinity)
    let (from, to) = isRising ? ((first, left), (second, right)) : ((second, right), (first, left))
    guard from.0[1] == .plain(.infinity), to.0[0] == .plain(.negated(.infinity)) else { return nil }
    return .list(
      [from.0[0], to.0[1]], AnswerValue.Fence(open: from.1.open, close: to.1.close))
  }

  /// The numbers for which a linear inequality in one variable holds.
  static func interval(
    _ left: MathExpression, _ sign: AnswerValue.Comparison, _ right: MathExpression
  ) -> AnswerValue? {
    let names = left.variables.union(right.variables)
    guard names.count == 1, let name = names.first, sign != .equal, sign != .different else {
      return nil
    }
    let values = [0.0, 1, 2].map { (point: Double) -> Double in
      let both = left.value(at: [name: point]) - right.value(at: [name: point])
      return both.isReal ? both.real : .nan
    }
    let slope = values[1] - values[0]
    let isLinear = abs(values[2] - values[1] - slope) <= 1e-9 * max(1, abs(slope))
    guard isLinear, slope != 0, slope.isFinite else { return nil }
    let bound = bound(of: name, left, right) ?? .number("\(-values[0] / slope)")
    let actual = slope > 0 ? sign : sign.flipped
    return half(actual, signed(bound, value: -values[0] / slope))
  }

  /// A negative number as a formula, which is written with a minus before it.
  private static func signed(_ bound: MathExpression, value: Double) -> MathExpression {
    if case .number = bound {
      return value < 0 ? .negated(.number("\(-value)")) : .number("\(value)")
    }
    return bound
  }

  /// The bound as it was written, where one side is the variable alone.
  private static func bound(
    of name: String, _ left: MathExpression, _ right: MathExpression
  ) -> MathExpression? {
    if left == .variable(name), case .number = right { return nil }
    if left == .variable(name) { return right }
    if right == .variable(name) { return left }
    return nil
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
