import BigInt
import Foundation

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
