import Foundation

/// A complex number in double precision, and how far it may be from the true value.
///
/// Every operation carries the error of its operands on and adds its own rounding, to first order.
/// So two values can be compared by what is known of them, not by a fixed tolerance: what is lost
/// where numbers cancel widens the bound, and e^(−40) is no zero. Overflow and underflow make a
/// value undefined.
struct ComplexNumber: Equatable, Sendable {
  var real: Double
  var imaginary = 0.0
  /// A bound of the distance from the true value, to first order.
  var error = 0.0

  private static let unit = 0x1p-52

  /// A number that is rounded to double precision.
  init(_ real: Double, _ imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
    error = max(abs(real), abs(imaginary)) * Self.unit
  }

  private init(_ real: Double, _ imaginary: Double, inherited: Double) {
    self.real = real
    self.imaginary = imaginary
    error = inherited + max(abs(real), abs(imaginary)) * Self.unit
  }

  static let undefined = ComplexNumber(.nan, .nan)

  /// A whole number or a power of two, which doubles hold as it is.
  static func exactly(_ real: Double) -> Self {
    var number = Self(real)
    number.error = 0
    return number
  }

  var magnitude: Double { hypot(real, imaginary) }
  var isReal: Bool { imaginary == 0 }
  var isFinite: Bool { real.isFinite && imaginary.isFinite && error.isFinite }

  /// Whether the true values may be the same, as far as the errors tell.
  func mayEqual(_ other: Self) -> Bool {
    guard isFinite, other.isFinite else { return false }
    let distance = hypot(real - other.real, imaginary - other.imaginary)
    let doubt = 4 * (error + other.error)
    // Where nearly all digits cancelled nothing is known.
    return distance <= doubt && doubt <= 1e-6 * max(magnitude, other.magnitude, 1e-6)
  }

  static func + (left: Self, right: Self) -> Self {
    Self(
      left.real + right.real, left.imaginary + right.imaginary,
      inherited: left.error + right.error)
  }

  static func - (left: Self, right: Self) -> Self { left + right.negated }

  var negated: Self {
    var number = self
    number.real.negate()
    number.imaginary.negate()
    return number
  }

  static func * (left: Self, right: Self) -> Self {
    let inherited = left.magnitude * right.error + right.magnitude * left.error
    // Infinity times a real number stays real; the general formula would make it undefined.
    let product =
      left.isReal && right.isReal
      ? Self(left.real * right.real, 0, inherited: inherited)
      : Self(
        left.real * right.real - left.imaginary * right.imaginary,
        left.real * right.imaginary + left.imaginary * right.real,
        inherited: inherited + left.magnitude * right.magnitude * unit)
    return product.unlessUnderflown(isZero: left.isZero || right.isZero)
  }

  static func / (left: Self, right: Self) -> Self {
    let size = right.magnitude
    let inherited = left.error / size + left.magnitude / size * (right.error / size)
    if left.isReal, right.isReal {
      return Self(left.real / right.real, 0, inherited: inherited)
        .unlessUnderflown(isZero: left.isZero)
    }
    let (x, y) = (right.real / size, right.imaginary / size)
    let quotient = Self(
      (left.real * x + left.imaginary * y) / size, (left.imaginary * x - left.real * y) / size,
      inherited: inherited + 2 * left.magnitude / size * unit)
    return quotient.unlessUnderflown(isZero: left.isZero)
  }

  private var isZero: Bool { real == 0 && imaginary == 0 }

  private func unlessUnderflown(isZero: Bool) -> Self {
    isZero || magnitude >= .leastNormalMagnitude ? self : .undefined
  }

  /// A function of this, given its value and the size of its derivative.
  private func mapped(_ real: Double, _ imaginary: Double = 0, slope: Double) -> Self {
    Self(real, imaginary, inherited: slope * error)
  }

  /// The value of a function of real numbers; `slope` bounds its derivative.
  func mapped(_ function: (Double) -> Double, slope: Double) -> Self {
    isReal ? mapped(function(real), slope: slope) : .undefined
  }

  /// The same value with the error of another number besides.
  func widened(by other: Self) -> Self {
    var number = self
    number.error += other.error
    return number
  }

  /// The principal value of e to this.
  var exponential: Self {
    let size = exp(real)
    let value =
      isReal
      ? mapped(size, slope: size)
      : mapped(size * cos(imaginary), size * sin(imaginary), slope: size)
    return value.unlessUnderflown(isZero: false)
  }

  /// The principal natural logarithm.
  var logarithm: Self {
    let value = mapped(log(magnitude), atan2(imaginary, real), slope: 1 / magnitude)
    return isReal && real > 0 ? mapped(log(real), slope: 1 / real) : value
  }

  /// The principal power; whole exponents up to 64 are multiplied out.
  func power(_ exponent: Self) -> Self {
    if exponent.isReal, exponent.error <= abs(exponent.real) * Self.unit,
      let count = Int(exactly: exponent.real), count.magnitude <= 64
    {
      let product = (0..<Int(count.magnitude)).reduce(Self.exactly(1)) { product, _ in
        product * self
      }
      return count < 0 ? Self.exactly(1) / product : product
    }
    if isZero { return exponent.real > 0 ? .exactly(0) : .undefined }
    return (logarithm * exponent).exponential
  }

  /// The sine: (e^iz − e^−iz) / 2i.
  var sine: Self {
    if isReal { return mapped(sin(real), slope: 1) }
    let slope = cosh(imaginary)
    return mapped(sin(real) * slope, cos(real) * sinh(imaginary), slope: slope)
  }

  /// The cosine.
  var cosine: Self {
    if isReal { return mapped(cos(real), slope: 1) }
    let slope = cosh(imaginary)
    return mapped(cos(real) * slope, -sin(real) * sinh(imaginary), slope: slope)
  }
}

extension Double {
  /// The natural logarithm.
  var logarithm: Double { log(self) }
}
