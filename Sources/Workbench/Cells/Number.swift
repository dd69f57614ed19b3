/// A count in at most three digits and a unit of thousands, such as `415 k`; `?` for what is none.
func compact(_ count: Double) -> String {
  guard count.isFinite else { return "?" }
  var size = count.magnitude
  var unit = 0
  // 999.5 would round to 1000, one digit too many.
  while size >= 999.5, unit < units.count - 1 {
    size /= 1000
    unit += 1
  }
  let text = fixed(size, decimals: unit > 0 && size < 9.95 ? 1 : 0)
  return (count < 0 ? "-" : "") + text + (unit == 0 ? "" : " " + units[unit])
}

/// A count in at most three digits and a unit of thousands, such as `415 k`.
func compact(_ count: Int) -> String { compact(Double(count)) }

private let units = ["", "k", "M", "G", "T", "P", "E"]

/// A measurement of any size in about three significant digits, such as `0.012` or `2.0e-4`.
func measure(_ value: Double) -> String {
  guard value.isFinite else { return "?" }
  let size = value.magnitude
  if size == 0 { return "0" }
  if size >= 9_999.5 { return compact(value) }
  if size >= 0.01 {
    return fixed(value, decimals: size >= 99.5 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3)
  }
  let exponent = decimalExponent(size)
  // Subnormal numbers are nothing to a reader.
  guard exponent > -300 else { return "0" }
  let digits = fixed(value / powerOfTen(exponent), decimals: 1)
  return "\(digits)e\(exponent)"
}

/// An interval of shares, such as `[.38 .60]`.
func interval(_ low: Double, _ high: Double) -> String { "[\(share(low)) \(share(high))]" }

/// An interval of differences, such as `[−.57 −.34]`.
func signedInterval(_ low: Double, _ high: Double, glyphs: Glyphs) -> String {
  "[\(signed(low, glyphs: glyphs)) \(signed(high, glyphs: glyphs))]"
}
