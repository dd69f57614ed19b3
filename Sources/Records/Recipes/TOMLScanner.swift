/// Reads the smallest parts of a TOML file: blanks, comments, key parts, texts, bare words.
struct TOMLScanner {
  /// The line that is being read, from 1.
  private(set) var line = 1
  private let bytes: [UInt8]
  private let name: String
  private var index = 0

  /// A scanner at the beginning of a text.
  init(_ text: String, name: String) {
    bytes = Array(text.utf8)
    self.name = name
    // A byte order mark says nothing in UTF-8.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  /// The next byte; nil at the end.
  var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// A sentence about this line.
  func fault(_ sentence: String) -> RecordsError { RecordsError("\(name):\(line): \(sentence).") }

  /// Takes that character if it comes next.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// Passes over spaces and tabs.
  mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x09 { index += 1 }
  }

  /// Passes over blanks, comments and line ends; false at the end of the text.
  mutating func skipToNextEntry() throws -> Bool {
    while true {
      skipBlanks()
      if peek == UInt8(ascii: "#") { try comment() }
      guard peek != nil else { return false }
      guard takeLineEnd() else { return true }
    }
  }

  /// Passes over the rest of a line, which may hold a comment and nothing else.
  mutating func endLine() throws {
    skipBlanks()
    if peek == UInt8(ascii: "#") { try comment() }
    guard peek == nil || takeLineEnd() else {
      throw fault("\(Words.quoted(rest())) is left over at the end of the line; remove it")
    }
  }

  /// Takes a bare or quoted part of a key.
  mutating func keyPart() throws -> String {
    if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") { return try quotedText() }
    let start = index
    while let byte = peek, TOMLScanner.isKeyByte(byte) { index += 1 }
    guard index > start else {
      let seen = rest()
      throw fault(seen.isEmpty ? "a key is missing" : "\(Words.quoted(seen)) is not a key")
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  /// Takes a text in quotes of either kind.
  mutating func quotedText() throws -> String {
    guard let quote = peek else { throw fault("a text is missing") }
    guard !bytes[index...].starts(with: [quote, quote, quote]) else {
      throw fault("texts of several lines are not used here; write it on one line")
    }
    index += 1
    var text: [UInt8] = []
    while let byte = peek, byte != 0x0A, byte != 0x0D {
      index += 1
      if byte == quote { return String(decoding: text, as: UTF8.self) }
      guard byte == 0x09 || (byte >= 0x20 && byte != 0x7F) else { throw controlCharacter(byte) }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        text += Array(String(try escaped()).utf8)
      } else {
        text.append(byte)
      }
    }
    throw fault("a text does not end; close its quotes on the same line")
  }

  /// Takes a number, true or false.
  mutating func bareValue() throws -> TOMLNode {
    let start = index
    while let byte = peek, TOMLScanner.isKeyByte(byte) || "+.:".utf8.contains(byte) { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    if let node = TOMLNumber.node(word) { return node }
    guard !word.isEmpty else {
      throw fault("a value is missing: a number, true, false or a text in quotes")
    }
    throw fault("\(Words.quoted(word)) is not a value; a text needs quotes")
  }

  private mutating func comment() throws {
    while let byte = peek, byte != 0x0A {
      guard byte == 0x09 || byte == 0x0D || (byte >= 0x20 && byte != 0x7F) else {
        throw controlCharacter(byte)
      }
      index += 1
    }
  }

  private mutating func takeLineEnd() -> Bool {
    let returns = peek == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
    guard returns || peek == 0x0A else { return false }
    index += returns ? 2 : 1
    line += 1
    return true
  }

  private func controlCharacter(_ byte: UInt8) -> RecordsError {
    fault("a control character (byte \(byte)) stands here; remove it")
  }

  // What is left of the line, for a sentence.
  private func rest() -> String {
    String(decoding: bytes[index...].prefix(200).prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
  }

  private mutating func escaped() throws -> Unicode.Scalar {
    guard let byte = peek else { throw fault("a text ends with \\") }
    index += 1
    switch byte {
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "u"): return try scalar(digits: 4)
    case UInt8(ascii: "U"): return try scalar(digits: 8)
    default:
      throw fault("a \\ in a text stands before b, t, n, f, r, u, U, \" or another \\; double it")
    }
  }

  private mutating func scalar(digits count: Int) throws -> Unicode.Scalar {
    let digits = bytes[index...].prefix(count)
    let hexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    guard digits.count == count, hexadecimal,
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(value)
    else { throw fault("\\u and \\U need 4 and 8 hexadecimal digits of a Unicode character") }
    index += count
    return scalar
  }

  private static func isKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
