import BigInt
import Foundation

/// What an expression in Python's notation is worth to SymPy, as far as arithmetic goes: whole
/// numbers and their quotients exactly, decimal numbers in binary, roots as doubles.
enum ExpressionValue {
  /// A quotient in lowest terms with a positive denominator.
  case quotient(BigInt, BigInt)
  case decimal(BinaryFloat)
  /// A number that is neither, such as a root.
  case irrational(Double)
  /// A number too large to be written out here.
  case immense(isNegative: Bool)
  case infinity(isNegative: Bool)
  /// What a division by zero is.
  case complexInfinity
  case notANumber
  /// Python's True and False.
  case truth(Bool)
  /// Whether an inequality holds; no number.
  case relation(Bool)
  case text([Unicode.Scalar])
  /// A letter, a complex number: something without a place on the line.
  case unreal(String)
  /// An error was raised.
  case failed

  static let zero = ExpressionValue.quotient(0, 1)
  static let one = ExpressionValue.quotient(1, 1)

  init(_ whole: BigInt) { self = .quotient(whole, 1) }

  /// A quotient reduced; the denominator is not zero.
  init(_ upper: BigInt, over lower: BigInt) {
    let sign: BigInt = lower.sign == .minus ? -1 : 1
    if lower.magnitude == 1 {
      self = .quotient(upper * sign, 1)
    } else {
      let common = lower.greatestCommonDivisor(with: upper % lower)
      self = .quotient(upper * sign / common, lower * sign / common)
    }
  }

  /// A double that stands for an exact number: whole ones are taken as such.
  init(near value: Double) {
    let whole = value.rounded()
    if value.isNaN {
      self = .failed
    } else if value.isInfinite {
      self = .immense(isNegative: value < 0)
    } else if abs(whole) < 1e15, abs(value - whole) < 1e-11 * max(1, abs(value)), value != 0 {
      self = abs(value) < 1e-11 ? .irrational(value) : .quotient(BigInt(Int64(whole)), 1)
    } else {
      self = .irrational(value)
    }
  }

  init(decimal value: Double) {
    guard value.isFinite else {
      self = value.isNaN ? .failed : .immense(isNegative: value < 0)
      return
    }
    self = .decimal(BinaryFloat(value))
  }

  /// As a whole number, truth as 1; nil for others.
  var whole: BigInt? {
    switch self {
    case .quotient(let upper, 1): upper
    case .truth(let isTrue): isTrue ? 1 : 0
    default: nil
    }
  }

  /// What `float` makes of it; nil where that raises an error.
  var double: Double? {
    switch self {
    case .quotient(let upper, let lower): BinaryFloat.ratio(upper, lower, precision: 53).double
    case .decimal(let value): value.double
    case .irrational(let value): value
    case .immense(let isNegative), .infinity(let isNegative): isNegative ? -.infinity : .infinity
    case .notANumber: .nan
    case .truth(let isTrue): isTrue ? 1 : 0
    case .text(let text): PythonNumber.real(text)
    case .complexInfinity, .relation, .unreal, .failed: nil
    }
  }

  /// What `int` makes of it; nil where that raises an error or is out of reach.
  var truncated: BigInt? {
    switch self {
    case .quotient(let upper, let lower): upper / lower
    case .decimal(let value): value.truncated()
    case .irrational(let value): abs(value) < 1e18 ? BigInt(Int64(value)) : nil
    case .truth(let isTrue): isTrue ? 1 : 0
    case .text(let text): PythonNumber.whole(text)
    default: nil
    }
  }

  /// Whether it counts as true; nil where asking raises an error.
  var isTrue: Bool? {
    switch self {
    case .quotient(let upper, _): !upper.isZero
    case .decimal(let value): !value.isZero
    case .truth(let isTrue), .relation(let isTrue): isTrue
    case .text(let text): !text.isEmpty
    case .failed: nil
    default: true
    }
  }

  /// Whether two are equal as SymPy has it, which tells 24 from 24.0.
  func equals(_ other: ExpressionValue) -> Bool {
    if let one = whole, let two = other.whole { return one == two }
    switch (self, other) {
    case (.quotient(let a, let b), .quotient(let c, let d)): return a == c && b == d
    case (.decimal(let a), .decimal(let b)):
      return a.mantissa == b.mantissa && a.exponent == b.exponent
    case (.irrational(let a), .irrational(let b)): return abs(a - b) <= 1e-13 * abs(a)
    case (.infinity(let a), .infinity(let b)): return a == b
    case (.complexInfinity, .complexInfinity), (.notANumber, .notANumber): return true
    case (.text(let a), .text(let b)): return a == b
    case (.unreal(let a), .unreal(let b)): return a == b
    case (.truth(let a), .relation(let b)), (.relation(let a), .truth(let b)),
      (.relation(let a), .relation(let b)):
      return a == b
    default: return false
    }
  }

  /// Whether the number is below zero; nil for what has no sign.
  var isNegative: Bool? {
    switch self {
    case .quotient(let upper, _): upper.sign == .minus
    case .decimal(let value): value.isNegative
    case .irrational(let value): value < 0
    case .immense(let isNegative), .infinity(let isNegative): isNegative
    case .truth: false
    default: nil
    }
  }

  var isZero: Bool { isTrue == false && !isText && !isRelation }
  private var isText: Bool { if case .text = self { true } else { false } }
  private var isRelation: Bool { if case .relation = self { true } else { false } }

  /// Whether it takes part in arithmetic as a number between the infinities.
  var isFinite: Bool {
    switch self {
    case .quotient, .decimal, .irrational, .truth: true
    default: false
    }
  }

  /// How many bits it takes.
  var bits: Int {
    switch self {
    case .quotient(let upper, let lower): upper.bitWidth + lower.bitWidth
    case .decimal(let value): value.precision
    default: 64
    }
  }

  /// With the precision of a decimal number beside it.
  func decimal(precision: Int) -> BinaryFloat? {
    switch self {
    case .quotient(let upper, let lower): .ratio(upper, lower, precision: precision)
    case .truth(let isTrue): BinaryFloat(isTrue ? 1 : 0, precision: precision)
    case .decimal(let value): value
    default: nil
    }
  }

  /// As a quotient, if it is a number that has one.
  var exact: (BigInt, BigInt)? {
    switch self {
    case .quotient(let upper, let lower): (upper, lower)
    case .truth(let isTrue): (isTrue ? 1 : 0, 1)
    case .decimal(let value): value.quotient()
    default: nil
    }
  }

  /// A decimal number after arithmetic; zero loses its point.
  init(result: BinaryFloat) { self = result.isZero ? .zero : .decimal(result) }
}
