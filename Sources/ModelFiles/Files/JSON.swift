/// A JSON value that keeps what Foundation's reader loses: the order of keys, numbers as written,
/// and the difference between strings that are only canonically equal.
enum JSON: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, as it was written.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object, in the order it was written; no key twice.
  case object([JSONMember])

  /// A whole number.
  static func integer(_ value: Int) -> JSON { .number(String(value)) }

  /// A finite number, such that reading it back gives the same.
  static func double(_ value: Double) -> JSON {
    value == value.rounded() && abs(value) < 1e15
      ? .number("\(Int(value)).0") : .number("\(value)")
  }

  /// The value of a key; nil where this is no object or lacks the key.
  subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// Whether this is `null`.
  var isNull: Bool { self == .null }

  /// The string; nil for anything else.
  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The truth value; nil for anything else.
  var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements; nil for anything else.
  var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members; nil for anything else.
  var members: [JSONMember]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The number where it is finite; nil for anything else.
  var double: Double? {
    guard case .number(let text) = self, let value = Double(text), value.isFinite else {
      return nil
    }
    return value
  }

  /// The number where it is whole and exact; nil for anything else.
  var integer: Int? {
    guard case .number(let text) = self else { return nil }
    if let value = Int(text) { return value }
    guard let value = Double(text), value == value.rounded(), abs(value) < 9e15 else { return nil }
    return Int(value)
  }

  /// Sets a key of an object; a new one goes to the end, `null` included.
  mutating func set(_ key: String, _ value: JSON) {
    guard case .object(var members) = self else { return }
    if let index = members.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) {
      members[index].value = value
    } else {
      members.append(JSONMember(key: key, value: value))
    }
    self = .object(members)
  }

  /// Removes a key of an object.
  mutating func remove(_ key: String) {
    guard case .object(let members) = self else { return }
    self = .object(members.filter { !$0.key.utf8.elementsEqual(key.utf8) })
  }
}

extension JSON: ExpressibleByDictionaryLiteral {
  /// An object in the order given.
  init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { JSONMember(key: $0.0, value: $0.1) })
  }
}

/// One key of an object and its value.
struct JSONMember: Equatable, Sendable {
  /// The key.
  var key: String
  /// The value.
  var value: JSON
}

/// Reads one JSON value from bytes (RFC 8259) and refuses keys that occur twice.
struct JSONReader {
  private let bytes: [UInt8]
  private let file: String
  private var position = 0
  private var depth = 0

  /// Reads the bytes as exactly one value.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8.
  ///   - file: Named in errors.
  /// - Returns: The value.
  /// - Throws: `ModelFileError` with line and byte.
  static func read(_ bytes: [UInt8], file: String) throws -> JSON {
    var reader = JSONReader(bytes: bytes, file: file)
    let value = try reader.value()
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.error("something follows the end") }
    return value
  }

  private init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  private func error(_ problem: String) -> ModelFileError {
    let line = bytes.prefix(position).reduce(1) { $1 == 10 ? $0 + 1 : $0 }
    return ModelFileError(
      file: file,
      problem: "this is not JSON: \(problem) (line \(line), byte \(position)); "
        + "the file may be damaged or incomplete, fetch it again.")
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { position += 1 }
  }

  private mutating func expect(_ byte: UInt8) throws {
    guard next == byte else {
      throw error("‘\(Character(Unicode.Scalar(byte)))’ is missing")
    }
    position += 1
  }

  private mutating func value() throws -> JSON {
    skipSpace()
    guard depth < 64 else { throw error("values are nested more than 64 deep") }
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws -> JSON {
    for byte in word.utf8 {
      guard next == byte else { throw error("a value is missing") }
      position += 1
    }
    return value
  }

  private mutating func array() throws -> JSON {
    position += 1
    depth += 1
    defer { depth -= 1 }
    var elements: [JSON] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      elements.append(try value())
      skipSpace()
      if next == UInt8(ascii: "]") { break }
      try expect(UInt8(ascii: ","))
    }
    position += 1
    return .array(elements)
  }

  private mutating func object() throws -> JSON {
    position += 1
    depth += 1
    defer { depth -= 1 }
    var members: [JSONMember] = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      position += 1
      return .object([])
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("a key is missing") }
      let key = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"))
      members.append(JSONMember(key: key, value: try value()))
      skipSpace()
      if next == UInt8(ascii: "}") { break }
      try expect(UInt8(ascii: ","))
    }
    position += 1
    try refuseDuplicates(members)
    return .object(members)
  }

  private func refuseDuplicates(_ members: [JSONMember]) throws {
    // Hashes first: a vocabulary has many keys, and equal hashes are rare.
    var hashes = Set<Int>(minimumCapacity: members.count)
    let mayRepeat = members.contains { member in
      var hasher = Hasher()
      var key = member.key
      key.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
      return !hashes.insert(hasher.finalize()).inserted
    }
    guard mayRepeat else { return }
    // Compared as bytes: Swift's strings are equal when only canonically equivalent.
    var seen = Set<[UInt8]>(minimumCapacity: members.count)
    for member in members where !seen.insert(Array(member.key.utf8)).inserted {
      throw error("the key \(quoted(member.key)) occurs twice in one object")
    }
  }
}

extension JSONReader {
  private mutating func digits() throws {
    guard let first = next, first >= 48, first <= 57 else { throw error("a value is missing") }
    while let byte = next, byte >= 48, byte <= 57 { position += 1 }
  }

  private mutating func number() throws -> String {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if next == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    guard position - start <= 400 else { throw error("a number has more than 400 digits") }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func string() throws -> String {
    position += 1
    let start = position
    // Most strings have no escapes and are taken whole.
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 32 {
      position += 1
    }
    if next == UInt8(ascii: "\""),
      let whole = String(validating: bytes[start..<position], as: UTF8.self)
    {
      position += 1
      return whole
    }
    var text = Array(bytes[start..<position])
    while true {
      guard let byte = next else { throw error("a string does not end") }
      guard byte >= 32 else { throw error("a control character stands in a string") }
      position += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") { try escape(into: &text) } else { text.append(byte) }
    }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw error("a string is not UTF-8")
    }
    return string
  }

  private mutating func escape(into text: inout [UInt8]) throws {
    guard let byte = next else { throw error("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "u"): text += Array(String(try unicodeEscape()).utf8)
    default: throw error("an escape in a string is unknown")
    }
  }

  private mutating func unicodeEscape() throws -> Unicode.Scalar {
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, next == UInt8(ascii: "\\") else {
      throw error("half of a surrogate pair stands alone")
    }
    position += 1
    try expect(UInt8(ascii: "u"))
    let second = try fourHexDigits()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + second - 0xDC00)
    else { throw error("half of a surrogate pair stands alone") }
    return scalar
  }

  private mutating func fourHexDigits() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("an escape in a string is not four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}

extension JSON {
  /// The value as text, two spaces a level, ended by a newline.
  var prettyText: String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  /// The value as text without any space.
  var compactText: String {
    var text = ""
    write(to: &text, indent: nil)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let number): text += number
    case .string(let string): JSON.write(string, to: &text)
    case .array(let elements):
      JSON.writeList(elements, "[", "]", to: &text, indent: indent) { element, text, inner in
        element.write(to: &text, indent: inner)
      }
    case .object(let members):
      JSON.writeList(members, "{", "}", to: &text, indent: indent) { member, text, inner in
        JSON.write(member.key, to: &text)
        text += inner == nil ? ":" : ": "
        member.value.write(to: &text, indent: inner)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], _ open: String, _ close: String, to text: inout String, indent: Int?,
    body: (Element, inout String, Int?) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      if let indent { text += "\n" + String(repeating: " ", count: indent + 2) }
      body(element, &text, indent.map { $0 + 2 })
    }
    if let indent, !elements.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
    text += close
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 32 || scalar.value == 127:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
