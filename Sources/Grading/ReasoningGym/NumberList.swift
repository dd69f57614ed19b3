/// Reads a list of numbers from JSON as Python reads it.
struct NumberList {
  private let text: [Unicode.Scalar]
  private var place = 0

  private init(_ text: [Unicode.Scalar]) { self.text = text }

  /// The numbers of a list; nil for anything else.
  ///
  /// They are JSON's, among them NaN and Infinity, truth values as 1 and 0, and texts that Python's
  /// `float` reads. Single quotes count as double ones.
  static func read(_ text: [Unicode.Scalar]) -> [Double]? {
    var list = NumberList(text.map { $0 == "'" ? "\"" : $0 })
    guard let numbers = list.numbers() else { return nil }
    list.skipSpace()
    return list.place == list.text.count ? numbers : nil
  }

  private mutating func numbers() -> [Double]? {
    skipSpace()
    guard take("[") else { return nil }
    skipSpace()
    if take("]") { return [] }
    var numbers: [Double] = []
    while let number = number() {
      numbers.append(number)
      skipSpace()
      if take("]") { return numbers }
      guard take(",") else { return nil }
      skipSpace()
    }
    return nil
  }

  private mutating func skipSpace() {
    while place < text.count, " \t\n\r".unicodeScalars.contains(text[place]) { place += 1 }
  }

  private mutating func take(_ mark: String) -> Bool {
    let scalars = mark.unicodeScalars
    guard text[place...].starts(with: scalars) else { return false }
    place += scalars.count
    return true
  }

  private mutating func number() -> Double? {
    if take("\"") { return string().flatMap { PythonNumber.real($0) } }
    let words: [(String, Double)] = [
      ("true", 1), ("false", 0), ("NaN", .nan), ("Infinity", .infinity), ("-Infinity", -.infinity),
    ]
    for (word, value) in words where take(word) { return value }
    return plainNumber()
  }

  /// A number as JSON has it: no plus before it, no leading zeros, digits around the point.
  private mutating func plainNumber() -> Double? {
    let start = place
    _ = take("-")
    let first = place
    guard digits() > 0, text[first] != "0" || place == first + 1 else { return nil }
    let whole = place - first
    var isWhole = true
    let end = place
    if take(".") {
      if digits() > 0 { isWhole = false } else { place = end }
    }
    let mark = place
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      if digits() > 0 { isWhole = false } else { place = mark }
    }
    guard let value = Double(text[start..<place].text) else { return nil }
    // A whole number is not read beyond so many digits, and is no float beyond the doubles.
    return isWhole && (whole > PythonNumber.digitLimit || value.isInfinite) ? nil : value
  }

  private mutating func digits() -> Int {
    let start = place
    while place < text.count, text[place].isASCIIDigit { place += 1 }
    return place - start
  }

  /// The rest of a string up to its quote.
  private mutating func string() -> [Unicode.Scalar]? {
    var result: [Unicode.Scalar] = []
    while place < text.count {
      let scalar = text[place]
      place += 1
      switch scalar {
      case "\"": return result
      case "\\":
        guard let escaped = escape() else { return nil }
        result.append(escaped)
      case _ where scalar.value < 0x20: return nil
      default: result.append(scalar)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard place < text.count else { return nil }
    place += 1
    switch text[place - 1] {
    case "\"", "\\", "/": return text[place - 1]
    case "b": return "\u{08}"
    case "f": return "\u{0C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u": return unicodeEscape()
    default: return nil
    }
  }

  private mutating func unicodeEscape() -> Unicode.Scalar? {
    guard let first = hexadecimal() else { return nil }
    guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
    guard take("\\u"), let second = hexadecimal(), (0xDC00..<0xE000).contains(second) else {
      return nil
    }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  private mutating func hexadecimal() -> UInt32? {
    guard place + 4 <= text.count else { return nil }
    let digits = text[place..<(place + 4)]
    guard digits.allSatisfy({ $0.isASCII && $0.properties.isASCIIHexDigit }) else { return nil }
    place += 4
    return UInt32(digits.text, radix: 16)
  }
}
