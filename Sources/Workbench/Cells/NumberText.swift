/// A number with that many decimals, such as `3.14`; `?` for what is no number.
func fixed(_ value: Double, decimals: Int = 2) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "?" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let rounded = (abs(value) * scale).rounded()
  guard rounded < 9e18 else { return "?" }
  var digits = String(Int64(rounded))
  while digits.count <= decimals { digits = "0" + digits }
  let sign = value < 0 && rounded > 0 ? "-" : ""
  guard decimals > 0 else { return sign + digits }
  return sign + digits.dropLast(decimals) + "." + digits.suffix(decimals)
}

/// A share 0…1 without its leading zero, such as `.49`.
func share(_ value: Double, decimals: Int = 2) -> String {
  let text = fixed(value, decimals: decimals)
  return text.hasPrefix("0.") ? String(text.dropFirst()) : text
}

/// A signed share such as `+.02` or `−.46`; the sign is always written.
func signed(_ value: Double, decimals: Int = 2, glyphs: Glyphs) -> String {
  guard value.isFinite else { return "?" }
  let size = share(abs(value), decimals: decimals)
  let isZero = size.allSatisfy { $0 == "." || $0 == "0" }
  return (value < 0 && !isZero ? String(glyphs.minus) : "+") + size
}

/// Seconds as a person says them: `0.9 s`, `42 s`, `3 min 20 s`, `2 h 5 min`.
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "? s" }
  if seconds < 10 { return fixed(seconds, decimals: 1) + " s" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole % 3600 / 60) min"
}

/// A count with its thousands apart, such as `12 400`.
func grouped(_ count: Int) -> String {
  let digits = Array(String(count.magnitude))
  var text = count < 0 ? "-" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text.append(" ") }
    text.append(digit)
  }
  return text
}

/// The text filled with blanks on the right to that many cells.
func padded(_ text: String, to columns: Int) -> String {
  text + String(repeating: " ", count: max(0, columns - cellWidth(text)))
}

/// The text filled with blanks on the left to that many cells.
func aligned(_ text: String, to columns: Int) -> String {
  String(repeating: " ", count: max(0, columns - cellWidth(text))) + text
}

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
