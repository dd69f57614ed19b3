/// The natural logarithm of a positive finite number, to about 1e-12.
///
/// The number is m·2ᵉ with 1 ≤ m < 2, and ln m = 2·artanh((m − 1) / (m + 1)) as a power series.
func naturalLogarithm(_ value: Double) -> Double {
  guard value > 0, value.isFinite else { return .nan }
  let z = (value.significand - 1) / (value.significand + 1)
  var power = z
  var sum = 0.0
  for odd in stride(from: 1.0, through: 27.0, by: 2.0) {
    sum += power / odd
    power *= z * z
  }
  return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
}

/// The logarithm to base ten of a positive finite number.
func decimalLogarithm(_ value: Double) -> Double {
  naturalLogarithm(value) / 2.302_585_092_994_046
}

/// The largest e with 10ᵉ ≤ value, for a positive finite value.
func decimalExponent(_ value: Double) -> Int {
  guard value > 0, value.isFinite else { return 0 }
  return Int((decimalLogarithm(value) + 1e-9).rounded(.down))
}

/// Ten to a whole power between −300 and 300.
func powerOfTen(_ exponent: Int) -> Double {
  var result = 1.0
  for _ in 0..<min(300, abs(exponent)) { result *= 10 }
  return exponent < 0 ? 1 / result : result
}
