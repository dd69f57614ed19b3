/// A JSON text as RFC 8259 has it, scanned once into a flat list of its values.
///
/// A value is named by its place in the list: the root's is 0, and what an object or a list holds
/// follows it. Numbers and texts stay as they are written until somebody reads them. Of members with
/// one name the first counts. The whole text has to be sound, whoever reads which part of it: a text
/// that is not UTF-8, or has half a surrogate pair in it, is none.
struct StoredJSON {
  /// What stands at a place.
  enum Kind: UInt8 {
    case null, no, yes, number, text, escapedText, list, object
  }

  /// Containers within containers that are read; those of an event are six deep.
  static let deepest = 512

  /// A value, or a member's name, which stands before its value.
  struct Node {
    let kind: Kind
    /// Of a number or text, its first byte.
    let start: UInt32
    /// Of a number or text, the byte after its last; of a list, how many values it has.
    fileprivate(set) var end: UInt32
    /// The place after it and all that it holds.
    fileprivate(set) var next: UInt32
  }

  // A zero follows the text: it stands nowhere in JSON, so it ends every loop.
  private let bytes: [UInt8]
  private let nodes: [Node]

  /// - Parameters:
  ///   - text: The text.
  ///   - allowsNaN: Whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python writes them.
  /// - Throws: `.unreadable` where the text is not JSON.
  init(_ text: some Collection<UInt8>, allowsNaN: Bool = false) throws(StoredFault) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count + 1)
    bytes.append(contentsOf: text)
    guard bytes.count < UInt32.max, String(validating: bytes, as: UTF8.self) != nil else {
      throw StoredFault(.unreadable)
    }
    bytes.append(0)
    var scan = JSONScan(bytes, allowsNaN: allowsNaN)
    try scan.document()
    self.bytes = bytes
    nodes = scan.nodes
  }

  /// The whole text.
  var text: ArraySlice<UInt8> { bytes.dropLast() }

  /// What stands at a place.
  func kind(at place: Int) -> Kind { nodes[place].kind }

  /// The bytes of a number or text.
  func bytes(at place: Int) -> ArraySlice<UInt8> {
    let node = nodes[place]
    return bytes[Int(node.start)..<Int(node.end)]
  }

  /// Why the value at a place is not what was asked for.
  func otherKind(at place: Int) -> StoredFault {
    StoredFault(nodes[place].kind == .null ? .null : .wrongKind)
  }

  /// Refuses what is not an object.
  func checkObject(at place: Int) throws(StoredFault) {
    guard nodes[place].kind == .object else { throw otherKind(at: place) }
  }

  /// The place of the value that an object has under a name; nil where it has none.
  func member(_ name: [UInt8], of object: Int) -> Int? {
    let end = Int(nodes[object].next)
    var key = object + 1
    while key < end {
      if isKey(nodes[key], name) { return key + 1 }
      key = Int(nodes[key + 1].next)
    }
    return nil
  }

  /// The place of an object's first name; nil where it is empty.
  func firstKey(of object: Int) -> Int? {
    nodes[object].next == object + 1 ? nil : object + 1
  }

  /// The places of an object's names and values, in order.
  func memberPlaces(of object: Int) -> [(name: Int, value: Int)] {
    let end = Int(nodes[object].next)
    var places: [(name: Int, value: Int)] = []
    var key = object + 1
    while key < end {
      places.append((key, key + 1))
      key = Int(nodes[key + 1].next)
    }
    return places
  }

  private func isKey(_ node: Node, _ name: [UInt8]) -> Bool {
    if node.kind == .escapedText { return unescaped(node).utf8.elementsEqual(name) }
    let start = Int(node.start)
    guard Int(node.end) - start == name.count else { return false }
    for offset in name.indices where bytes[start + offset] != name[offset] { return false }
    return true
  }

  /// Reads each value of a list.
  ///
  /// - Throws: What `read` throws, with the value's number.
  func list<Value>(
    at place: Int, _ read: (StoredJSON, Int) throws(StoredFault) -> Value
  ) throws(StoredFault) -> [Value] {
    let list = nodes[place]
    guard list.kind == .list else { throw otherKind(at: place) }
    var values: [Value] = []
    values.reserveCapacity(Int(list.end))
    var element = place + 1
    while element < Int(list.next) {
      do { values.append(try read(self, element)) } catch {
        throw error.within("[\(values.count)]")
      }
      element = Int(nodes[element].next)
    }
    return values
  }

  /// The text at a place.
  func text(at place: Int) throws(StoredFault) -> String {
    switch nodes[place].kind {
    case .text: String(decoding: bytes(at: place), as: UTF8.self)
    case .escapedText: unescaped(nodes[place])
    default: throw otherKind(at: place)
    }
  }

  /// The scan left no escape that is none.
  private func unescaped(_ node: Node) -> String {
    var text: [UInt8] = []
    var position = Int(node.start)
    while position < Int(node.end) {
      let byte = bytes[position]
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        position += 1
        continue
      }
      let escape = bytes[position + 1]
      position += 2
      if escape == UInt8(ascii: "u"), let scalar = JSONScan.scalar(in: bytes, at: &position) {
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      } else {
        text.append(JSONScan.meaning(ofEscape: escape) ?? escape)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// The scan of a text that ends with a zero.
private struct JSONScan {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private let allowsNaN: Bool
  private(set) var nodes: [StoredJSON.Node] = []

  init(_ bytes: [UInt8], allowsNaN: Bool) {
    self.bytes = bytes
    self.allowsNaN = allowsNaN
    nodes.reserveCapacity(bytes.count / 8 + 8)
  }

  mutating func document() throws(StoredFault) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    try value()
    guard pastSpace() == 0, position == bytes.count - 1 else { throw StoredFault(.unreadable) }
  }

  /// The next byte that is no white space.
  private mutating func pastSpace() -> UInt8 {
    while true {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
  }

  /// Takes a byte if it is the next.
  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard pastSpace() == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func note(_ kind: StoredJSON.Kind, from start: Int, to end: Int) {
    nodes.append(
      StoredJSON.Node(
        kind: kind, start: UInt32(truncatingIfNeeded: start),
        end: UInt32(truncatingIfNeeded: end), next: UInt32(truncatingIfNeeded: nodes.count + 1)))
  }

  private mutating func value() throws(StoredFault) {
    switch pastSpace() {
    case UInt8(ascii: "\""): try text()
    case UInt8(ascii: "{"): try container(.object, until: "}")
    case UInt8(ascii: "["): try container(.list, until: "]")
    case UInt8(ascii: "n"): try word("null", .null)
    case UInt8(ascii: "t"): try word("true", .yes)
    case UInt8(ascii: "f"): try word("false", .no)
    default: try number()
    }
  }

  private mutating func container(
    _ kind: StoredJSON.Kind, until end: Unicode.Scalar
  ) throws(StoredFault) {
    guard depth < StoredJSON.deepest else { throw StoredFault(.unreadable) }
    depth += 1
    position += 1
    let place = nodes.count
    note(kind, from: 0, to: 0)
    if !take(end) {
      var count: UInt32 = 0
      repeat {
        if kind == .object {
          guard pastSpace() == UInt8(ascii: "\"") else { throw StoredFault(.unreadable) }
          try text()
          guard take(":") else { throw StoredFault(.unreadable) }
        }
        try value()
        count += 1
      } while take(",")
      guard take(end) else { throw StoredFault(.unreadable) }
      nodes[place].end = count
    }
    nodes[place].next = UInt32(truncatingIfNeeded: nodes.count)
    depth -= 1
  }

  private mutating func word(
    _ word: StaticString, _ kind: StoredJSON.Kind
  ) throws(StoredFault) {
    try pass(word)
    note(kind, from: 0, to: 0)
  }

  private mutating func word(_ word: StaticString, from start: Int) throws(StoredFault) {
    try pass(word)
    note(.number, from: start, to: position)
  }

  private mutating func pass(_ word: StaticString) throws(StoredFault) {
    for offset in 0..<word.utf8CodeUnitCount {
      guard bytes[position] == word.utf8Start[offset] else { throw StoredFault(.unreadable) }
      position += 1
    }
  }

  private mutating func number() throws(StoredFault) {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    if allowsNaN, bytes[position] == UInt8(ascii: "N") || bytes[position] == UInt8(ascii: "I") {
      return try word(bytes[position] == UInt8(ascii: "N") ? "NaN" : "Infinity", from: start)
    }
    let isZero = bytes[position] == UInt8(ascii: "0")
    let whole = try digits()
    guard !isZero || whole == 1 else { throw StoredFault(.unreadable) }
    if bytes[position] == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      let sign = bytes[position]
      if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    note(.number, from: start, to: position)
  }

  /// One digit at least; returns how many.
  @discardableResult
  private mutating func digits() throws(StoredFault) -> Int {
    let start = position
    while bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    guard position > start else { throw StoredFault(.unreadable) }
    return position - start
  }

  private mutating func text() throws(StoredFault) {
    position += 1
    let start = position
    var kind = StoredJSON.Kind.text
    while bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\") {
        kind = .escapedText
        try escape()
      } else {
        guard bytes[position] >= 0x20 else { throw StoredFault(.unreadable) }
        position += 1
      }
    }
    note(kind, from: start, to: position)
    position += 1
  }

  private mutating func escape() throws(StoredFault) {
    let escape = bytes[position + 1]
    position += 2
    if escape == UInt8(ascii: "u") {
      guard JSONScan.scalar(in: bytes, at: &position) != nil else { throw StoredFault(.unreadable) }
    } else {
      guard JSONScan.meaning(ofEscape: escape) != nil else { throw StoredFault(.unreadable) }
    }
  }

  /// What a byte after a backslash stands for; nil where it is `u` or nothing.
  static func meaning(ofEscape byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }

  /// The scalar whose sixteen bits, or the two halves of which, follow `\u`; nil where there is none.
  static func scalar(in bytes: [UInt8], at position: inout Int) -> Unicode.Scalar? {
    guard let first = unit(in: bytes, at: &position) else { return nil }
    guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
    guard bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") else {
      return nil
    }
    position += 2
    guard let second = unit(in: bytes, at: &position), UTF16.isTrailSurrogate(second) else {
      return nil
    }
    return UTF16.decode(UTF16.EncodedScalar([first, second]))
  }

  private static func unit(in bytes: [UInt8], at position: inout Int) -> UInt16? {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
