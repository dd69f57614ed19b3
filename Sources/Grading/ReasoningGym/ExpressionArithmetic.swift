import BigInt
import Foundation

/// Arithmetic of SymPy's numbers within bounds: a whole number that would be longer than they allow
/// counts as immense, a longer quotient as its double, and work beyond them ends in an error.
struct ExpressionArithmetic {
  /// Whole numbers may have so many bits.
  static let bitLimit = 20_000
  /// The parts of a quotient may have so many.
  private static let quotientLimit = 4096
  /// What one expression may cost, in products of single words; they take about 25 ms.
  private var workLeft = 4_000_000

  /// Pays for work; answers whether it may be done.
  mutating func spend(_ work: Int) -> Bool {
    workLeft -= work
    return workLeft > 0
  }

  /// How many words a number of so many bits has.
  private func words(_ bits: Int) -> Int { bits / 64 + 1 }

  private func bounded(_ value: ExpressionValue) -> ExpressionValue {
    guard case .quotient(let upper, let lower) = value else { return value }
    if lower == 1 {
      return upper.bitWidth > Self.bitLimit ? .immense(isNegative: upper.sign == .minus) : value
    }
    let isShort = max(upper.bitWidth, lower.bitWidth) <= Self.quotientLimit
    return isShort ? value : .irrational(value.double ?? 0)
  }

  /// A quotient in lowest terms; the divisor is not zero.
  private mutating func reduced(_ upper: BigInt, _ lower: BigInt) -> ExpressionValue {
    if lower == 1 { return .quotient(upper, 1) }
    let size = words(lower.bitWidth)
    // Looking for a common divisor takes as many subtractions as there are bits.
    guard spend(64 * size * size + 4 * size * words(upper.bitWidth)) else { return .failed }
    return ExpressionValue(upper, over: lower)
  }

  /// What an operation on two values is worth.
  mutating func apply(
    _ sign: String, _ left: ExpressionValue, _ right: ExpressionValue
  ) -> ExpressionValue {
    switch (left, right) {
    case (.failed, _), (_, .failed), (.text, _), (_, .text), (.relation, _), (_, .relation):
      return .failed
    default: break
    }
    guard spend(8 + words(left.bits) * words(right.bits)), Self.isAllowed(sign, left, right)
    else { return .failed }
    switch sign {
    case "+": return bounded(sum(left, right))
    case "-": return bounded(sum(left, negative(right)))
    case "*": return bounded(product(left, right))
    case "/": return bounded(quotient(left, right))
    case "//", "%": return bounded(division(left, right, wantsRest: sign == "%"))
    case "**": return bounded(power(left, right))
    default: return bits(sign, left, right)
    }
  }

  /// Python's truth values meet whole numbers only, and are neither divided nor raised by them.
  private static func isAllowed(
    _ sign: String, _ left: ExpressionValue, _ right: ExpressionValue
  ) -> Bool {
    switch (left, right) {
    case (.truth, .truth): true
    case (.truth, _): right.whole != nil && sign != "/" && sign != "**"
    case (_, .truth): left.whole != nil && !["/", "**", "//"].contains(sign)
    default: true
    }
  }

  func negative(_ value: ExpressionValue) -> ExpressionValue {
    switch value {
    case .quotient(let upper, let lower): .quotient(-upper, lower)
    case .decimal(let value): .decimal(-value)
    case .irrational(let value): .irrational(-value)
    case .immense(let isNegative): .immense(isNegative: !isNegative)
    case .infinity(let isNegative): .infinity(isNegative: !isNegative)
    case .truth(let isTrue): .quotient(isTrue ? -1 : 0, 1)
    case .unreal(let name): .unreal("-" + name)
    case .complexInfinity, .notANumber: value
    case .relation, .text, .failed: .failed
    }
  }

  private mutating func sum(_ left: ExpressionValue, _ right: ExpressionValue) -> ExpressionValue {
    switch (left, right) {
    case (.notANumber, _), (_, .notANumber): return .notANumber
    case (.complexInfinity, let other), (let other, .complexInfinity):
      return other.isFinite ? .complexInfinity : .notANumber
    case (.unreal, _), (_, .unreal): return .unreal("+")
    case (.infinity(let one), .infinity(let two)): return one == two ? left : .notANumber
    case (.infinity, _): return left
    case (_, .infinity): return right
    case (.immense(let one), .immense(let two)): return one == two ? left : .notANumber
    case (.immense, _): return left
    case (_, .immense): return right
    case (.irrational, _), (_, .irrational):
      guard let one = left.double, let two = right.double else { return .failed }
      return abs(one + two) < 1e-13 * abs(one) ? .zero : ExpressionValue(near: one + two)
    case (.decimal(let one), _):
      return right.decimal(precision: one.precision).map { .init(result: one + $0) } ?? .failed
    case (_, .decimal): return sum(right, left)
    default:
      guard let (a, b) = left.exact, let (c, d) = right.exact else { return .failed }
      return reduced(a * d + c * b, b * d)
    }
  }

  private mutating func product(_ left: ExpressionValue, _ right: ExpressionValue)
    -> ExpressionValue
  {
    switch (left, right) {
    case (.notANumber, _), (_, .notANumber): return .notANumber
    case (.complexInfinity, let other), (let other, .complexInfinity),
      (.infinity, let other) where other.isZero, (let other, .infinity) where other.isZero:
      return other.isZero ? .notANumber : .complexInfinity
    case (_, _) where left.isZero || right.isZero: return .zero
    case (.unreal, _), (_, .unreal): return .unreal("*")
    case (.infinity, _), (_, .infinity):
      return .infinity(isNegative: left.isNegative != right.isNegative)
    case (.immense, _), (_, .immense):
      return .immense(isNegative: left.isNegative != right.isNegative)
    case (.irrational, _), (_, .irrational):
      guard let one = left.double, let two = right.double else { return .failed }
      return ExpressionValue(near: one * two)
    case (.decimal(let one), _):
      return right.decimal(precision: one.precision).map { .init(result: one * $0) } ?? .failed
    case (_, .decimal): return product(right, left)
    default:
      guard let (a, b) = left.exact, let (c, d) = right.exact else { return .failed }
      return reduced(a * c, b * d)
    }
  }

  private mutating func quotient(_ left: ExpressionValue, _ right: ExpressionValue)
    -> ExpressionValue
  {
    switch (left, right) {
    case (.notANumber, _), (_, .notANumber): return .notANumber
    case (_, .complexInfinity), (_, .infinity):
      return left.isFinite || !isInfinite(left) ? .zero : .notANumber
    case (_, _) where right.isZero: return left.isZero ? .notANumber : .complexInfinity
    case (_, .immense): return left.isFinite ? .irrational(0) : .notANumber
    case (.unreal, _), (_, .unreal): return left.isZero ? .zero : .unreal("/")
    case (.decimal(let one), _):
      guard let two = right.decimal(precision: one.precision) else { break }
      return .init(result: one / two)
    case (_, .decimal(let two)):
      // The reciprocal is rounded before it is multiplied with.
      let inverse = BinaryFloat(1, precision: two.precision) / two
      return product(left, .decimal(inverse))
    default: break
    }
    if let (a, b) = left.exact, let (c, d) = right.exact {
      return reduced(a * d, b * c)
    }
    if case .irrational(let value) = right { return product(left, .irrational(1 / value)) }
    return product(left, ExpressionValue(near: 1 / (right.double ?? .nan)))
  }

  private func isInfinite(_ value: ExpressionValue) -> Bool {
    switch value {
    case .infinity, .complexInfinity: true
    default: false
    }
  }

  /// Division with a rest: the whole part towards minus infinity, or the rest.
  private mutating func division(
    _ left: ExpressionValue, _ right: ExpressionValue, wantsRest: Bool
  ) -> ExpressionValue {
    guard left.isFinite, right.isFinite else {
      if case .infinity = left, !wantsRest, right.isFinite { return left }
      if case .infinity = right, !wantsRest, left.isFinite { return .zero }
      if case .unreal = right, left.isZero { return .zero }
      if case .unreal = right { return right }
      if case .unreal = left { return left }
      if case .complexInfinity = left { return wantsRest ? .notANumber : .failed }
      return .notANumber
    }
    guard !right.isZero else { return .failed }
    guard let (a, b) = left.exact, let (c, d) = right.exact else {
      guard let one = left.double, let two = right.double else { return .failed }
      let whole = (one / two).rounded(.down)
      if wantsRest { return ExpressionValue(near: one - whole * two) }
      return BigInt(exactly: whole).map { ExpressionValue($0) } ?? .immense(isNegative: whole < 0)
    }
    let size = words(max(a.bitWidth + d.bitWidth, b.bitWidth + c.bitWidth))
    guard spend(4 * size * size) else { return .failed }
    let whole = Self.floor(a * d, b * c)
    if !wantsRest { return ExpressionValue(whole) }
    let rest = reduced(a * d - whole * b * c, b * d)
    let precision = [left, right].compactMap { value -> Int? in
      if case .decimal(let decimal) = value { decimal.precision } else { nil }
    }.max()
    guard let rounded = precision.flatMap({ rest.decimal(precision: $0) }) else { return rest }
    // Only a whole divisor leaves a whole zero.
    return right.whole == nil ? .decimal(rounded) : .init(result: rounded)
  }

  /// The whole number at or below a quotient.
  static func floor(_ upper: BigInt, _ lower: BigInt) -> BigInt {
    let (whole, rest) = upper.quotientAndRemainder(dividingBy: lower)
    return rest.isZero || rest.sign == lower.sign ? whole : whole - 1
  }

  private func bits(
    _ sign: String, _ left: ExpressionValue, _ right: ExpressionValue
  ) -> ExpressionValue {
    guard let one = left.whole, let two = right.whole else { return .failed }
    switch sign {
    case "&": return ExpressionValue(one & two)
    case "|": return ExpressionValue(one | two)
    case "^": return ExpressionValue(one ^ two)
    default: break
    }
    guard two.sign == .plus, sign == "<<" || sign == ">>" else { return .failed }
    let places = Int(exactly: two) ?? .max
    if sign == "<<" {
      if one.isZero { return .zero }
      // Memory would not do.
      guard places < 1 << 36 else { return .failed }
      return one.bitWidth < Self.bitLimit && places < Self.bitLimit
        ? bounded(ExpressionValue(one << places)) : .immense(isNegative: one.sign == .minus)
    }
    return ExpressionValue(places > Self.bitLimit ? (one.sign == .minus ? -1 : 0) : one >> places)
  }

  /// A value to the power of another.
  mutating func power(_ base: ExpressionValue, _ exponent: ExpressionValue) -> ExpressionValue {
    if exponent.isZero { return .one }
    if case .notANumber = base { return .notANumber }
    switch exponent {
    case .quotient, .truth, .decimal, .irrational, .unreal:
      if case .quotient(1, 1) = base { return .one }
      if case .unreal = exponent { return .unreal("**") }
    case .infinity(let isNegative): return power(base, endlessly: !isNegative)
    case .immense(let isNegative): return power(base, immensely: !isNegative)
    default: return .notANumber
    }
    guard let isDown = exponent.isNegative else { return .failed }
    switch base {
    case .complexInfinity, .infinity(isNegative: false): return isDown ? .zero : base
    case .infinity(isNegative: true), .immense(isNegative: true): return .failed
    case .immense: return isDown ? .irrational(0) : base
    case .unreal: return .unreal("**")
    case _ where base.isZero: return isDown ? .complexInfinity : .zero
    default: break
    }
    if case .decimal(let value) = base, let whole = exponent.whole { return power(value, whole) }
    if let (upper, lower) = base.exact, case .quotient(let up, let down) = exponent {
      if case .quotient = base { return power(upper, lower, to: up, down) }
    }
    return approximatePower(base, exponent)
  }

  private func power(_ base: ExpressionValue, endlessly isUp: Bool) -> ExpressionValue {
    guard let size = base.double, size >= 0 else { return .notANumber }
    if size == 1 { return .notANumber }
    return (size > 1) == isUp ? .infinity(isNegative: false) : .zero
  }

  private func power(_ base: ExpressionValue, immensely isUp: Bool) -> ExpressionValue {
    guard let size = base.double, size >= 0 else { return .failed }
    if size == 1 || size == 0 { return base }
    return (size > 1) == isUp ? .immense(isNegative: false) : .irrational(0)
  }

  private mutating func power(_ base: BinaryFloat, _ exponent: BigInt) -> ExpressionValue {
    let isBelowOne = abs(base.double) < 1
    guard spend(10_000 + 100 * words(base.precision) * words(base.precision)) else {
      return .failed
    }
    guard let small = Int(exactly: exponent), abs(small) < 1 << 40,
      let result = base.power(small)
    else { return isBelowOne == (exponent.sign == .minus) ? .immense(isNegative: false) : .zero }
    return .init(result: result)
  }

  /// The power of a quotient by a quotient, exact where it has a root.
  private mutating func power(
    _ upper: BigInt, _ lower: BigInt, to up: BigInt, _ down: BigInt
  ) -> ExpressionValue {
    let value = ExpressionValue.quotient(upper, lower)
    if down != 1 {
      guard upper.sign == .plus else { return .unreal("root") }
      if down <= 64, let degree = Int(exactly: down), let over = root(upper, degree),
        let under = root(lower, degree)
      {
        return power(over, under, to: up, 1)
      }
      return approximatePower(value, .quotient(up, down))
    }
    if lower == 1, upper.magnitude == 1 {
      return upper.sign == .minus && up % 2 != 0 ? value : .one
    }
    let size = max(upper.magnitude.bitWidth, lower.magnitude.bitWidth) - 1
    guard let times = Int(exactly: up), times.magnitude < 1 << 24,
      max(1, size) * abs(times) <= Self.bitLimit
    else {
      let isLarge = (upper.magnitude > lower.magnitude) == (up.sign == .plus)
      let isNegative = upper.sign == .minus && up % 2 != 0
      return isLarge ? .immense(isNegative: isNegative) : .irrational(0)
    }
    let length = words(max(1, size) * abs(times))
    guard spend(length * length) else { return .failed }
    if lower != 1, length * 64 > Self.quotientLimit {
      return approximatePower(value, .quotient(up, 1))
    }
    let (over, under) = (upper.power(abs(times)), lower.power(abs(times)))
    return times > 0 ? .quotient(over, under) : ExpressionValue(under, over: over)
  }

  /// The whole root of a number; nil where there is none.
  private mutating func root(_ value: BigInt, _ degree: Int) -> BigInt? {
    guard value > 1 else { return value }
    guard value.bitWidth <= 512, spend(50_000) else { return nil }
    var low = BigInt(1)
    var high = BigInt(1) << (value.bitWidth / degree + 1)
    while low < high {
      let middle = (low + high + 1) >> 1
      if middle.power(degree) <= value { low = middle } else { high = middle - 1 }
    }
    return low.power(degree) == value ? low : nil
  }

  private func approximatePower(
    _ base: ExpressionValue, _ exponent: ExpressionValue
  ) -> ExpressionValue {
    guard let size = base.double, let times = exponent.double else { return .failed }
    let result = pow(size, times)
    var isDecimal = false
    if case .decimal = base { isDecimal = true }
    if case .decimal = exponent { isDecimal = true }
    if size < 0, times != times.rounded() { return .unreal("root") }
    return isDecimal ? ExpressionValue(decimal: result) : ExpressionValue(near: result)
  }
}

/// The functions that an answer in arithmetic may well call.
extension ExpressionArithmetic {
  /// Whether SymPy's name is a function known here.
  static func isKnown(_ name: String) -> Bool { functions.contains(name) }

  private static let functions: Set<String> = [
    "sqrt", "cbrt", "abs", "Abs", "factorial", "factorial2", "floor", "ceiling", "max", "Max",
    "min", "Min", "pow", "Pow", "log", "ln", "exp", "Mod",
  ]

  /// What a call is worth.
  mutating func call(_ name: String, _ arguments: [ExpressionValue]) -> ExpressionValue {
    let hasError = arguments.contains {
      switch $0 {
      case .failed, .text, .relation: true
      case .truth: name != "abs"
      default: false
      }
    }
    guard !hasError, let first = arguments.first else { return .failed }
    switch (name, arguments.count) {
    case ("max", _), ("Max", _): return extreme(arguments, isLarge: true)
    case ("min", _), ("Min", _): return extreme(arguments, isLarge: false)
    case ("pow", 2), ("Pow", 2): return apply("**", first, arguments[1])
    case ("Mod", 2): return apply("%", first, arguments[1])
    case ("log", 2), ("ln", 2): return apply("/", logarithm(first), logarithm(arguments[1]))
    case (_, 1): return call(name, first)
    default: return .failed
    }
  }

  private mutating func call(_ name: String, _ value: ExpressionValue) -> ExpressionValue {
    switch name {
    case "sqrt": power(value, .quotient(1, 2))
    case "cbrt": power(value, .quotient(1, 3))
    case "abs", "Abs": magnitude(value)
    case "factorial": factorial(value)
    case "factorial2": doubleFactorial(value)
    case "floor": whole(value, isUp: false)
    case "ceiling": whole(value, isUp: true)
    case "log", "ln": logarithm(value)
    case "exp": exponential(value)
    default: .failed
    }
  }

  private func magnitude(_ value: ExpressionValue) -> ExpressionValue {
    if case .complexInfinity = value { return .infinity(isNegative: false) }
    return value.isNegative == true ? negative(value) : value
  }

  private mutating func whole(_ value: ExpressionValue, isUp: Bool) -> ExpressionValue {
    if let (upper, lower) = value.exact {
      guard spend(value.bits) else { return .failed }
      let floor = Self.floor(isUp ? -upper : upper, lower)
      return ExpressionValue(isUp ? -floor : floor)
    }
    if case .irrational(let size) = value {
      let whole = size.rounded(isUp ? .up : .down)
      return BigInt(exactly: whole).map { ExpressionValue($0) } ?? .immense(isNegative: whole < 0)
    }
    return value
  }

  private mutating func extreme(_ values: [ExpressionValue], isLarge: Bool) -> ExpressionValue {
    var best = values.first ?? .failed
    for value in values {
      guard spend(value.bits) else { return .failed }
      guard let one = value.double, let two = best.double, !one.isNaN else {
        return .unreal("max")
      }
      if isLarge ? one > two : one < two { best = value }
    }
    return best
  }

  private func logarithm(_ value: ExpressionValue) -> ExpressionValue {
    if value.isZero { return .complexInfinity }
    guard value.isFinite, let size = value.double, size > 0 else { return .unreal("log") }
    if case .decimal = value { return ExpressionValue(decimal: log(size)) }
    return size == 1 ? .zero : ExpressionValue(near: log(size))
  }

  private func exponential(_ value: ExpressionValue) -> ExpressionValue {
    if value.isZero { return .one }
    guard value.isFinite, let size = value.double else { return .unreal("exp") }
    if case .decimal = value { return ExpressionValue(decimal: exp(size)) }
    return ExpressionValue(near: exp(size))
  }

  /// The factorial, by the gamma function between the whole numbers.
  mutating func factorial(_ value: ExpressionValue) -> ExpressionValue {
    switch value {
    case .truth, .text, .relation, .failed: return .failed
    case .decimal(let number): return gamma(number.double, isDecimal: true)
    case .irrational(let size): return gamma(size, isDecimal: false)
    case .immense(isNegative: false): return value
    case .quotient(let upper, let lower) where lower != 1:
      return gamma(BinaryFloat.ratio(upper, lower, precision: 53).double, isDecimal: false)
    default: break
    }
    guard let whole = value.whole else { return value }
    guard whole.sign == .plus else { return .complexInfinity }
    return product(to: whole, by: 1)
  }

  private func gamma(_ size: Double, isDecimal: Bool) -> ExpressionValue {
    if size < 0, size == size.rounded() { return .complexInfinity }
    let result = tgamma(size + 1)
    return isDecimal ? ExpressionValue(decimal: result) : ExpressionValue(near: result)
  }

  /// The product of every second number, of the negative odd ones by continuation.
  mutating func doubleFactorial(_ value: ExpressionValue) -> ExpressionValue {
    if case .unreal = value { return value }
    guard case .quotient(let whole, 1) = value else { return .failed }
    if whole.sign == .plus { return product(to: whole, by: 2) }
    guard whole % 2 != 0 else { return .failed }
    guard case .quotient(let positive, _) = product(to: -whole - 2, by: 2) else {
      return .irrational(0)
    }
    let isNegative = ((-whole - 1) / 2) % 2 != 0
    return ExpressionValue(isNegative ? -1 : 1, over: positive)
  }

  private mutating func product(to last: BigInt, by step: Int) -> ExpressionValue {
    guard let last = Int(exactly: last), last <= 2000 else { return .immense(isNegative: false) }
    guard last > 1 else { return .one }
    guard spend(last * last / 8) else { return .failed }
    var result = BigInt(1)
    for factor in stride(from: last, to: 1, by: -step) { result *= BigInt(factor) }
    return ExpressionValue(result)
  }
}
