/// A decimal number of any length, kept as digits so that long ones compare exactly.
struct DecimalText: Equatable, Sendable {
  /// Without zeros at either end; empty for zero.
  let digits: [UInt8]
  /// The power of ten of the last digit.
  let exponent: Int
  let isNegative: Bool
  /// Digits that were written after the point.
  let decimals: Int

  /// Reads digits with at most one point, perhaps followed by `e` and a whole exponent.
  init?(_ text: String) {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard parts.count <= 2, let mantissa = parts.first,
      let scale = parts.count == 2 ? Int(parts[1]) : 0, scale.magnitude < 1_000_000
    else { return nil }
    let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    let written = halves.joined().utf8
    guard (1...2).contains(halves.count), !written.isEmpty,
      written.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    decimals = halves.count == 2 ? halves[1].count : 0
    var kept = Array(written.drop { $0 == 48 })
    var power = scale - decimals
    while kept.last == 48 {
      kept.removeLast()
      power += 1
    }
    digits = kept
    exponent = kept.isEmpty ? 0 : power
    isNegative = false
  }

  private init(digits: [UInt8], exponent: Int, isNegative: Bool, decimals: Int) {
    self.digits = digits
    self.exponent = exponent
    self.isNegative = isNegative
    self.decimals = decimals
  }

  /// The number with the other sign; zero has none.
  var negated: DecimalText {
    DecimalText(
      digits: digits, exponent: exponent, isNegative: !isNegative && !digits.isEmpty,
      decimals: decimals)
  }

  /// Digits from the first that is no zero to the last that was written.
  var significantDigits: Int {
    digits.isEmpty ? 0 : max(digits.count, digits.count + exponent + decimals)
  }

  /// Whether both are the same number, however many zeros were written.
  func isSameNumber(as other: DecimalText) -> Bool {
    digits == other.digits && exponent == other.exponent && isNegative == other.isNegative
  }
}
