import BigInt

/// A binary floating point number of a chosen precision, without bounds to its exponent, as
/// arithmetic on answers with decimal points is done in: results are rounded to nearest, ties to
/// even.
struct BinaryFloat: Equatable {
  /// The value is mantissa · 2^exponent; an odd mantissa, or zero.
  private(set) var mantissa: BigInt
  private(set) var exponent: Int
  /// In bits.
  private(set) var precision: Int

  /// Rounds to a precision.
  init(_ mantissa: BigInt, exponent: Int = 0, precision: Int) {
    self.precision = precision
    let excess = mantissa.magnitude.bitWidth - precision
    var kept = mantissa.magnitude
    var power = exponent
    if excess > 0 {
      let half = BigUInt(1) << (excess - 1)
      let rest = kept & ((BigUInt(1) << excess) - 1)
      kept >>= excess
      if rest > half || (rest == half && kept & 1 == 1) { kept += 1 }
      power += excess
    }
    let zeros = kept.isZero ? 0 : kept.trailingZeroBitCount
    kept >>= zeros
    self.mantissa = BigInt(sign: mantissa.sign, magnitude: kept)
    self.exponent = kept.isZero ? 0 : power + zeros
  }

  /// A finite double.
  init(_ value: Double) {
    let mantissa = BigInt(value.significandBitPattern | (value.isNormal ? 1 << 52 : 0))
    let exponent = Int(max(1, value.exponentBitPattern)) - 1075
    self.init(value.sign == .minus ? -mantissa : mantissa, exponent: exponent, precision: 53)
  }

  /// A quotient of whole numbers.
  static func ratio(_ upper: BigInt, _ lower: BigInt, precision: Int) -> BinaryFloat {
    let (over, under) = (upper.magnitude, lower.magnitude)
    guard !over.isZero, !under.isZero else { return BinaryFloat(0, precision: precision) }
    // Two bits more than are kept, and one that says whether anything is left.
    let shift = max(0, precision + 2 + under.bitWidth - over.bitWidth)
    let (whole, rest) = (over << shift).quotientAndRemainder(dividingBy: under)
    let sticky = (whole << 1) | (rest.isZero ? 0 : 1)
    let sign: BigInt.Sign = (upper.sign == lower.sign) ? .plus : .minus
    return BinaryFloat(
      BigInt(sign: sign, magnitude: sticky), exponent: -shift - 1, precision: precision)
  }

  var isZero: Bool { mantissa.isZero }
  var isNegative: Bool { mantissa.sign == .minus && !isZero }

  /// The nearest double; infinite beyond.
  var double: Double {
    if isZero { return 0 }
    let size = mantissa.magnitude.bitWidth + exponent
    if size > 1100 { return isNegative ? -.infinity : .infinity }
    if size < -1200 { return 0 }
    // Below the normal numbers fewer bits are left.
    let bits = min(53, size + 1074)
    guard bits > 0 else { return 0 }
    let near = rounded(to: bits)
    let value = Double(UInt64(near.mantissa.magnitude))
    let scaled = Double(sign: .plus, exponent: near.exponent, significand: value)
    return isNegative ? -scaled : scaled
  }

  /// Without what stands after the point; nil where the number has more bits than are asked about.
  func truncated(limit: Int = 20_000) -> BigInt? {
    if isZero || mantissa.magnitude.bitWidth + exponent <= 0 { return 0 }
    guard exponent < limit else { return nil }
    let whole = exponent >= 0 ? mantissa.magnitude << exponent : mantissa.magnitude >> -exponent
    return BigInt(sign: mantissa.sign, magnitude: whole)
  }

  /// The value as a quotient; nil where it would have more bits than are asked about.
  func quotient(limit: Int = 20_000) -> (BigInt, BigInt)? {
    guard abs(exponent) < limit else { return nil }
    return exponent >= 0 ? (mantissa << exponent, 1) : (mantissa, BigInt(1) << -exponent)
  }

  func rounded(to precision: Int) -> BinaryFloat {
    BinaryFloat(mantissa, exponent: exponent, precision: precision)
  }

  static prefix func - (value: BinaryFloat) -> BinaryFloat {
    BinaryFloat(-value.mantissa, exponent: value.exponent, precision: value.precision)
  }

  static func + (left: BinaryFloat, right: BinaryFloat) -> BinaryFloat {
    let precision = max(left.precision, right.precision)
    if left.isZero || right.isZero { return (left.isZero ? right : left).rounded(to: precision) }
    let (high, low) = left.size >= right.size ? (left, right) : (right, left)
    // What is so much smaller decides no more than which way a tie goes.
    if high.size - low.size > precision + high.mantissa.magnitude.bitWidth + 4 {
      let shift = precision + 4
      let nudge: BigInt = low.isNegative ? -1 : 1
      return BinaryFloat(
        (high.mantissa << shift) + nudge, exponent: high.exponent - shift, precision: precision)
    }
    let exponent = min(high.exponent, low.exponent)
    let sum =
      (high.mantissa << (high.exponent - exponent)) + (low.mantissa << (low.exponent - exponent))
    return BinaryFloat(sum, exponent: exponent, precision: precision)
  }

  static func * (left: BinaryFloat, right: BinaryFloat) -> BinaryFloat {
    BinaryFloat(
      left.mantissa * right.mantissa, exponent: left.exponent + right.exponent,
      precision: max(left.precision, right.precision))
  }

  /// The divisor is not zero.
  static func / (left: BinaryFloat, right: BinaryFloat) -> BinaryFloat {
    let precision = max(left.precision, right.precision)
    let quotient = ratio(left.mantissa, right.mantissa, precision: precision)
    return BinaryFloat(
      quotient.mantissa, exponent: quotient.exponent + left.exponent - right.exponent,
      precision: precision)
  }

  /// The power; nil where its exponent passes what can be held.
  func power(_ exponent: Int) -> BinaryFloat? {
    guard !isZero || exponent > 0 else { return nil }
    let working = precision + 64
    var square = rounded(to: working)
    var result = BinaryFloat(1, precision: working)
    var left = exponent.magnitude
    while left > 0 {
      if left & 1 == 1 { result = result * square }
      square = square * square
      left >>= 1
      guard abs(square.exponent) < 1 << 40, abs(result.exponent) < 1 << 40 else { return nil }
    }
    if exponent < 0 { result = BinaryFloat(1, precision: working) / result }
    return result.rounded(to: precision)
  }

  /// Where the highest bit stands.
  private var size: Int { mantissa.magnitude.bitWidth + exponent }
}
