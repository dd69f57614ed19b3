import BigInt

/// A value in the field of the whole numbers modulo the prime 2^61 − 31.
///
/// Formulas that are the same by the rules of fractions have the same residue wherever the
/// variables are put; others differ at a point taken at random but for one chance in some 10^17
/// (Schwartz 1980, Zippel 1979). A power, a root or a function that is no fraction counts as one
/// more unknown, with a value drawn from what it is applied to: so `sin(2x) + 1` and `1 + sin(x+x)`
/// are the same without anything being rounded, and numbers too large to write out can be compared.
struct Residue: Equatable, Sendable {
  let value: UInt64

  static let modulus: UInt64 = (1 << 61) - 31

  init(_ value: UInt64) { self.value = value % Self.modulus }

  static let one = Residue(1)

  static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }

  static func * (left: Self, right: Self) -> Self {
    Self(modulus.dividingFullWidth(left.value.multipliedFullWidth(by: right.value)).remainder)
  }

  var negated: Self { Self(Self.modulus - value) }

  /// One divided by this, by Fermat; nil for zero.
  var inverse: Self? { value == 0 ? nil : power(Self.modulus - 2) }

  func power(_ exponent: UInt64) -> Self {
    var (result, base, rest) = (Self.one, self, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result * base }
      base = base * base
      rest >>= 1
    }
    return result
  }

  /// An unknown that depends on its name, on what it is applied to and on the point alone.
  static func unknown(_ name: String, _ arguments: [Residue], seed: UInt64) -> Residue {
    var state = mixed(seed)
    for byte in name.utf8 { state = mixed(state ^ UInt64(byte)) }
    for argument in arguments { state = mixed(state ^ argument.value) }
    return Residue(state >> 2)
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension MathExpression {
  /// Whether a folded formula holds only sums, products, quotients and whole powers of variables.
  var isRational: Bool {
    switch self {
    case .number, .constant, .based, .variable: true
    case .infinity, .pi, .euler, .imaginaryUnit, .degrees, .root, .factorial, .binomial, .function,
      .logarithm, .series:
      false
    case .negated(let one), .percent(let one): one.isRational
    case .sum(let one, let two), .product(let one, let two), .quotient(let one, let two):
      one.isRational && two.isRational
    case .power(let one, let two):
      one.isRational && two.constant?.count != nil
    }
  }

  /// The residue at the point of a seed, of a formula that is folded; nil where it is not defined there.
  func residue(seed: UInt64) -> Residue? {
    switch self {
    case .constant(let number): return number.residue
    case .number(let text): return DecimalText(text)?.residue
    case .variable(let name): return .unknown(name, [], seed: seed)
    case .pi: return .unknown("π", [], seed: seed)
    case .euler: return .unknown("exp", [.one], seed: seed)
    case .imaginaryUnit: return .unknown("√−1", [], seed: seed)
    case .negated(let one): return one.residue(seed: seed)?.negated
    case .percent(let one):
      return MathExpression.quotient(one, .number("100")).residue(seed: seed)
    case .degrees(let one):
      return MathExpression.quotient(.product(one, .pi), .number("180")).residue(seed: seed)
    case .sum(let one, let two): return Self.both(one, two, seed) { $0 + $1 }
    case .product(let one, let two): return Self.both(one, two, seed) { $0 * $1 }
    case .quotient(let one, let two):
      return Self.both(one, two, seed) { left, right in right.inverse.map { left * $0 } }
    case .power(let one, let two): return one.power(two, seed)
    case .root(let one, let degree): return one.root(degree, seed)
    default: return applied(seed)
    }
  }

  private static func both(
    _ one: MathExpression, _ two: MathExpression, _ seed: UInt64,
    _ operation: (Residue, Residue) -> Residue?
  ) -> Residue? {
    guard let first = one.residue(seed: seed), let second = two.residue(seed: seed) else {
      return nil
    }
    return operation(first, second)
  }

  private func power(_ exponent: MathExpression, _ seed: UInt64) -> Residue? {
    guard let base = residue(seed: seed) else { return nil }
    if self == .euler { return MathExpression.function(.exp, exponent).residue(seed: seed) }
    if let count = exponent.constant?.count {
      let power = base.power(UInt64(count.magnitude))
      return count < 0 ? power.inverse : power
    }
    if let exact = exponent.constant, let degree = Int(exactly: exact.denominator), degree < 64,
      let count = Int(exactly: exact.numerator),
      let root = root(.constant(ExactNumber(BigInt(degree))), seed)
    {
      let power = root.power(UInt64(count.magnitude))
      return count < 0 ? power.inverse : power
    }
    return exponent.residue(seed: seed).map { .unknown("^", [base, $0], seed: seed) }
  }

  /// A root: of a fraction of small numbers with all that can be taken out of it.
  private func root(_ degree: MathExpression, _ seed: UInt64) -> Residue? {
    guard let base = residue(seed: seed), let index = degree.residue(seed: seed) else { return nil }
    guard let constant, let count = degree.constant?.count, (2...16).contains(count) else {
      return .unknown("√", [base, index], seed: seed)
    }
    guard let simple = constant.simpleRoot(count) else {
      return .unknown("√", [base, index], seed: seed)
    }
    return simple.factor.residue.map { factor in
      factor * .unknown("√", [simple.radicand, index], seed: seed)
    }
  }

  /// With one name for what runs through a series, in the indices of others too.
  private func running(_ name: String) -> MathExpression {
    guard case .variable(let own) = self else { return map { $0.running(name) } }
    if own == name { return .variable("∑k") }
    guard let mark = own.firstIndex(of: "_") else { return self }
    return .variable(own[..<mark] + String(own[mark...]).replaced(name, with: "∑k"))
  }

  private func applied(_ seed: UInt64) -> Residue? {
    switch self {
    case .factorial(.constant(let number))
    where number.count.map { (0...65536).contains($0) } == true:
      return (1...UInt64(max(1, number.count ?? 1))).reduce(Residue.one) { $0 * Residue($1) }
    case .factorial(let one):
      return one.residue(seed: seed).map { .unknown("!", [$0], seed: seed) }
    case .function(let function, let one):
      return one.residue(seed: seed).map { .unknown(function.rawValue, [$0], seed: seed) }
    case .binomial(let one, let two):
      return Self.both(one, two, seed) { .unknown("choose", [$0, $1], seed: seed) }
    case .series(let series, let low, let high, let member):
      let name = series.isProduct ? "∏" : "∑"
      guard let part = member.running(series.name).residue(seed: seed) else { return nil }
      let end = high == .infinity ? .variable("∞") : high
      return Self.both(low, end, seed) { .unknown(name, [$0, $1, part], seed: seed) }
    case .logarithm(let one, let base):
      return MathExpression.quotient(.function(.ln, one), .function(.ln, base)).residue(seed: seed)
    default: return nil
    }
  }
}

extension DecimalText {
  fileprivate var residue: Residue? {
    let whole = digits.reduce(Residue(0)) { $0 * Residue(10) + Residue(UInt64($1 - 48)) }
    let scale = Residue(10).power(UInt64(exponent.magnitude))
    let value = exponent < 0 ? scale.inverse.map { whole * $0 } : whole * scale
    return isNegative ? value?.negated : value
  }
}

extension ExactNumber {
  fileprivate var residue: Residue? {
    guard let upper = UInt64(exactly: numerator.magnitude % BigUInt(Residue.modulus)),
      let lower = UInt64(exactly: denominator.magnitude % BigUInt(Residue.modulus)),
      let inverse = Residue(lower).inverse
    else { return nil }
    let value = Residue(upper) * inverse
    return isNegative ? value.negated : value
  }

  /// A root as a fraction times the root of a whole number with no such power in it:
  /// √(8/3) = ⅔ √6; nil where the numbers are large.
  fileprivate func simpleRoot(
    _ degree: Int
  ) -> (factor: ExactNumber, radicand: Residue)? {
    guard let upper = Int(exactly: numerator), let lower = Int(exactly: denominator),
      upper.magnitude < 1 << 40, upper != 0
    else { return nil }
    // The denominator is made a perfect power, which then can be taken out.
    var radicand = Int(upper.magnitude)
    for _ in 1..<degree {
      let (product, isTooLarge) = radicand.multipliedReportingOverflow(by: lower)
      guard !isTooLarge else { return nil }
      radicand = product
    }
    guard radicand < 1 << 50 else { return nil }
    var (taken, prime) = (1, 2)
    // All that is left beyond these primes is the same for equal roots, but for a rare square.
    while prime < 1000 {
      var power = 1
      for _ in 0..<degree {
        let (product, isTooLarge) = power.multipliedReportingOverflow(by: prime)
        guard !isTooLarge else { break }
        power = product
      }
      while power > 1, power <= radicand, radicand % power == 0 {
        radicand /= power
        taken *= prime
      }
      prime += prime == 2 ? 1 : 2
    }
    let sign = upper < 0 ? Residue(UInt64(radicand)).negated : Residue(UInt64(radicand))
    return ExactNumber(.init(taken), denominator).map { ($0, sign) }
  }
}
