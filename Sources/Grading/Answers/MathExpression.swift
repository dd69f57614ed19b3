import Foundation

/// What stands in an answer as a formula: a tree that can be evaluated at a point.
indirect enum MathExpression: Equatable, Sendable {
  /// A number as it was written, in digits with at most one point and perhaps `e` and an exponent.
  case number(String)
  /// A number written in another base; the digits are kept, the base is 2…36.
  case based(String, base: Int)
  case infinity
  case pi
  case euler
  case imaginaryUnit
  case variable(String)
  case negated(MathExpression)
  case sum(MathExpression, MathExpression)
  case product(MathExpression, MathExpression)
  case quotient(MathExpression, MathExpression)
  case power(MathExpression, MathExpression)
  case root(MathExpression, degree: MathExpression)
  case factorial(MathExpression)
  case binomial(MathExpression, MathExpression)
  case percent(MathExpression)
  case degrees(MathExpression)
  case function(MathFunction, MathExpression)
  /// A logarithm to a base.
  case logarithm(MathExpression, base: MathExpression)
}

/// The functions of one argument that an answer may name.
enum MathFunction: String, CaseIterable, Sendable {
  case sin, cos, tan, cot, sec, csc, arcsin, arccos, arctan, sinh, cosh, tanh, ln, exp, abs, floor
  case ceil

  /// Other names under which they are met.
  static let aliases = [
    "log": MathFunction.ln, "asin": .arcsin, "acos": .arccos, "atan": .arctan, "tg": .tan,
    "ctg": .cot,
  ]

  /// The function of a name; nil where there is none.
  static func named(_ name: String) -> MathFunction? {
    MathFunction(rawValue: name) ?? aliases[name]
  }
}

extension MathExpression {
  /// The names of the variables in it.
  var variables: Set<String> {
    switch self {
    case .number, .based, .infinity, .pi, .euler, .imaginaryUnit: []
    case .variable(let name): [name]
    case .negated(let one), .factorial(let one), .percent(let one), .degrees(let one),
      .function(_, let one):
      one.variables
    case .sum(let one, let two), .product(let one, let two), .quotient(let one, let two),
      .power(let one, let two), .binomial(let one, let two):
      one.variables.union(two.variables)
    case .root(let one, let two), .logarithm(let one, let two): one.variables.union(two.variables)
    }
  }

  /// The decimal number this is when nothing is calculated; nil for anything else.
  var literal: DecimalText? {
    switch self {
    case .number(let text): DecimalText(text)
    case .negated(let inner): inner.literal?.negated
    default: nil
    }
  }

  /// The value where the variables have those values.
  func value(at point: [String: Double]) -> ComplexNumber {
    switch self {
    case .number(let text): ComplexNumber(Double(text) ?? .nan)
    case .based(let digits, let base):
      ComplexNumber(Int(digits, radix: base).map(Double.init) ?? .nan)
    case .infinity: ComplexNumber(.infinity)
    case .pi: ComplexNumber(.pi)
    case .euler: ComplexNumber(M_E)
    case .imaginaryUnit: ComplexNumber(0, 1)
    case .variable(let name): ComplexNumber(point[name] ?? .nan)
    case .negated(let one): ComplexNumber(-1) * one.value(at: point)
    case .sum(let one, let two): one.value(at: point) + two.value(at: point)
    case .product(let one, let two): one.value(at: point) * two.value(at: point)
    case .quotient(let one, let two): one.value(at: point) / two.value(at: point)
    case .power(let one, let two): one.value(at: point).power(two.value(at: point))
    default: composedValue(at: point)
    }
  }

  private func composedValue(at point: [String: Double]) -> ComplexNumber {
    switch self {
    case .root(let one, let degree):
      Self.root(one.value(at: point), degree: degree.value(at: point))
    case .factorial(let one): Self.gamma(one.value(at: point) + ComplexNumber(1))
    case .binomial(let one, let two): Self.binomial(one.value(at: point), two.value(at: point))
    case .percent(let one): one.value(at: point) / ComplexNumber(100)
    case .degrees(let one): one.value(at: point) * ComplexNumber(.pi / 180)
    case .function(let function, let one): function.value(at: one.value(at: point))
    case .logarithm(let one, let base):
      one.value(at: point).logarithm / base.value(at: point).logarithm
    default: .undefined
    }
  }

  /// The principal root, but the real one of a negative number for an odd degree of it alone.
  private static func root(_ value: ComplexNumber, degree: ComplexNumber) -> ComplexNumber {
    if value.isReal, value.real >= 0 {
      if degree == ComplexNumber(2) { return ComplexNumber(value.real.squareRoot()) }
      if degree == ComplexNumber(3) { return ComplexNumber(cbrt(value.real)) }
    }
    return value.power(ComplexNumber(1) / degree)
  }

  private static func gamma(_ value: ComplexNumber) -> ComplexNumber {
    value.isReal ? ComplexNumber(tgamma(value.real)) : .undefined
  }

  private static func binomial(_ upper: ComplexNumber, _ lower: ComplexNumber) -> ComplexNumber {
    let one = ComplexNumber(1)
    return gamma(upper + one) / (gamma(lower + one) * gamma(upper - lower + one))
  }
}

extension MathFunction {
  /// The value at a number; the principal one where there are several.
  func value(at z: ComplexNumber) -> ComplexNumber {
    let one = ComplexNumber(1)
    switch self {
    case .sin: return z.sine
    case .cos: return z.cosine
    case .tan: return z.sine / z.cosine
    case .cot: return z.cosine / z.sine
    case .sec: return one / z.cosine
    case .csc: return one / z.sine
    case .ln: return z.logarithm
    case .exp: return z.exponential
    case .abs: return ComplexNumber(z.magnitude)
    default: return z.isReal ? ComplexNumber(real(z.real)) : .undefined
    }
  }

  private func real(_ x: Double) -> Double {
    switch self {
    case .arcsin: asin(x)
    case .arccos: acos(x)
    case .arctan: atan(x)
    case .sinh: Foundation.sinh(x)
    case .cosh: Foundation.cosh(x)
    case .tanh: Foundation.tanh(x)
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    default: .nan
    }
  }
}
