/// A value of a TOML file.
enum TOMLNode: Equatable, Sendable {
  case table([String: TOMLNode])
  case list([TOMLNode])
  case text(String)
  case whole(Int)
  case number(Double)
  case flag(Bool)

  /// What it is, for a sentence.
  var kind: String {
    switch self {
    case .table: "a table"
    case .list: "a list"
    case .text: "a text"
    case .whole: "a whole number"
    case .number: "a number"
    case .flag: "true or false"
    }
  }
}

/// A TOML file read whole, with the line of every key.
///
/// Of TOML 1.0 it reads what recipes and themes need: tables, inline tables, lists, texts of one
/// line, numbers, true and false. Dates, texts of several lines and lists of tables are refused in
/// a sentence. It is read here, not by a library, because every fault must be told with its line
/// and no file may end the process: the parser at hand, toml++ 3.4, aborts on `[=]`.
struct TOMLDocument {
  /// What the file is called in sentences.
  let name: String
  /// The keys at the top.
  let root: [String: TOMLNode]
  private let lines: [[String]: Int]

  /// Most bytes of a file.
  static let sizeLimit = 65_536

  /// Parses a text.
  ///
  /// - Throws: A sentence with the line of the first fault.
  init(_ text: String, name: String) throws {
    guard text.utf8.count <= TOMLDocument.sizeLimit else {
      throw RecordsError(
        "\(name) is larger than \(TOMLDocument.sizeLimit) bytes; give a smaller file.")
    }
    var parser = TOMLParser(text, name: name)
    try parser.parse()
    self.name = name
    root = parser.root
    lines = parser.lines
  }

  /// The keys of a table in the order of the file.
  func names(in path: [String]) -> [String] {
    guard case .table(let table)? = node(at: path) else { return [] }
    return table.keys.sorted {
      (lines[path + [$0]] ?? .max, $0) < (lines[path + [$1]] ?? .max, $1)
    }
  }

  /// What stands there; nil where nothing does.
  func node(at path: [String]) -> TOMLNode? {
    path.reduce(.table(root)) { node, key in
      guard case .table(let table)? = node else { return nil }
      return table[key]
    }
  }

  /// Where a key stands, such as `recipe.toml:7`; the nearest table above it if it is not found.
  func place(of path: [String]) -> String {
    for length in stride(from: path.count, to: 0, by: -1) {
      if let line = lines[Array(path.prefix(length))] { return "\(name):\(line)" }
    }
    return name
  }
}

/// Reads the tables and keys of a TOML file, and the values behind them.
struct TOMLParser {
  /// The keys at the top.
  private(set) var root: [String: TOMLNode] = [:]
  /// The line of every key and table, from 1.
  private(set) var lines: [[String]: Int] = [:]
  private var scanner: TOMLScanner
  private var headers: Set<[String]> = []
  private static let depthLimit = 16

  /// A parser at the beginning of a text.
  init(_ text: String, name: String) { scanner = TOMLScanner(text, name: name) }

  /// Reads the whole text.
  ///
  /// - Throws: A sentence with the line of the first fault.
  mutating func parse() throws {
    var table: [String] = []
    while try scanner.skipToNextEntry() {
      if scanner.take("[") {
        table = try header()
      } else {
        let path = table + (try key())
        let line = scanner.line
        try assignment()
        let value = try value(depth: 0)
        guard TOMLParser.insert(value, at: path[...], into: &root) else {
          throw scanner.fault("\(shown(path)) is said a second time, or is no table; remove one")
        }
        if lines[path] == nil { lines[path] = line }
      }
      try scanner.endLine()
    }
  }

  private func shown(_ path: [String]) -> String { Words.quoted(path.joined(separator: ".")) }

  private mutating func header() throws -> [String] {
    guard scanner.peek != UInt8(ascii: "[") else {
      throw scanner.fault("lists of tables, [[…]], are not used here; write [name]")
    }
    scanner.skipBlanks()
    let path = try key()
    guard scanner.take("]") else { throw scanner.fault("the name of a table must end with ]") }
    guard headers.insert(path).inserted else {
      throw scanner.fault("the table \(shown(path)) stands here a second time; join the two")
    }
    guard TOMLParser.insert(.table([:]), at: path[...], into: &root) else {
      throw scanner.fault("\(shown(path)) is a value already, so it cannot be a table; rename one")
    }
    if lines[path] == nil { lines[path] = scanner.line }
    return path
  }

  private mutating func key() throws -> [String] {
    var parts: [String] = []
    repeat {
      scanner.skipBlanks()
      parts.append(try scanner.keyPart())
      scanner.skipBlanks()
      guard parts.count <= TOMLParser.depthLimit else {
        throw scanner.fault("a key has more than \(TOMLParser.depthLimit) parts; shorten it")
      }
    } while scanner.take(".")
    return parts
  }

  private mutating func assignment() throws {
    guard scanner.take("=") else { throw scanner.fault("a key must be followed by = and a value") }
    scanner.skipBlanks()
  }

  private mutating func value(depth: Int) throws -> TOMLNode {
    guard depth < TOMLParser.depthLimit else {
      throw scanner.fault("values are nested deeper than \(TOMLParser.depthLimit); flatten them")
    }
    switch scanner.peek {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .text(try scanner.quotedText())
    case UInt8(ascii: "["):
      _ = scanner.take("[")
      return .list(try list(depth: depth + 1))
    case UInt8(ascii: "{"):
      _ = scanner.take("{")
      return .table(try inlineTable(depth: depth + 1))
    default: return try scanner.bareValue()
    }
  }

  private mutating func list(depth: Int) throws -> [TOMLNode] {
    var found: [TOMLNode] = []
    while true {
      guard try scanner.skipToNextEntry() else { break }
      if scanner.take("]") { return found }
      found.append(try value(depth: depth))
      guard try scanner.skipToNextEntry() else { break }
      if scanner.take("]") { return found }
      guard scanner.take(",") else { throw scanner.fault("a list goes on with a comma or ]") }
    }
    throw scanner.fault("a list does not end; close it with ]")
  }

  private mutating func inlineTable(depth: Int) throws -> [String: TOMLNode] {
    var found: [String: TOMLNode] = [:]
    scanner.skipBlanks()
    if scanner.take("}") { return found }
    repeat {
      let path = try key()
      try assignment()
      let inner = try value(depth: depth)
      guard TOMLParser.insert(inner, at: path[...], into: &found) else {
        throw scanner.fault("\(shown(path)) is said a second time; remove one")
      }
      scanner.skipBlanks()
    } while scanner.take(",")
    guard scanner.take("}") else { throw scanner.fault("a table in braces goes on with , or }") }
    return found
  }

  // False where something else stands there: the caller gives up then. A table header may name a table that is there.
  private static func insert(
    _ value: TOMLNode, at path: ArraySlice<String>, into table: inout [String: TOMLNode]
  ) -> Bool {
    guard let first = path.first else { return false }
    guard path.count > 1 else {
      if case .table = table[first], value == .table([:]) { return true }
      return table.updateValue(value, forKey: first) == nil
    }
    var inner: [String: TOMLNode] = [:]
    // Taken out while it grows, so that it is not copied for every key.
    switch table.removeValue(forKey: first) {
    case .table(let known): inner = known
    case nil: break
    default: return false
    }
    guard insert(value, at: path.dropFirst(), into: &inner) else { return false }
    table[first] = .table(inner)
    return true
  }
}

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
