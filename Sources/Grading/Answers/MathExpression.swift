import Foundation

/// What stands in an answer as a formula: a tree that can be evaluated at a point.
indirect enum MathExpression: Equatable, Sendable {
  /// A number as it was written, in digits with at most one point and perhaps `e` and an exponent.
  case number(String)
  /// A number that has been worked out.
  case constant(ExactNumber)
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
  /// A sum or a product over a name that runs from one number to another.
  case series(Series, from: MathExpression, to: MathExpression, MathExpression)
  /// A logarithm to a base.
  case logarithm(MathExpression, base: MathExpression)
}

/// What a series does with its members, and the name that runs.
struct Series: Equatable, Sendable {
  var isProduct: Bool
  var name: String
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
    case .number, .constant, .based, .infinity, .pi, .euler, .imaginaryUnit: []
    case .variable(let name): [name]
    case .negated(let one), .factorial(let one), .percent(let one), .degrees(let one),
      .function(_, let one):
      one.variables
    case .sum(let one, let two), .product(let one, let two), .quotient(let one, let two),
      .power(let one, let two), .binomial(let one, let two):
      one.variables.union(two.variables)
    case .root(let one, let two), .logarithm(let one, let two): one.variables.union(two.variables)
    case .series(let series, let low, let high, let member):
      low.variables.union(high.variables).union(member.variables.subtracting([series.name]))
    }
  }

  /// Whether degrees are written anywhere in it.
  var hasDegrees: Bool {
    if case .degrees = self { return true }
    var isFound = false
    _ = map {
      isFound = isFound || $0.hasDegrees
      return $0
    }
    return isFound
  }

  /// The formula with another in place of each of its parts.
  func map(_ new: (MathExpression) -> MathExpression) -> MathExpression {
    switch self {
    case .number, .constant, .based, .infinity, .pi, .euler, .imaginaryUnit, .variable: self
    case .negated(let one): .negated(new(one))
    case .sum(let one, let two): .sum(new(one), new(two))
    case .product(let one, let two): .product(new(one), new(two))
    case .quotient(let one, let two): .quotient(new(one), new(two))
    case .power(let one, let two): .power(new(one), new(two))
    case .root(let one, let degree): .root(new(one), degree: new(degree))
    case .factorial(let one): .factorial(new(one))
    case .binomial(let one, let two): .binomial(new(one), new(two))
    case .percent(let one): .percent(new(one))
    case .degrees(let one): .degrees(new(one))
    case .function(let function, let one): .function(function, new(one))
    case .series(let series, let low, let high, let member):
      .series(series, from: new(low), to: new(high), new(member))
    case .logarithm(let one, let base): .logarithm(new(one), base: new(base))
    }
  }

  /// The formula with another in place of a variable.
  func replacing(_ name: String, with other: MathExpression) -> MathExpression {
    self == .variable(name) ? other : map { $0.replacing(name, with: other) }
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
    case .constant(let number): ComplexNumber(number.approximation)
    case .number, .based: exact.map { ComplexNumber($0.approximation) } ?? .undefined
    case .infinity: ComplexNumber(.infinity)
    case .pi: ComplexNumber(.pi)
    case .euler: ComplexNumber(M_E)
    case .imaginaryUnit: ComplexNumber(0, 1)
    case .variable(let name): point[name].map { .exactly($0) } ?? .undefined
    case .negated(let one): one.value(at: point).negated
    case .sum(let one, let two): one.value(at: point) + two.value(at: point)
    case .product(let one, let two): one.value(at: point) * two.value(at: point)
    case .quotient(let one, let two): one.value(at: point) / two.value(at: point)
    case .power(let one, let two): one.value(at: point).power(two.value(at: point))
    default: composedValue(at: point)
    }
  }

  private func composedValue(at point: [String: Double]) -> ComplexNumber {
    switch self {
    case .root(let one, let degree): return Self.root(one.value(at: point), degree: degree)
    case .factorial(let one): return Self.factorial(one.value(at: point))
    case .binomial(let one, let two):
      let (upper, lower) = (one.value(at: point), two.value(at: point))
      return Self.factorial(upper) / (Self.factorial(lower) * Self.factorial(upper - lower))
    case .percent(let one): return one.value(at: point) / .exactly(100)
    case .degrees(let one): return one.value(at: point) * ComplexNumber(.pi / 180)
    case .function(let function, let one): return function.value(at: one.value(at: point))
    case .series(let series, .constant(let low), .constant(let high), let member):
      return series.value(low, high, member, at: point)
    case .logarithm(let one, let base):
      return one.value(at: point).logarithm / base.value(at: point).logarithm
    default: return .undefined
    }
  }

  /// The principal root; of a real number below zero the real root where the degree is odd.
  private static func root(_ value: ComplexNumber, degree: MathExpression) -> ComplexNumber {
    guard value.isReal, let count = degree.constant?.count, (2...64).contains(count),
      value.real >= 0 || count % 2 == 1
    else { return value.power(.exactly(1) / degree.value(at: [:])) }
    let size = abs(value.real)
    if size == 0 { return .exactly(0) }
    let root =
      count == 2 ? size.squareRoot() : count == 3 ? cbrt(size) : pow(size, 1 / Double(count))
    let slope = root / (Double(count) * size)
    return value.mapped({ $0 < 0 ? -root : root }, slope: slope)
  }

  private static func factorial(_ value: ComplexNumber) -> ComplexNumber {
    let size = tgamma(value.real + 1)
    return value.mapped({ _ in size }, slope: abs(size) * Foundation.log(abs(value.real) + 2))
  }
}

extension MathFunction {
  /// The value at a number; the principal one where there are several.
  func value(at z: ComplexNumber) -> ComplexNumber {
    let one = ComplexNumber.exactly(1)
    switch self {
    case .sin: return z.sine
    case .cos: return z.cosine
    case .tan: return z.sine / z.cosine
    case .cot: return z.cosine / z.sine
    case .sec: return one / z.cosine
    case .csc: return one / z.sine
    case .ln: return z.logarithm
    case .exp: return z.exponential
    default: return realValue(at: z)
    }
  }

  private func realValue(at z: ComplexNumber) -> ComplexNumber {
    let x = z.real
    switch self {
    case .abs: return ComplexNumber(z.magnitude).widened(by: z)
    case .arcsin: return z.mapped(asin, slope: 1 / (1 - x * x).squareRoot())
    case .arccos: return z.mapped(acos, slope: 1 / (1 - x * x).squareRoot())
    case .arctan: return z.mapped(atan, slope: 1)
    case .sinh: return z.mapped(Foundation.sinh, slope: Foundation.cosh(x))
    case .cosh: return z.mapped(Foundation.cosh, slope: Foundation.cosh(x))
    case .tanh: return z.mapped(Foundation.tanh, slope: 1)
    case .floor: return z.mapped({ $0.rounded(.down) }, slope: 0)
    case .ceil: return z.mapped({ $0.rounded(.up) }, slope: 0)
    default: return .undefined
    }
  }
}

extension Series {
  /// Most members that are added up.
  static let limit = 100

  /// The numbers that the name runs through; nil where they are not whole, or too many.
  func numbers(_ low: ExactNumber, _ high: ExactNumber) -> ClosedRange<Int>? {
    guard let first = low.count, let last = high.count, first <= last, last - first < Self.limit,
      first.magnitude < 1 << 30
    else { return nil }
    return first...last
  }

  /// The value at a point.
  func value(
    _ low: ExactNumber, _ high: ExactNumber, _ member: MathExpression, at point: [String: Double]
  ) -> ComplexNumber {
    guard let numbers = numbers(low, high), !member.holdsSeries else { return .undefined }
    return numbers.reduce(.exactly(isProduct ? 1 : 0)) { total, number in
      let next = member.value(at: point.merging([name: Double(number)]) { _, new in new })
      return isProduct ? total * next : total + next
    }
  }
}
