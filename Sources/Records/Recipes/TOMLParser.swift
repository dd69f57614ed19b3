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
