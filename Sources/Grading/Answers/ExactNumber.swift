import BigInt

/// A fraction of whole numbers of any size, within a bound that keeps every step short.
///
/// Operations give nil where a result is not defined, is irrational, or would be larger than
/// `bitLimit`; who needs such a number compares it another way.
struct ExactNumber: Equatable, Sendable {
  let numerator: BigInt
  /// Above zero.
  let denominator: BigInt

  /// Most bits of a numerator or denominator: enough for 10^2400.
  static let bitLimit = 8192
  /// Most products of machine words that one formula may take.
  static let effortLimit = 40_000
  /// Most bits of numbers that are brought to lowest terms or whose roots are taken.
  private static let smallLimit = 1024

  static let zero = ExactNumber(0)
  static let one = ExactNumber(1)

  init(_ whole: BigInt) {
    numerator = whole
    denominator = 1
  }

  /// A fraction; nil where the denominator is zero or one of them is too large.
  init?(_ numerator: BigInt, _ denominator: BigInt) {
    guard !denominator.isZero, numerator.bitWidth <= Self.bitLimit,
      denominator.bitWidth <= Self.bitLimit
    else { return nil }
    let sign: BigInt = denominator.signum() < 0 ? -1 : 1
    guard denominator.magnitude != 1, max(numerator.bitWidth, denominator.bitWidth) < 512 else {
      self.numerator = numerator * sign
      self.denominator = denominator * sign
      return
    }
    let common = numerator.greatestCommonDivisor(with: denominator)
    self.numerator = numerator / common * sign
    self.denominator = denominator / common * sign
  }

  /// The value of a decimal number; nil where its exponent is too large.
  init?(_ decimal: DecimalText) {
    guard decimal.exponent.magnitude < Self.bitLimit / 3 else { return nil }
    var digits = BigInt(0)
    for digit in decimal.digits { digits = digits * 10 + BigInt(Int(digit) - 48) }
    if decimal.isNegative { digits.negate() }
    let scale = BigInt(10).power(Int(decimal.exponent.magnitude))
    if decimal.exponent < 0 {
      self.init(digits, scale)
    } else {
      self.init(digits * scale, 1)
    }
  }

  /// Whether it is whole; the numerator of a large one need not be in lowest terms.
  var whole: BigInt? {
    if denominator == 1 { return numerator }
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    return remainder.isZero ? quotient : nil
  }

  /// The same as a machine's number; nil where it is not whole or too large.
  var count: Int? { whole.flatMap { Int(exactly: $0) } }

  /// Machine words of both parts.
  var words: Int { (numerator.bitWidth + denominator.bitWidth) / 64 + 1 }

  var isNegative: Bool { numerator.signum() < 0 }
  var negated: ExactNumber? { ExactNumber(-numerator, denominator) }

  /// Whether it lies between −1 and 1, and is not 0.
  var isPart: Bool { numerator.magnitude < denominator.magnitude && !numerator.isZero }

  static func == (one: Self, other: Self) -> Bool {
    if one.denominator == other.denominator { return one.numerator == other.numerator }
    return one.numerator * other.denominator == other.numerator * one.denominator
  }

  static func < (one: Self, other: Self) -> Bool {
    one.numerator * other.denominator < other.numerator * one.denominator
  }

  func adding(_ other: Self) -> Self? {
    if denominator == other.denominator {
      return Self(numerator + other.numerator, denominator)
    }
    return Self(
      numerator * other.denominator + other.numerator * denominator,
      denominator * other.denominator)
  }

  func multiplied(by other: Self) -> Self? {
    Self(numerator * other.numerator, denominator * other.denominator)
  }

  func divided(by other: Self) -> Self? {
    Self(numerator * other.denominator, denominator * other.numerator)
  }

  /// A power with a whole exponent, or an exact root of one.
  func power(_ exponent: Self) -> Self? {
    if let count = exponent.count { return power(count) }
    guard let degree = Int(exactly: exponent.denominator), !isNegative,
      let root = root(degree), let count = Int(exactly: exponent.numerator)
    else { return nil }
    return root.power(count)
  }

  private func power(_ count: Int) -> Self? {
    if numerator.isZero { return count > 0 ? .zero : nil }
    if count < 0 { return Self(denominator, numerator)?.power(-count) }
    let bits = max(numerator.magnitude.bitWidth, denominator.magnitude.bitWidth)
    if bits == 1 { return Self(count % 2 == 0 ? 1 : numerator) }
    guard count <= Self.bitLimit / (bits - 1) else { return nil }
    return Self(numerator.power(count), denominator.power(count))
  }

  /// The root that is exact, of a negative number the real one of an odd degree; else nil.
  func root(_ degree: Int) -> Self? {
    guard (1...64).contains(degree), !isNegative || degree % 2 == 1,
      max(numerator.bitWidth, denominator.bitWidth) <= Self.smallLimit,
      let upper = Self.root(of: numerator.magnitude, degree),
      let lower = Self.root(of: denominator.magnitude, degree)
    else { return nil }
    return Self(BigInt(upper) * (isNegative ? -1 : 1), BigInt(lower))
  }

  /// By Newton's method from above.
  private static func root(of number: BigUInt, _ degree: Int) -> BigUInt? {
    if number <= 1 || degree == 1 { return number }
    var guess = BigUInt(1) << (number.bitWidth / degree + 1)
    while true {
      let next =
        (guess * BigUInt(degree - 1) + number / guess.power(degree - 1)) / BigUInt(degree)
      if next >= guess { break }
      guess = next
    }
    return guess.power(degree) == number ? guess : nil
  }

  /// The factorial of a whole number; nil for others and for large ones.
  var factorial: Self? {
    guard let count, (0...300).contains(count) else { return nil }
    return Self(Self.product(1, max(1, count)))
  }

  /// The product of all whole numbers from one to another, halves first so that it stays cheap.
  private static func product(_ low: Int, _ high: Int) -> BigInt {
    if high - low < 8 { return (low...high).reduce(BigInt(1)) { $0 * BigInt($1) } }
    let middle = (low + high) / 2
    return product(low, middle) * product(middle + 1, high)
  }

  /// How many ways there are to choose; nil for other than whole numbers, and for large ones.
  func choose(_ other: Self) -> Self? {
    guard let upper = count, let lower = other.count, upper >= 0 else { return nil }
    guard (0...upper).contains(lower) else { return .zero }
    let least = min(lower, upper - lower)
    guard least <= 300, upper <= 1 << 20 else { return nil }
    if least == 0 { return .one }
    let ways = Self.product(upper - least + 1, upper) / Self.product(1, least)
    return ways.bitWidth <= Self.bitLimit ? Self(ways) : nil
  }

  /// The greatest divisor or least multiple of whole numbers, or the larger or smaller of any.
  func combined(with other: Self, by name: String) -> Self? {
    switch name {
    case "max": return self < other ? other : self
    case "min": return self < other ? self : other
    default:
      guard let one = whole, let two = other.whole, one.signum() > 0, two.signum() > 0 else {
        return nil
      }
      let divisor = one.greatestCommonDivisor(with: two)
      return Self(name == "gcd" ? divisor : one / divisor * two)
    }
  }

  /// The nearest double; infinite or zero where it lies beyond them.
  var approximation: Double {
    let upper = numerator.magnitude.bitWidth
    let lower = denominator.magnitude.bitWidth
    if upper < 1000, lower < 1000 { return Double(numerator) / Double(denominator) }
    // The leading bits, and how many were left away.
    let (up, down) = (max(0, upper - 200), max(0, lower - 200))
    let ratio = Double(numerator >> up) / Double(denominator >> down)
    return ratio.significandScaled(by: up - down)
  }
}

extension Double {
  fileprivate func significandScaled(by power: Int) -> Double {
    guard abs(power) < 4000 else { return power > 0 ? self * .infinity : self * 0 }
    return Double(sign: .plus, exponent: power / 2, significand: self)
      * Double(sign: .plus, exponent: power - power / 2, significand: 1)
  }
}

extension MathExpression {
  /// The value, where it is a fraction of whole numbers that can be written out.
  ///
  /// Nil for irrational numbers, for variables, for what is not defined, and for what is too large.
  var exact: ExactNumber? { folded().constant }

  /// The number that has been worked out; nil for a formula that has not.
  var constant: ExactNumber? {
    if case .constant(let number) = self { number } else { nil }
  }

  /// The formula with every part worked out that is a fraction of whole numbers.
  func folded() -> MathExpression {
    var effort = ExactNumber.effortLimit
    return folded(&effort)
  }

  fileprivate func folded(_ effort: inout Int) -> MathExpression {
    let parts = map { $0.folded(&effort) }
    let cost = parts.cost
    guard cost <= effort, let number = parts.worth else { return parts }
    effort -= cost
    return .constant(number)
  }

  /// About how many products of machine words working this out takes, its parts being known.
  private var cost: Int {
    switch self {
    case .product(.constant(let one), .constant(let two)),
      .quotient(.constant(let one), .constant(let two)),
      .sum(.constant(let one), .constant(let two)):
      return one.words * two.words
    case .power(.constant(let base), .constant(let exponent)):
      if base.numerator.magnitude <= 1, base.denominator == 1 { return 1 }
      let bits = Double(max(base.numerator.bitWidth, base.denominator.bitWidth) - 1)
      let words = bits * exponent.approximation.clamped / 64 + 1
      return words < 1e6 ? Int(words * words) : .max
    case .factorial(.constant(let number)):
      let words = Int(number.approximation.clamped) / 6
      return words * words
    case .binomial(.constant(let upper), .constant(let lower)):
      let least = min(lower.approximation, upper.approximation - lower.approximation)
      let words = Int(max(0, least).clamped) / 3
      return words * words
    case .series(_, .constant(let low), .constant(let high), _):
      // Members may hold series again.
      let count = high.approximation - low.approximation
      return count >= 0 && count < Double(Series.limit) ? 2000 + 50 * Int(count) : .max
    case .root(.constant, _), .logarithm(.constant, .constant): return 2000
    default: return 1
    }
  }

  /// The number that this makes of parts that are known.
  private var worth: ExactNumber? {
    switch self {
    case .number(let text): DecimalText(text).flatMap { ExactNumber($0) }
    case .based(let digits, let base): BigInt(digits, radix: base).map { ExactNumber($0) }
    case .negated(.constant(let one)): one.negated
    case .sum(.constant(let one), .constant(let two)): one.adding(two)
    case .product(.constant(let one), .constant(let two)): one.multiplied(by: two)
    case .quotient(.constant(let one), .constant(let two)): one.divided(by: two)
    case .power(.constant(let one), .constant(let two)): one.power(two)
    case .root(.constant(let one), .constant(let degree)): degree.count.flatMap { one.root($0) }
    case .factorial(.constant(let one)): one.factorial
    case .binomial(.constant(let one), .constant(let two)): one.choose(two)
    case .percent(.constant(let one)): one.divided(by: ExactNumber(100))
    case .function(let function, .constant(let one)): function.exact(one)
    case .series(let series, .constant(let low), .constant(let high), let member):
      series.exact(low, high, member)
    case .logarithm(.constant(let one), .constant(let base)): one.logarithm(base)
    default: nil
    }
  }
}

extension Series {
  /// The sum or the product, where all of its members are fractions.
  fileprivate func exact(
    _ low: ExactNumber, _ high: ExactNumber, _ member: MathExpression
  ) -> ExactNumber? {
    guard let numbers = numbers(low, high), !member.holdsSeries else { return nil }
    var total: ExactNumber? = isProduct ? .one : .zero
    for number in numbers {
      var effort = ExactNumber.effortLimit / 100
      let next = member.replacing(name, with: .constant(ExactNumber(BigInt(number))))
      guard let sum = total, let next = next.folded(&effort).constant else { return nil }
      total = isProduct ? sum.multiplied(by: next) : sum.adding(next)
    }
    return total
  }
}

extension MathExpression {
  /// Whether a series stands in it.
  var holdsSeries: Bool {
    if case .series = self { return true }
    var found = false
    _ = map { part in
      found = found || part.holdsSeries
      return part
    }
    return found
  }
}

extension Double {
  /// Within what a machine's number holds without trouble.
  fileprivate var clamped: Double { isNaN ? 1e9 : Swift.min(Swift.max(abs(self), 1), 1e9) }
}

extension ExactNumber {
  /// The logarithm to a base, where it is whole; else nil.
  fileprivate func logarithm(_ base: ExactNumber) -> ExactNumber? {
    guard ExactNumber.one < base, !isNegative, !numerator.isZero else { return nil }
    let isFraction = self < .one
    guard let target = isFraction ? ExactNumber.one.divided(by: self) : self else { return nil }
    let size = target.approximation
    guard size.isFinite else { return nil }
    let guess = (size.logarithm / base.approximation.logarithm).rounded()
    guard guess.isFinite, guess < 2000, base.power(Int(guess)) == target else { return nil }
    return ExactNumber(BigInt(isFraction ? -Int(guess) : Int(guess)))
  }
}

extension MathFunction {
  /// The value at a fraction where that is a fraction too, whatever the number.
  fileprivate func exact(_ number: ExactNumber) -> ExactNumber? {
    switch self {
    case .abs: return number.isNegative ? number.negated : number
    case .floor, .ceil:
      let (quotient, rest) = number.numerator.quotientAndRemainder(dividingBy: number.denominator)
      if rest.isZero { return ExactNumber(quotient) }
      if self == .floor { return ExactNumber(number.isNegative ? quotient - 1 : quotient) }
      return ExactNumber(number.isNegative ? quotient : quotient + 1)
    case .sin, .tan, .arcsin, .arctan, .sinh, .tanh: return number.numerator.isZero ? .zero : nil
    case .cos, .cosh, .exp, .sec: return number.numerator.isZero ? .one : nil
    case .ln: return number == .one ? .zero : nil
    case .arccos, .cot, .csc: return nil
    }
  }
}
