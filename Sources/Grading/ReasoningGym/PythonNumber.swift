import BigInt
import Foundation

// How Python takes texts apart and which of them it reads as numbers: rewards that it gave depend
// on it. Everything is by code points, for it knows no other characters.

extension Unicode.Scalar {
  /// Whether Python's `str.isspace` holds.
  var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
      0x205F, 0x3000:
      true
    default: false
    }
  }

  /// Whether it is one of 0…9.
  var isASCIIDigit: Bool { (0x30...0x39).contains(value) }

  /// The value of a decimal digit of any script.
  var decimalDigit: Int? {
    if value < 0x80 { return isASCIIDigit ? Int(value - 0x30) : nil }
    guard properties.generalCategory == .decimalNumber else { return nil }
    return properties.numericValue.map { Int($0) }
  }

  /// Whether a regular expression's `\w` fits.
  var isWordCharacter: Bool {
    if value < 0x80 { return properties.isAlphabetic || decimalDigit != nil || self == "_" }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }

  /// Whether `str.splitlines` ends a line here.
  var endsLine: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}

extension BidirectionalCollection where Element == Unicode.Scalar {
  /// Without what fits at both ends.
  func stripped(_ fits: (Unicode.Scalar) -> Bool = \.isPythonSpace) -> SubSequence {
    var rest = self[...]
    while let first = rest.first, fits(first) { rest = rest.dropFirst() }
    while let last = rest.last, fits(last) { rest = rest.dropLast() }
    return rest
  }

  /// The words between white space.
  var words: [SubSequence] { split(whereSeparator: \.isPythonSpace) }
}

extension Collection where Element == Unicode.Scalar {
  /// The text of these code points.
  var text: String { String(String.UnicodeScalarView(self)) }
}

/// The numbers that Python's types read from text.
enum PythonNumber {
  /// Longer whole numbers are refused by Python since 3.10.7.
  static let digitLimit = 4300

  /// What `int` reads: a sign and digits of any script, with single underscores between them.
  static func whole(_ text: some BidirectionalCollection<Unicode.Scalar>) -> BigInt? {
    var rest = text.stripped()
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    guard let digits = digits(rest), digits.count <= digitLimit else { return nil }
    return BigInt(digits).map { isNegative ? -$0 : $0 }
  }

  /// What `float` reads, as the nearest double; infinities and not-a-number too.
  static func real(_ text: some BidirectionalCollection<Unicode.Scalar>) -> Double? {
    var rest = text.stripped()
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    let value: Double?
    switch rest.text.lowercased() {
    case "inf", "infinity": value = .infinity
    case "nan": value = .nan
    default: value = parts(rest).flatMap { Double("\($0.0).\($0.1)e\($0.2)") }
    }
    return value.map { isNegative ? -$0 : $0 }
  }

  /// What `Decimal` reads; nil for infinities, which no answer is, and for what is not a number.
  static func decimal(_ text: some BidirectionalCollection<Unicode.Scalar>) -> PythonDecimal? {
    var rest = text.stripped().filter { $0 != "_" }[...]
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    guard let (whole, after, power) = parts(rest) else { return nil }
    let leading = (whole + after).drop { $0 == "0" }
    let digits = leading.trimmingZeros
    guard let scale = Int(power), abs(scale) <= PythonDecimal.powerLimit else { return nil }
    let exponent = scale - after.utf8.count + (leading.utf8.count - digits.utf8.count)
    guard exponent + digits.utf8.count - 1 <= PythonDecimal.powerLimit else { return nil }
    return digits.isEmpty
      ? PythonDecimal(isNegative: false, digits: "", exponent: 0)
      : PythonDecimal(isNegative: isNegative, digits: String(digits), exponent: exponent)
  }

  /// What `Fraction` reads, as a double: a quotient of whole numbers without space around the
  /// slash (Python 3.12 allows it), or a decimal number; nil beyond the doubles.
  static func fraction(_ text: some BidirectionalCollection<Unicode.Scalar>) -> Double? {
    var rest = text.stripped()
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    let value: Double?
    if let slash = rest.firstIndex(of: "/") {
      guard let upper = digits(rest[..<slash]), let lower = digits(rest[slash...].dropFirst()),
        max(upper.utf8.count, lower.utf8.count) <= digitLimit, let over = BigInt(upper),
        let under = BigInt(lower), under != 0
      else { return nil }
      value = BinaryFloat.ratio(over, under, precision: 53).double
    } else {
      guard let (whole, after, power) = parts(rest),
        max(whole.utf8.count, after.utf8.count, power.utf8.count) <= digitLimit
      else { return nil }
      value = Double("\(whole).\(after)e\(power)")
    }
    guard let value, value.isFinite else { return nil }
    // Nothing has no sign, but what is too small for a double keeps it.
    let isNothing =
      value == 0
      && !rest.prefix { !"/eE".unicodeScalars.contains($0) }
        .contains { ($0.decimalDigit ?? 0) > 0 }
    return isNegative && !isNothing ? -value : value
  }

  /// The whole digits, those after the point, and the power of ten of a number without its sign.
  private static func parts(
    _ text: some BidirectionalCollection<Unicode.Scalar>
  ) -> (String, String, String)? {
    let mark = text.firstIndex { $0 == "e" || $0 == "E" }
    var power = "0"
    if let mark {
      var written = text[mark...].dropFirst()
      let sign = written.first == "-" ? "-" : ""
      if written.first == "-" || written.first == "+" { written = written.dropFirst() }
      guard let digits = digits(written) else { return nil }
      let short = digits.drop { $0 == "0" }
      // No double and no decimal comes from a larger one.
      power = sign + (short.isEmpty ? "0" : short.utf8.count > 18 ? "9999999999999999999" : short)
    }
    let number = text[..<(mark ?? text.endIndex)]
    let point = number.firstIndex(of: ".") ?? number.endIndex
    let (whole, after) = (number[..<point], number[point...].dropFirst())
    guard !whole.isEmpty || !after.isEmpty else { return nil }
    guard let left = whole.isEmpty ? "0" : digits(whole),
      let right = after.isEmpty ? "" : digits(after)
    else { return nil }
    return (left, right.isEmpty ? "0" : right, power)
  }

  /// ASCII digits of a run of digits with single underscores between them; nil for anything else.
  static func digits(_ text: some Collection<Unicode.Scalar>) -> String? {
    var bytes: [UInt8] = []
    var wasDigit = false
    for scalar in text {
      if let digit = scalar.decimalDigit {
        bytes.append(0x30 + UInt8(digit))
        wasDigit = true
      } else {
        guard scalar == "_", wasDigit else { return nil }
        wasDigit = false
      }
    }
    return wasDigit ? String(decoding: bytes, as: UTF8.self) : nil
  }
}

/// A decimal number of any size; equal ones are written alike.
struct PythonDecimal: Equatable {
  /// Python's largest exponent.
  static let powerLimit = 999_999_999_999_999_999
  var isNegative: Bool
  /// Without zeros at either end.
  var digits: String
  var exponent: Int
}

extension Substring {
  fileprivate var trimmingZeros: Substring {
    var rest = self
    while rest.last == "0" { rest.removeLast() }
    return rest
  }
}
