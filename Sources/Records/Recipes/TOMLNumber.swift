/// Reads the words of TOML that stand without quotes.
enum TOMLNumber {
  /// The number, or true or false, that a word stands for; nil where it is none.
  static func node(_ word: String) -> TOMLNode? {
    switch word {
    case "true": return .flag(true)
    case "false": return .flag(false)
    case "inf", "+inf": return .number(.infinity)
    case "-inf": return .number(-.infinity)
    case "nan", "+nan", "-nan": return .number(.nan)
    default: break
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.hasPrefix(prefix) {
      return digits(word.utf8.dropFirst(2), radix: radix).flatMap { Int($0, radix: radix) }
        .map { .whole($0) }
    }
    return decimal(word)
  }

  // Sign, whole part, then perhaps a fraction and an exponent; underscores between digits.
  private static func decimal(_ word: String) -> TOMLNode? {
    var rest = word.utf8[...]
    let sign = takeSign(&rest)
    guard let whole = takeDigits(&rest), whole == "0" || !whole.hasPrefix("0") else { return nil }
    guard !rest.isEmpty else { return Int(sign + whole).map { .whole($0) } }
    var text = sign + whole
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard let fraction = takeDigits(&rest) else { return nil }
      text += "." + fraction
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      let sign = takeSign(&rest)
      guard let exponent = takeDigits(&rest) else { return nil }
      text += "e" + sign + exponent
    }
    return rest.isEmpty ? Double(text).map { .number($0) } : nil
  }

  private static func takeSign(_ rest: inout Substring.UTF8View) -> String {
    guard let first = rest.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") else {
      return ""
    }
    rest = rest.dropFirst()
    return first == UInt8(ascii: "-") ? "-" : ""
  }

  private static func takeDigits(_ rest: inout Substring.UTF8View) -> String? {
    let taken = rest.prefix {
      $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
    rest = rest.dropFirst(taken.count)
    return digits(taken, radix: 10)
  }

  // The digits without their underscores; nil where one is no digit or an underscore stands alone.
  private static func digits(_ bytes: Substring.UTF8View, radix: Int) -> String? {
    let parts = Substring(bytes).split(separator: "_", omittingEmptySubsequences: false)
    let valid = parts.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.hexDigitValue ?? radix) < radix }
    }
    return valid ? parts.joined() : nil
  }
}
