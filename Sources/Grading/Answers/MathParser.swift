/// Reads a formula out of tokens; bounded in depth and size, so that no text can stall it.
struct MathParser {
  private let tokens: [MathToken]
  private var place = 0
  private var depth = 0
  private var effort = 0

  /// Most parts that are looked at, those that were tried in vain included.
  static let effortLimit = 4000
  /// Most brackets, fractions and roots within each other.
  static let depthLimit = 64

  private init(_ tokens: [MathToken]) { self.tokens = tokens }

  /// The formula that all of the tokens make; nil where they make none.
  static func expression(_ tokens: some Collection<MathToken>) -> MathExpression? {
    var parser = MathParser(Array(tokens))
    guard let found = parser.whole() else { return nil }
    parser.skipSpace()
    return parser.place == parser.tokens.count ? found : nil
  }

  private var next: MathToken? { place < tokens.count ? tokens[place] : nil }

  private mutating func skipSpace() {
    while next == .space { place += 1 }
  }

  private mutating func take(_ token: MathToken) -> Bool {
    skipSpace()
    guard next == token else { return false }
    place += 1
    return true
  }

  /// A part one level deeper; nil where that is too deep.
  private mutating func nested<Part>(_ part: (inout MathParser) -> Part?) -> Part? {
    guard depth < MathParser.depthLimit else { return nil }
    depth += 1
    defer { depth -= 1 }
    return part(&self)
  }
}

// Sums, products, powers.
extension MathParser {
  private mutating func sum() -> MathExpression? {
    guard var left = term() else { return nil }
    while true {
      if take(.sign("+")) {
        guard let right = term() else { return nil }
        left = .sum(left, right)
      } else if take(.sign("-")) {
        guard let right = term() else { return nil }
        left = .sum(left, .negated(right))
      } else {
        return left
      }
    }
  }

  private mutating func term() -> MathExpression? {
    if take(.sign("-")) { return nested { $0.term() }.map { .negated($0) } }
    if take(.sign("+")) { return nested { $0.term() } }
    guard var left = factor() else { return nil }
    while true {
      if take(.sign("*")) {
        guard let right = signedFactor() else { return nil }
        left = .product(left, right)
      } else if take(.sign("/")) {
        guard let right = signedFactor() else { return nil }
        left = .quotient(left, right)
      } else if startsFactor {
        guard let right = factor() else { return nil }
        left = .product(left, right)
      } else {
        return left
      }
    }
  }

  /// Whether a factor follows that is multiplied without a sign; a number only is in `2!3!`.
  private var startsFactor: Bool {
    let rest = tokens[place...].drop { $0 == .space }
    switch rest.first {
    case .number: return place > 0 && tokens[place - 1] == .sign("!")
    case .letter, .sign("("), .sign("["), .sign("{"): return true
    case .word(let word): return MathFunction.named(word.lowercased()) != nil
    case .command(let name): return MathParser.starts(name)
    default: return false
    }
  }

  private static func starts(_ command: String) -> Bool {
    ["frac", "sqrt", "binom", "pi", "infty", "lfloor", "lceil", "lg", "sum", "prod"].contains(
      command)
      || MathFunction.named(command) != nil
  }

  private mutating func signedFactor() -> MathExpression? {
    if take(.sign("-")) { return nested { $0.signedFactor() }.map { .negated($0) } }
    if take(.sign("+")) { return nested { $0.signedFactor() } }
    return factor()
  }

  private mutating func factor() -> MathExpression? {
    skipSpace()
    guard var left = nested({ $0.primary() }) else { return nil }
    while true {
      if take(.sign("!")) {
        left = .factorial(left)
      } else if take(.command("%")) {
        left = .percent(left)
      } else if take(.command("circ")) {
        left = .degrees(left)
      } else if take(.sign("^")) {
        if isDegree() {
          left = .degrees(left)
        } else {
          guard let exponent = nested({ $0.exponent() }) else { return nil }
          left = .power(left, exponent)
        }
      } else {
        return left
      }
    }
  }

  /// Whether `\circ` or `{\circ}` follows, which is then taken.
  private mutating func isDegree() -> Bool {
    let start = place
    let isBraced = take(.sign("{"))
    if take(.command("circ")), !isBraced || take(.sign("}")) { return true }
    place = start
    return false
  }

  private mutating func exponent() -> MathExpression? {
    if take(.sign("{")) { return closed(by: .sign("}")) }
    return signedFactor()
  }

  /// The sum up to a closing sign, which is taken.
  private mutating func closed(by end: MathToken) -> MathExpression? {
    guard let inner = whole(), take(end) else { return nil }
    return inner
  }

  /// A sum, or two with `\over` or `\choose` between them.
  private mutating func whole() -> MathExpression? {
    guard let upper = sum() else { return nil }
    if take(.command("over")) { return sum().map { .quotient(upper, $0) } }
    if take(.command("choose")) { return sum().map { .binomial(upper, $0) } }
    return upper
  }
}

// What stands by itself.
extension MathParser {
  private mutating func primary() -> MathExpression? {
    guard let token = next, effort < MathParser.effortLimit else { return nil }
    place += 1
    effort += 1
    switch token {
    case .number(let digits): return number(digits)
    case .letter(let letter): return letterOrBinomial(letter)
    case .word(let word):
      if ["lg", "gcd", "lcm", "max", "min"].contains(word.lowercased()) {
        return command(word.lowercased())
      }
      return MathFunction.named(word.lowercased()).flatMap { function($0, word) }
    case .sign("("): return closed(by: .sign(")"))
    case .sign("["): return closed(by: .sign("]"))
    case .sign("{"): return emptyGroup() ? laidOut() : closed(by: .sign("}"))
    case .sign("^"), .sign("_"):
      place -= 1
      return laidOut()
    case .sign("|"): return closed(by: .sign("|")).map { .function(.abs, $0) }
    case .command(let name): return command(name)
    default: return nil
    }
  }

  private mutating func command(_ name: String) -> MathExpression? {
    switch name {
    case "pi": return .pi
    case "infty": return .infinity
    case "frac":
      guard let upper = argument(), let lower = argument() else { return nil }
      return .quotient(upper, lower)
    case "binom":
      guard let upper = argument(), let lower = argument() else { return nil }
      return .binomial(upper, lower)
    case "sqrt": return root()
    case "lfloor": return closed(by: .command("rfloor")).map { .function(.floor, $0) }
    case "lceil": return closed(by: .command("rceil")).map { .function(.ceil, $0) }
    case "sum", "prod": return series(isProduct: name == "prod")
    case "gcd", "lcm", "max", "min": return chosen(name)
    case "lg":
      return nested { $0.functionArgument() }.map { .logarithm($0, base: .number("10")) }
    default: return MathFunction.named(name).flatMap { function($0, name) }
    }
  }

  /// `_{i=1}^{10}` and what runs with it, after `\sum`.
  private mutating func series(isProduct: Bool) -> MathExpression? {
    guard take(.sign("_")), take(.sign("{")), case .letter(let letter) = next else { return nil }
    place += 1
    guard take(.sign("=")), let low = closed(by: .sign("}")), take(.sign("^")),
      let high = nested({ $0.upperEnd() }), let member = nested({ $0.term() })
    else { return nil }
    let name = String(letter)
    return .series(
      Series(isProduct: isProduct, name: name), from: low, to: high, member.freeing(name))
  }

  /// `{n-1}`, or one number or letter.
  private mutating func upperEnd() -> MathExpression? {
    take(.sign("{")) ? closed(by: .sign("}")) : primary()
  }

  /// The divisor, multiple or extreme of numbers in brackets; nil where one is not whole.
  private mutating func chosen(_ name: String) -> MathExpression? {
    guard take(.sign("(")) else { return nil }
    var numbers: [ExactNumber] = []
    repeat {
      guard let number = nested({ $0.sum() })?.exact, numbers.count < 16 else { return nil }
      numbers.append(number)
    } while take(.sign(","))
    guard take(.sign(")")), let first = numbers.first else { return nil }
    return numbers.dropFirst().reduce(first as ExactNumber?) { found, next in
      found.flatMap { $0.combined(with: next, by: name) }
    }.map { .constant($0) }
  }

  private mutating func emptyGroup() -> Bool { take(.sign("}")) }

  /// `{}_{10}C_{3}` and `^{10}P_{3}`, whose first sign comes next.
  private mutating func laidOut() -> MathExpression? {
    guard take(.sign("_")) || take(.sign("^")), let upper = nested({ $0.exponent() }) else {
      return nil
    }
    if let ways = selection(upper) { return ways }
    // What was raised may have taken the letter with it: `^5C_2`.
    switch upper {
    case .binomial, .product(.binomial, .factorial): return upper
    default: return nil
    }
  }

  /// What follows the upper number of `10C3`, `10P3` and the like; nil, and nothing taken, where
  /// something else does.
  private mutating func selection(_ upper: MathExpression) -> MathExpression? {
    let start = place
    skipSpace()
    if case .letter(let letter) = next, letter == "C" || letter == "P" {
      place += 1
      _ = take(.sign("_"))
      skipSpace()
      if next == .sign("{") || isNumber(next), let lower = nested({ $0.primary() }) {
        let ways = MathExpression.binomial(upper, lower)
        return letter == "C" ? ways : .product(ways, .factorial(lower))
      }
    }
    place = start
    return nil
  }

  private func isNumber(_ token: MathToken?) -> Bool {
    if case .number = token { true } else { false }
  }

  private mutating func root() -> MathExpression? {
    var degree = MathExpression.number("2")
    if take(.sign("[")) {
      guard let given = closed(by: .sign("]")) else { return nil }
      degree = given
    }
    skipSpace()
    // LaTeX takes one digit; who writes \sqrt13 means the root of 13.
    if case .number(let digits) = next {
      place += 1
      return .root(.number(digits), degree: degree)
    }
    return argument().map { .root($0, degree: degree) }
  }

  /// A LaTeX argument: a group, one digit, one letter or one command.
  private mutating func argument() -> MathExpression? {
    skipSpace()
    if case .number(let digits) = next, digits.count > 1, let first = digits.first {
      return shortArgument(first, rest: String(digits.dropFirst()))
    }
    return nested { $0.primary() }
  }

  private mutating func shortArgument(_ first: Character, rest: String) -> MathExpression? {
    guard rest.allSatisfy(\.isASCIIDigit), first.isASCIIDigit else { return nil }
    // `\frac12`: what is left of the digits is the next argument.
    self = MathParser(
      tokens: tokens[..<place] + [.number(String(first)), .number(rest)] + tokens[(place + 1)...],
      place: place + 1, depth: depth, effort: effort)
    return .number(String(first))
  }

  private init(tokens: some Collection<MathToken>, place: Int, depth: Int, effort: Int) {
    self.tokens = Array(tokens)
    self.place = place
    self.depth = depth
    self.effort = effort
  }

  private mutating func number(_ digits: String) -> MathExpression? {
    if next == .sign("_") {
      place += 1
      return based(digits)
    }
    if let ways = selection(.number(digits)) { return ways }
    guard digits.allSatisfy(\.isASCIIDigit), let part = mixedPart() else { return .number(digits) }
    return .sum(.number(digits), part)
  }

  /// The base of `1011_2` or `1011_{2}`.
  private mutating func based(_ digits: String) -> MathExpression? {
    let isBraced = take(.sign("{"))
    skipSpace()
    guard case .number(let text) = next, let base = Int(text), (2...36).contains(base) else {
      return nil
    }
    place += 1
    guard !isBraced || take(.sign("}")) else { return nil }
    return .based(digits, base: base)
  }

  /// The fraction of a mixed number: `\frac{3}{4}` or, after white space, `3/4`.
  private mutating func mixedPart() -> MathExpression? {
    let start = place
    let hasSpace = next == .space
    skipSpace()
    if next == .command("frac") {
      place += 1
      if case .number(let upper) = argument(), case .number(let lower) = argument(),
        Self.isWhole(upper), Self.isWhole(lower)
      {
        return .quotient(.number(upper), .number(lower))
      }
    } else if hasSpace, case .number(let upper) = next, Self.isWhole(upper) {
      place += 1
      if take(.sign("/")), case .number(let lower) = next, Self.isWhole(lower) {
        place += 1
        return .quotient(.number(upper), .number(lower))
      }
    }
    place = start
    return nil
  }

  private static func isWhole(_ digits: String) -> Bool { digits.allSatisfy(\.isASCIIDigit) }
}

// Letters and functions.
extension MathParser {
  private mutating func letterOrBinomial(_ letter: Character) -> MathExpression? {
    if letter == "C", let binomial = chosen() { return binomial }
    var name = String(letter)
    if take(.sign("_")) {
      guard let index = subscriptText() else { return nil }
      name += "_" + index
      return .variable(name)
    }
    switch letter {
    case "e": return .euler
    case "i": return .imaginaryUnit
    default: return .variable(name)
    }
  }

  /// `C(5,2)` after its letter; nil, and nothing taken, where something else stands there.
  private mutating func chosen() -> MathExpression? {
    let start = place
    if take(.sign("(")), let upper = nested({ $0.sum() }), take(.sign(",")),
      let lower = nested({ $0.sum() }), take(.sign(")"))
    {
      return .binomial(upper, lower)
    }
    place = start
    return nil
  }

  private mutating func subscriptText() -> String? {
    let isBraced = take(.sign("{"))
    var name = ""
    repeat {
      switch next {
      case .number(let digits): name += digits
      case .letter(let letter): name.append(letter)
      case .word(let word): name += word
      case .sign(let sign) where isBraced && "+-,".contains(sign): name.append(sign)
      default: return nil
      }
      place += 1
    } while isBraced && next != .sign("}")
    guard !isBraced || take(.sign("}")) else { return nil }
    return name
  }

  /// A function with its power, base and argument, its name being taken.
  private mutating func function(_ function: MathFunction, _ name: String) -> MathExpression? {
    var base: MathExpression?
    var power: MathExpression?
    if name.lowercased() == "log", take(.sign("_")) {
      guard let given = nested({ $0.exponent() }) else { return nil }
      base = given
    }
    if take(.sign("^")) {
      guard let given = nested({ $0.exponent() }) else { return nil }
      power = given
    }
    guard let argument = nested({ $0.functionArgument() }) else { return nil }
    let inverse = power.flatMap { $0 == .negated(.number("1")) ? function.inverse : nil }
    if let inverse { return .function(inverse, argument) }
    let applied: MathExpression =
      base.map { .logarithm(argument, base: $0) } ?? .function(function, argument)
    return power.map { .power(applied, $0) } ?? applied
  }

  /// Brackets, or factors side by side up to the next sign or function: `\sin 2x \cos y`.
  private mutating func functionArgument() -> MathExpression? {
    skipSpace()
    if next == .sign("(") || next == .sign("{") || next == .sign("[") { return primary() }
    guard var left = next == .sign("-") ? signedFactor() : factor() else { return nil }
    while startsFactor, !startsFunction {
      guard let right = factor() else { return nil }
      left = .product(left, right)
    }
    return left
  }

  private var startsFunction: Bool {
    switch tokens[place...].first(where: { $0 != .space }) {
    case .command(let name): MathFunction.named(name) != nil
    case .word: true
    default: false
    }
  }
}

extension MathExpression {
  /// With `i` and `e` as names where they run through a series.
  fileprivate func freeing(_ name: String) -> MathExpression {
    switch self {
    case .imaginaryUnit where name == "i", .euler where name == "e": .variable(name)
    default: map { $0.freeing(name) }
    }
  }
}

extension MathFunction {
  /// What `f^{-1}` names.
  fileprivate var inverse: MathFunction? {
    switch self {
    case .sin: .arcsin
    case .cos: .arccos
    case .tan: .arctan
    default: nil
    }
  }
}
