import Foundation

/// A complex number in double precision: what expressions are compared by.
struct ComplexNumber: Equatable, Sendable {
  var real: Double
  var imaginary = 0.0

  init(_ real: Double, _ imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
  }

  static let undefined = ComplexNumber(.nan, .nan)

  var magnitude: Double { hypot(real, imaginary) }
  var isReal: Bool { imaginary == 0 }
  var isFinite: Bool { real.isFinite && imaginary.isFinite }

  static func + (left: Self, right: Self) -> Self {
    Self(left.real + right.real, left.imaginary + right.imaginary)
  }

  static func - (left: Self, right: Self) -> Self {
    Self(left.real - right.real, left.imaginary - right.imaginary)
  }

  static func * (left: Self, right: Self) -> Self {
    // Infinity times a real number stays real; the general formula would make it undefined.
    if left.isReal, right.isReal { return Self(left.real * right.real) }
    return Self(
      left.real * right.real - left.imaginary * right.imaginary,
      left.real * right.imaginary + left.imaginary * right.real)
  }

  static func / (left: Self, right: Self) -> Self {
    if left.isReal, right.isReal { return Self(left.real / right.real) }
    let scale = right.real * right.real + right.imaginary * right.imaginary
    return Self(
      (left.real * right.real + left.imaginary * right.imaginary) / scale,
      (left.imaginary * right.real - left.real * right.imaginary) / scale)
  }

  /// The principal value of e to this.
  var exponential: Self {
    if isReal { return Self(exp(real)) }
    return Self(exp(real) * cos(imaginary), exp(real) * sin(imaginary))
  }

  /// The principal natural logarithm.
  var logarithm: Self {
    if isReal, real > 0 { return Self(log(real)) }
    return Self(log(magnitude), atan2(imaginary, real))
  }

  /// The principal power; whole exponents up to 64 are multiplied out, which keeps them exact.
  func power(_ exponent: Self) -> Self {
    if exponent.isReal, let count = Int(exactly: exponent.real), count.magnitude <= 64 {
      let product = (0..<Int(count.magnitude)).reduce(Self(1)) { product, _ in product * self }
      return count < 0 ? Self(1) / product : product
    }
    if isReal, exponent.isReal, real > 0 { return Self(pow(real, exponent.real)) }
    if self == Self(0) { return exponent.real > 0 ? Self(0) : .undefined }
    return (logarithm * exponent).exponential
  }

  /// The sine: (e^iz − e^−iz) / 2i.
  var sine: Self {
    if isReal { return Self(sin(real)) }
    return Self(sin(real) * cosh(imaginary), cos(real) * sinh(imaginary))
  }

  /// The cosine.
  var cosine: Self {
    if isReal { return Self(cos(real)) }
    return Self(cos(real) * cosh(imaginary), -sin(real) * sinh(imaginary))
  }
}
