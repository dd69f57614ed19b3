/// Reads an answer: lists, intervals, sets, equations, matrices, quantities.
struct AnswerReader {
  /// All ways in which an answer may be read, the likeliest first; none where it is no mathematics.
  static func readings(of answer: String) -> [AnswerValue] {
    var found: [AnswerValue] = []
    for commas in commaReadings(of: answer) {
      guard let scanned = MathScanner.tokens(answer, commas: commas) else { return [] }
      let tokens = WordArithmetic.rewritten(scanned)
      let values = [
        mixed(tokens[...]), AnswerReader().value(tokens[...], depth: 0), decadic(tokens),
      ]
      for value in values.compactMap({ $0 }) where !found.contains(value) { found.append(value) }
      for quantity in QuantityReader.quantities(trimmed(tokens[...])).dropFirst() {
        found.append(.scalar(quantity))
      }
    }
    return found
  }

  /// The same with `log` as the logarithm to base ten, where no base is named.
  private static func decadic(_ tokens: [MathToken]) -> AnswerValue? {
    guard tokens.contains(.command("log")) else { return nil }
    let other = tokens.indices.map { place -> MathToken in
      let isBare = place + 1 == tokens.count || tokens[place + 1] != .sign("_")
      return tokens[place] == .command("log") && isBare ? .command("lg") : tokens[place]
    }
    return other == tokens ? nil : AnswerReader().value(other[...], depth: 0)
  }

  /// “2 and 1/2” as a mixed number; it may be a list too.
  private static func mixed(_ given: ArraySlice<MathToken>) -> AnswerValue? {
    let parts = split(trimmed(given)) { $0 == .command("and") }.map { trimmed($0) }
    guard parts.count == 2, parts[0].count == 1, case .number(let digits) = parts[0].first,
      digits.allSatisfy(\.isASCIIDigit), let part = MathParser.expression(parts[1]),
      case .quotient(.number, .number) = part, let size = part.exact, size < .one,
      !size.isNegative
    else { return nil }
    return .plain(.sum(.number(digits), part))
  }

  /// `1,234` is a number, `(1,234)` may be a pair, `0,5` may be a half.
  private static func commaReadings(of answer: String) -> [CommaReading] {
    let characters = Array(answer)
    let places = characters.indices.dropFirst().dropLast().filter {
      characters[$0] == "," && characters[$0 - 1].isASCIIDigit && characters[$0 + 1].isASCIIDigit
    }
    guard !places.isEmpty else { return [.grouping] }
    let isFenced = answer.contains { "([{".contains($0) }
    let digits = characters.filter { $0.isASCIIDigit || $0 == "," }
    let head = digits.prefix { $0 != "," }
    let tail = digits.drop { $0 != "," }.dropFirst()
    let isGroup = (1...3).contains(head.count) && head.first != "0" && tail.count == 3
    let isDecimal = characters.count(where: { $0 == "," }) == 1 && !isFenced && !isGroup
    return [.grouping] + (isFenced ? [.separating] : []) + (isDecimal ? [.decimal] : [])
  }

  private static let depthLimit = 8

  /// The value of a part of an answer.
  func value(_ given: ArraySlice<MathToken>, depth: Int) -> AnswerValue? {
    let tokens = Self.trimmed(given)
    guard depth < Self.depthLimit, !tokens.isEmpty else { return nil }
    if let last = Self.split(tokens, at: { $0 == .command("Rightarrow") }).dropFirst().last {
      return value(last, depth: depth + 1)
    }
    if let compound = QuantityReader.compound(tokens) { return .scalar(compound) }
    if let joined = joinedByWords(tokens, depth) { return joined }
    if tokens.contains(.command("~")) { return approximation(tokens, depth) }
    if let set = Self.split(tokens, at: { $0 == .command("in") }).dropFirst().last {
      return value(set, depth: depth + 1)
    }
    if let relation = RelationReader(reader: self, depth: depth).value(tokens) { return relation }
    return set(tokens, depth) ?? fenced(tokens, depth) ?? matrix(tokens) ?? ratio(tokens)
      ?? plusMinus(tokens, depth) ?? VectorReader.value(tokens)
      ?? QuantityReader.quantity(tokens).map { .scalar($0) }
  }

  /// Unions and differences of sets, and the set of all real numbers.
  private func set(_ tokens: ArraySlice<MathToken>, _ depth: Int) -> AnswerValue? {
    if tokens.count == 1, tokens.first == .command("reals") { return .reals }
    let members = Self.split(tokens) { $0 == .command("cup") }
    if members.count > 1 { return all(members, depth).map { .union($0) } }
    let parts = Self.split(tokens) { $0 == .command("setminus") || Self.isWord($0, "except") }
    guard parts.count == 2, let whole = value(parts[0], depth: depth + 1),
      let rest = value(parts[1], depth: depth + 1)
    else { return nil }
    return .without(whole, rest)
  }

  private func all(_ parts: [ArraySlice<MathToken>], _ depth: Int) -> [AnswerValue]? {
    let values = parts.map { value($0, depth: depth + 1) }
    guard !values.contains(nil) else { return nil }
    return values.compactMap { $0 }
  }

  /// Values with commas, “and” or “or” between them.
  private func joinedByWords(_ tokens: ArraySlice<MathToken>, _ depth: Int) -> AnswerValue? {
    let parts = Self.split(tokens, at: Self.isSeparator).filter { !Self.trimmed($0).isEmpty }
    guard parts.count > 1, !parts.contains(where: Self.isProse), let values = all(parts, depth)
    else { return nil }
    let isAlternative = tokens.contains { Self.isWord($0, "or") }
    if isAlternative, values.allSatisfy(\.isRange) { return .union(values) }
    return .list(Self.flattened(Self.spread(values)), .none)
  }

  /// Whether this is a part of a sentence rather than a member of a list.
  private static func isProse(_ tokens: ArraySlice<MathToken>) -> Bool {
    tokens.count { if case .word = $0 { true } else { false } } > 2
  }

  /// `n = 1, 2, 3` says that of each of them.
  private static func spread(_ values: [AnswerValue]) -> [AnswerValue] {
    guard case .definition(let name, _) = values[0],
      values.dropFirst().allSatisfy({ if case .scalar = $0 { true } else { false } })
    else { return values }
    return values.map { if case .scalar = $0 { .definition(name, $0) } else { $0 } }
  }

  /// What is only near the answer is left away: `1/3 ≈ .33` is a third, `x ≈ 11` is 11.
  private func approximation(_ tokens: ArraySlice<MathToken>, _ depth: Int) -> AnswerValue? {
    let parts = Self.split(tokens) { $0 == .command("~") }
    guard parts.count > 1 else { return nil }
    let first = value(parts[0], depth: depth + 1)
    if case .scalar(let quantity) = first, case .variable = quantity.expression {
      return value(parts[1], depth: depth + 1)
    }
    return first
  }

  private func fenced(_ tokens: ArraySlice<MathToken>, _ depth: Int) -> AnswerValue? {
    if tokens.count == 1, tokens.first == .command("emptyset") { return .nothing }
    guard tokens.count >= 2, let open = tokens.first.flatMap(Self.opening),
      let close = tokens.last.flatMap(Self.closing), Self.isOneFence(tokens)
    else { return nil }
    let inner = tokens.dropFirst().dropLast()
    // Braces of LaTeX around a fraction are no set.
    guard !inner.contains(.command("over")), !inner.contains(.command("choose")) else { return nil }
    let parts = Self.split(inner, at: Self.isSeparator)
    if open == "{" {
      if Self.trimmed(inner).isEmpty { return .nothing }
      if let condition = Self.condition(inner) { return value(condition, depth: depth + 1) }
      return all(parts, depth).map { .list(Self.flattened($0), .set) }
    }
    if parts.count == 1 {
      guard open == "(", close == ")" else { return matrix(inner) }
      return matrix(inner) ?? value(inner, depth: depth + 1)
    }
    return all(parts, depth).map { .list($0, AnswerValue.Fence(open: open, close: close)) }
  }

  /// What must hold for the members of `{x : x > 3}` or `{x | x > 3}`.
  private static func condition(_ inner: ArraySlice<MathToken>) -> ArraySlice<MathToken>? {
    let name = trimmed(inner).first
    guard case .letter = name else { return nil }
    let bars: [MathToken] = [.command("mid"), .sign(":"), .sign("|")]
    guard let bar = inner.firstIndex(where: { bars.contains($0) }) else { return nil }
    let head = trimmed(inner[..<bar])
    let isPlain = head.count == 1 || head.contains(.command("in")) && head.last == .command("reals")
    return isPlain ? inner[(bar + 1)...] : nil
  }

  private func ratio(_ tokens: ArraySlice<MathToken>) -> AnswerValue? {
    let ends = Self.split(tokens) { Self.isWord($0, "to") }
    if ends.count == 2, let low = MathParser.expression(Self.trimmed(ends[0])),
      let high = MathParser.expression(Self.trimmed(ends[1]))
    {
      return .span(low, high)
    }
    let parts = Self.split(tokens) { $0 == .sign(":") }
    guard parts.count > 1 else { return nil }
    let values = parts.map { MathParser.expression($0) }
    guard !values.contains(nil) else { return nil }
    return .ratio(values.compactMap { $0 })
  }

  /// Both values of a formula with ±.
  private func plusMinus(_ tokens: ArraySlice<MathToken>, _ depth: Int) -> AnswerValue? {
    guard tokens.contains(.command("pm")) else { return nil }
    let both = ["+", "-"].map { sign in
      tokens.map { $0 == .command("pm") ? .sign(Character(sign)) : $0 }
    }
    return all(both.map { $0[...] }, depth).map { .list($0, .none) }
  }
}

// Cutting.
extension AnswerReader {
  /// Without white space and full stops at the ends.
  static func trimmed(_ tokens: ArraySlice<MathToken>) -> ArraySlice<MathToken> {
    var rest = tokens
    while let first = rest.first, first == .space { rest.removeFirst() }
    while let last = rest.last, last == .space || last == .sign(".") || last == .sign(",") {
      rest.removeLast()
    }
    return rest
  }

  /// The parts between signs that stand outside of all brackets.
  static func split(
    _ tokens: ArraySlice<MathToken>, at isSeparator: (MathToken) -> Bool
  ) -> [ArraySlice<MathToken>] {
    var parts: [ArraySlice<MathToken>] = []
    var depth = 0
    var start = tokens.startIndex
    for place in tokens.indices {
      depth += change(tokens[place])
      guard depth == 0, isSeparator(tokens[place]) else { continue }
      parts.append(tokens[start..<place])
      start = place + 1
    }
    return parts + [tokens[start...]]
  }

  /// How a token changes the number of open brackets.
  private static func change(_ token: MathToken) -> Int {
    switch token {
    case .sign("("), .sign("["), .sign("{"), .command("{"), .command("langle"): 1
    case .sign(")"), .sign("]"), .sign("}"), .command("}"), .command("rangle"): -1
    case .command(let name) where name.hasPrefix("begin"): 1
    case .command(let name) where name.hasPrefix("end"): -1
    default: 0
    }
  }

  /// Whether the first bracket closes with the last.
  private static func isOneFence(_ tokens: ArraySlice<MathToken>) -> Bool {
    var depth = 0
    for place in tokens.indices.dropLast() {
      depth += change(tokens[place])
      if depth <= 0 { return false }
    }
    return true
  }

  private static func opening(_ token: MathToken) -> Character? {
    switch token {
    case .sign("("), .command("langle"): "("
    case .sign("["): "["
    case .command("{"), .sign("{"): "{"
    default: nil
    }
  }

  private static func closing(_ token: MathToken) -> Character? {
    switch token {
    case .sign(")"), .command("rangle"): ")"
    case .sign("]"): "]"
    case .command("}"), .sign("}"): "}"
    default: nil
    }
  }

  private static func isSeparator(_ token: MathToken) -> Bool {
    token == .sign(",") || token == .sign(";") || isWord(token, "and") || isWord(token, "or")
  }

  private static func isWord(_ token: MathToken, _ wanted: String) -> Bool {
    if case .word(let word) = token { return word.lowercased() == wanted }
    return token == .command(wanted)
  }

  /// With the members of lists without brackets, such as those of ±, in place of the lists.
  static func flattened(_ values: [AnswerValue]) -> [AnswerValue] {
    values.flatMap { value -> [AnswerValue] in
      if case .list(let members, .none) = value { return members }
      return [value]
    }
  }
}

// Matrices and vectors.
extension AnswerReader {
  /// A matrix between `\begin` and `\end`; of one between bars the determinant.
  func matrix(_ given: ArraySlice<MathToken>) -> AnswerValue? {
    var tokens = Self.trimmed(given)
    guard case .command(let name) = tokens.first, name.hasPrefix("begin"),
      tokens.last == .command("end" + name.dropFirst(5))
    else { return nil }
    tokens = tokens.dropFirst().dropLast()
    if name == "beginarray" { tokens = Self.withoutColumns(tokens) }
    let rows = Self.split(tokens) { $0 == .command("\\") }.filter { !Self.trimmed($0).isEmpty }
    let cells = rows.map { row in
      Self.split(row) { $0 == .sign("&") }.map { MathParser.expression($0) }
    }
    guard !cells.isEmpty, cells.allSatisfy({ !$0.contains(nil) }) else { return nil }
    let matrix = cells.map { $0.compactMap { $0 } }
    guard name == "beginvmatrix" else { return .matrix(matrix) }
    return Self.determinant(matrix).map { .plain($0) }
  }

  /// Without the `{cc}` that follows `\begin{array}`.
  private static func withoutColumns(_ tokens: ArraySlice<MathToken>) -> ArraySlice<MathToken> {
    guard tokens.first == .sign("{"), let end = tokens.firstIndex(of: .sign("}")) else {
      return tokens
    }
    return tokens[(end + 1)...]
  }

  /// By the first row; nil where the matrix is not square, or larger than four.
  private static func determinant(_ rows: [[MathExpression]]) -> MathExpression? {
    guard (1...4).contains(rows.count), rows.allSatisfy({ $0.count == rows.count }) else {
      return nil
    }
    if rows.count == 1 { return rows[0][0] }
    var sum: MathExpression?
    for column in rows.indices {
      let minor = rows.dropFirst().map { row in
        row.indices.filter { $0 != column }.map { row[$0] }
      }
      guard let part = determinant(minor) else { return nil }
      let term = MathExpression.product(rows[0][column], part)
      let signed = column % 2 == 0 ? term : .negated(term)
      sum = sum.map { .sum($0, signed) } ?? signed
    }
    return sum
  }
}

/// Reads a vector out of the directions it is made of: `2\hat{i} - \hat{j}`.
enum VectorReader {
  private static let names = ["i", "j", "k"]

  /// The components in order; nil where there are no directions, or something stands beside them.
  static func value(_ tokens: ArraySlice<MathToken>) -> AnswerValue? {
    let used = names.filter { tokens.contains(.command("unit-" + $0)) }
    guard !used.isEmpty else { return nil }
    let plain = tokens.map { token -> [MathToken] in
      guard case .command(let name) = token, name.hasPrefix("unit-") else { return [token] }
      return [.letter("e"), .sign("_"), .sign("{"), .word(name), .sign("}")]
    }
    guard let formula = MathParser.expression(plain.joined().map { $0 }) else { return nil }
    func at(_ direction: String?) -> MathExpression {
      names.reduce(formula) { rest, name in
        rest.replacing("e_unit-" + name, with: .number(name == direction ? "1" : "0"))
      }
    }
    guard FormulaComparison.agree(at(nil), .number("0")) else { return nil }
    let dimensions = used.contains("k") ? 3 : 2
    let parts = names.prefix(dimensions).map { AnswerValue.plain(at($0)) }
    return .list(parts, AnswerValue.Fence(open: "(", close: ")"))
  }
}

extension AnswerValue {
  /// Whether this is a set of numbers in a row, so that “or” joins it to others.
  var isRange: Bool {
    switch self {
    case .relation, .union, .reals, .without: true
    case .list(_, let fence): fence != .none
    default: false
    }
  }
}
