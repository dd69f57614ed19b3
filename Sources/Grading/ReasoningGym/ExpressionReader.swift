import BigInt

/// Evaluates an expression in Python's notation as SymPy's `parse_expr` does: `reasoning-gym`
/// judges arithmetic with it.
///
/// Numbers, + − * / // % **, bits, factorials, comparisons, `and`, `or`, `not`, `… if … else …`,
/// strings, a few constants and functions are known. What else Python would run (attributes, lists,
/// other functions, algebra with letters) counts as an error.
struct ExpressionReader {
  private let tokens: [ExpressionToken]
  private var place = 0
  private var brackets = 0
  private var arithmetic = ExpressionArithmetic()

  /// What an expression is worth, and how deep its tree is.
  private struct Term {
    var value: ExpressionValue
    var height = 1
  }

  /// No answer of that length makes a number of a few; Python would read on.
  static let lengthLimit = 20_000
  /// Python 3.11 gives up on deeper trees, such as sums of more terms.
  static let heightLimit = 2950
  /// Python gives up on more brackets, its own around a number included.
  static let bracketLimit = 199

  private init(_ tokens: [ExpressionToken]) { self.tokens = tokens }

  /// The value of a text; nil where it is no expression or an error comes out.
  static func value(of text: [Unicode.Scalar]) -> ExpressionValue? {
    let stripped = text.stripped()
    guard stripped.count <= lengthLimit, let tokens = ExpressionTokens.read(stripped),
      !tokens.isEmpty
    else { return nil }
    var reader = ExpressionReader(tokens)
    guard let term = reader.expression(), reader.place == tokens.count else { return nil }
    if case .failed = term.value { return nil }
    return term.value
  }

  private func peek(_ offset: Int = 0) -> ExpressionToken? {
    place + offset < tokens.count ? tokens[place + offset] : nil
  }

  private mutating func take(_ token: ExpressionToken) -> Bool {
    guard peek() == token else { return false }
    place += 1
    return true
  }

  private func joined(_ value: ExpressionValue, _ left: Term, _ right: Term) -> Term? {
    let height = max(left.height, right.height) + 1
    return height > Self.heightLimit ? nil : Term(value: value, height: height)
  }

  /// A disjunction, or one of two as a condition says.
  private mutating func expression() -> Term? {
    guard let first = disjunction() else { return nil }
    guard take(.name("if")) else { return first }
    brackets += 1
    defer { brackets -= 1 }
    guard brackets <= Self.bracketLimit, let condition = disjunction(), take(.name("else")),
      let other = expression()
    else { return nil }
    let value = condition.value.isTrue.map { $0 ? first.value : other.value } ?? .failed
    return joined(value, first, other)
  }

  private mutating func disjunction() -> Term? {
    guard var left = conjunction() else { return nil }
    while take(.name("or")) {
      guard let right = conjunction() else { return nil }
      left.value = left.value.isTrue.map { $0 ? left.value : right.value } ?? .failed
    }
    return left
  }

  private mutating func conjunction() -> Term? {
    guard var left = negation() else { return nil }
    while take(.name("and")) {
      guard let right = negation() else { return nil }
      left.value = left.value.isTrue.map { $0 ? right.value : left.value } ?? .failed
    }
    return left
  }

  private mutating func negation() -> Term? {
    var times = 0
    while take(.name("not")) { times += 1 }
    guard var term = comparison() else { return nil }
    guard times > 0 else { return term }
    term.value = term.value.isTrue.map { .truth(times % 2 == 1 ? !$0 : $0) } ?? .failed
    term.height += times
    return term.height > Self.heightLimit ? nil : term
  }

  private mutating func comparison() -> Term? {
    guard let first = sum(from: 1) else { return nil }
    var result: Term?
    var left = first
    while let sign = comparisonSign() {
      guard let right = sum(from: 1) else { return nil }
      if let known = result {
        switch known.value.isTrue {
        case nil: result?.value = .failed
        case true: result?.value = compare(sign, left.value, right.value)
        default: break
        }
      } else {
        result = joined(compare(sign, left.value, right.value), left, right)
        guard result != nil else { return nil }
      }
      left = right
    }
    return result ?? first
  }

  private mutating func comparisonSign() -> String? {
    switch peek() {
    case .sign(let sign) where ["==", "!=", "<", ">", "<=", ">="].contains(sign):
      place += 1
      return sign
    case .name("is"):
      place += 1
      return take(.name("not")) ? "!=" : "=="
    case .name("in"):
      place += 1
      return "in"
    case .name("not") where peek(1) == .name("in"):
      place += 2
      return "in"
    default: return nil
    }
  }

  private mutating func compare(
    _ sign: String, _ left: ExpressionValue, _ right: ExpressionValue
  ) -> ExpressionValue {
    switch (left, right, sign) {
    case (.failed, _, _), (_, .failed, _), (_, _, "in"): return .failed
    case (_, _, "=="): return .truth(left.equals(right))
    case (_, _, "!="): return .truth(!left.equals(right))
    case (.text, _, _), (_, .text, _), (.relation, _, _), (_, .relation, _): return .failed
    default: break
    }
    guard arithmetic.spend(left.bits + right.bits) else { return .failed }
    guard let one = left.double, let two = right.double, !one.isNaN, !two.isNaN else {
      return .failed
    }
    let holds =
      switch sign {
      case "<": one < two
      case ">": one > two
      case "<=": one <= two
      default: one >= two
      }
    switch (left, right) {
    case (.truth, .truth): return .truth(holds)
    case (.truth, _), (_, .truth): return .failed
    default: return .relation(holds)
    }
  }

  /// How tightly a sign between two operands binds.
  private static let strengths = [
    "|": 1, "^": 2, "&": 3, "<<": 4, ">>": 4, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6,
    "@": 6,
  ]

  /// Operands joined by signs that bind at least so tightly.
  private mutating func sum(from strength: Int) -> Term? {
    guard var left = power() else { return nil }
    while case .sign(let sign) = peek(), let own = Self.strengths[sign], own >= strength {
      place += 1
      guard let right = sum(from: own + 1) else { return nil }
      let value = arithmetic.apply(sign, left.value, right.value)
      guard let term = joined(value, left, right) else { return nil }
      left = term
    }
    return left
  }

  /// Signs before an operand, and its power: −2**−3 is −(2**(−3)).
  private mutating func power() -> Term? {
    var operands: [(signs: [String], term: Term)] = []
    repeat {
      let signs = prefixSigns()
      guard let term = postfix() else { return nil }
      operands.append((signs, term))
    } while take(.sign("**"))
    guard var result = operands.last?.term else { return nil }
    for index in operands.indices.reversed() {
      if index < operands.count - 1 {
        let base = operands[index].term
        let value = arithmetic.apply("**", base.value, result.value)
        guard let term = joined(value, base, result) else { return nil }
        result = term
      }
      for sign in operands[index].signs.reversed() { result.value = prefixed(sign, result.value) }
      result.height += operands[index].signs.count
    }
    return result.height > Self.heightLimit ? nil : result
  }

  private mutating func prefixSigns() -> [String] {
    var signs: [String] = []
    while case .sign(let sign) = peek(), ["+", "-", "~"].contains(sign) {
      signs.append(sign)
      place += 1
    }
    return signs
  }

  private func prefixed(_ sign: String, _ value: ExpressionValue) -> ExpressionValue {
    switch sign {
    case "-": arithmetic.negative(value)
    case "~": complement(value)
    default:
      if case .text = value { .failed } else { value }
    }
  }

  private func complement(_ value: ExpressionValue) -> ExpressionValue {
    if case .immense = value { return arithmetic.negative(value) }
    return value.whole.map { ExpressionValue(-$0 - 1) } ?? .failed
  }

  /// An operand with its calls and factorials.
  private mutating func postfix() -> Term? {
    guard var term = operand() else { return nil }
    while true {
      if peek() == .sign("!") {
        var count = 0
        while take(.sign("!")) { count += 1 }
        guard count <= 2 else { return nil }
        term.value =
          count == 1
          ? arithmetic.factorial(term.value) : arithmetic.doubleFactorial(term.value)
      } else if peek() == .sign("(") {
        guard arguments() != nil else { return nil }
        term.value = .failed
      } else {
        return term
      }
    }
  }

  private mutating func operand() -> Term? {
    switch peek() {
    case .number(let written):
      place += 1
      if let value = repeating(after: written) { return Term(value: value) }
      return number(written).map { Term(value: $0) }
    case .name(let name):
      place += 1
      return named(name)
    case .text:
      var text: [Unicode.Scalar] = []
      while case .text(let part) = peek() {
        text += part
        place += 1
      }
      return Term(value: .text(text))
    case .sign("."):
      place += 1
      return repeating(after: "0.").map { Term(value: $0) }
    case .sign("("):
      brackets += 1
      defer { brackets -= 1 }
      place += 1
      guard brackets <= Self.bracketLimit, let term = expression(), take(.sign(")")) else {
        return nil
      }
      return term
    default: return nil
    }
  }

  /// The values in a call's brackets; nil where they are not such.
  private mutating func arguments() -> [Term]? {
    guard take(.sign("(")) else { return nil }
    brackets += 1
    defer { brackets -= 1 }
    guard brackets <= Self.bracketLimit else { return nil }
    var terms: [Term] = []
    while !take(.sign(")")) {
      guard let term = expression() else { return nil }
      terms.append(term)
      if !take(.sign(",")) {
        return take(.sign(")")) ? terms : nil
      }
    }
    return terms
  }
}

extension ExpressionReader {
  /// Words of Python that name nothing.
  private static let keywords: Set<String> = [
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
  ]

  /// A constant, a call of a function, or a letter.
  private mutating func named(_ name: String) -> Term? {
    guard !Self.keywords.contains(name) else { return nil }
    if peek() == .sign("("), Self.constant(name) == nil {
      guard let terms = arguments() else { return nil }
      guard ExpressionArithmetic.isKnown(name) else { return Term(value: .unreal(name + "()")) }
      let height = terms.map(\.height).max() ?? 1
      return Term(value: arithmetic.call(name, terms.map(\.value)), height: height + 1)
    }
    return Term(value: Self.constant(name) ?? .unreal(name))
  }

  private static func constant(_ name: String) -> ExpressionValue? {
    switch name {
    case "True": .truth(true)
    case "False": .truth(false)
    case "None": .relation(false)
    case "pi": .irrational(.pi)
    case "E": .irrational(2.718281828459045)
    case "oo": .infinity(isNegative: false)
    case "zoo": .complexInfinity
    case "nan": .notANumber
    default: nil
    }
  }

  /// The value of a number as it is written.
  private mutating func number(_ written: String) -> ExpressionValue? {
    var text = written[...]
    if text.last == "j" || text.last == "J" {
      text.removeLast()
      let isZero = text.allSatisfy { "0.".contains($0) }
      return isZero ? .zero : .unreal("I")
    }
    guard text.contains(where: { ".eE".contains($0) }) else {
      guard text.utf8.count <= PythonNumber.digitLimit else { return nil }
      return BigInt(text).map { ExpressionValue($0) }
    }
    return decimal(text)
  }

  /// A decimal number in at least 53 bits, more where more than 15 digits are written.
  private mutating func decimal(_ text: Substring) -> ExpressionValue? {
    let mark = text.firstIndex { $0 == "e" || $0 == "E" } ?? text.endIndex
    let number = text[..<mark]
    let written = text[mark...].dropFirst()
    let power = written.isEmpty ? 0 : Int(written) ?? (written.first == "-" ? .min : .max)
    let point = number.firstIndex(of: ".")
    let places = point.map { number[$0...].utf8.count - 1 } ?? 0
    let digits = number.filter { $0 != "." }.drop { $0 == "0" }
    guard digits.utf8.count <= PythonNumber.digitLimit, let mantissa = BigInt("0" + digits) else {
      return nil
    }
    guard !digits.isEmpty else { return .decimal(BinaryFloat(0, precision: 53)) }
    guard power.magnitude < 5000 else {
      return power > 0 ? .immense(isNegative: false) : .irrational(0)
    }
    let exponent = power - places
    let isWhole = point == nil && exponent >= 0
    let figures = digits.utf8.count + (isWhole ? exponent : 0)
    let precision = figures <= 15 ? 53 : Int((Double(figures + 1) * 3.3219280948873626).rounded())
    let words = abs(exponent) / 19 + 1
    guard arithmetic.spend(words * words) else { return nil }
    let scale = BigInt(10).power(abs(exponent))
    return .decimal(
      exponent >= 0
        ? BinaryFloat(mantissa * scale, precision: precision)
        : .ratio(mantissa, scale, precision: precision))
  }

  /// A repeating decimal such as 0.1[6], whose first part has been read; nil where it is none.
  private mutating func repeating(after written: String) -> ExpressionValue? {
    guard written.contains("."), !written.contains(where: { "eEjJ".contains($0) }),
      peek() == .sign("["), case .number(let period) = peek(1), peek(2) == .sign("]"),
      period.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let parts = written.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, period.utf8.count + written.utf8.count < 2000,
      parts[0].allSatisfy({ $0 == "0" }) || parts[0].first != "0",
      let before = BigInt("0" + parts[0] + parts[1]), let again = BigInt(period), again > 0
    else { return nil }
    place += 3
    let scale = BigInt(10).power(parts[1].utf8.count)
    let nines = BigInt(10).power(period.utf8.count) - 1
    return ExpressionValue(before * nines + again, over: scale * nines)
  }
}
