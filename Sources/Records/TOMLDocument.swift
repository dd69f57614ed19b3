import Foundation
import TOMLKit

/// A value of a TOML file.
enum TOMLNode: Equatable {
  case table([String: TOMLNode])
  case array([TOMLNode])
  case text(String)
  case whole(Int)
  case number(Double)
  case flag(Bool)
  case date

  /// What it is, for a sentence.
  var kind: String {
    switch self {
    case .table: "a table"
    case .array: "a list"
    case .text: "a text"
    case .whole: "a whole number"
    case .number: "a number"
    case .flag: "true or false"
    case .date: "a date or time"
    }
  }
}

/// A TOML file read whole, with the line of every key.
struct TOMLDocument {
  /// What the file is called in sentences.
  let name: String
  /// The keys at the top.
  let root: [String: TOMLNode]
  private let lines: TOMLLines

  /// Most bytes of a file.
  static let sizeLimit = 262_144
  private static let lineLimit = 4096
  private static let depthLimit = 12

  /// Parses a text.
  ///
  /// - Throws: A sentence with the line where it is not TOML, or too long or deep to be meant.
  init(_ text: String, name: String) throws {
    self.name = name
    try TOMLDocument.refuseAbsurd(text, name: name)
    lines = TOMLLines(text)
    let table: TOMLTable
    do { table = try TOMLTable(string: text) } catch let error as TOMLParseError {
      let reason = error.description.split(whereSeparator: \.isNewline).joined(separator: " ")
      throw RecordsError("\(name):\(error.source.begin.line): \(Words.inert(reason)).")
    }
    guard case .table(let root)? = TOMLDocument.node(table, depth: 0) else {
      throw RecordsError("\(name) is nested deeper than \(TOMLDocument.depthLimit) tables.")
    }
    self.root = root
  }

  /// Where a key stands, such as `recipe.toml:7`; the nearest table above it if it is not found.
  func place(of path: [String]) -> String {
    lines.line(of: path).map { "\(name):\($0)" } ?? name
  }

  // The parser below is C++: it stops at a NUL, and it recurses once for every dot of a key.
  private static func refuseAbsurd(_ text: String, name: String) throws {
    guard text.utf8.count <= sizeLimit else {
      throw RecordsError("\(name) is larger than \(sizeLimit) bytes; give a smaller file.")
    }
    var line = 1
    var length = 0
    for byte in text.utf8 {
      guard byte != 0 else { throw RecordsError("\(name):\(line): a NUL byte; remove it.") }
      length = byte == 0x0A ? 0 : length + 1
      line += byte == 0x0A ? 1 : 0
      guard length <= lineLimit else {
        throw RecordsError("\(name):\(line): longer than \(lineLimit) bytes; break it up.")
      }
    }
  }

  // Nil where it is nested too deeply.
  private static func node(_ value: any TOMLValueConvertible, depth: Int) -> TOMLNode? {
    guard depth <= depthLimit else { return nil }
    switch value.type {
    case .table:
      guard let table = value.table else { return nil }
      var found: [String: TOMLNode] = [:]
      for key in table.keys {
        // A key with an escaped NUL cannot be asked for: it is no key of ours.
        guard let inner = table[key] else { continue }
        guard let node = node(inner, depth: depth + 1) else { return nil }
        found[key] = node
      }
      return .table(found)
    case .array:
      guard let array = value.array else { return nil }
      var found: [TOMLNode] = []
      for inner in array {
        guard let node = node(inner, depth: depth + 1) else { return nil }
        found.append(node)
      }
      return .array(found)
    case .string: return .text(value.string ?? "")
    case .int: return .whole(value.int ?? 0)
    case .double: return .number(value.double ?? 0)
    case .bool: return .flag(value.bool ?? false)
    case .date, .time, .dateTime: return .date
    }
  }
}
