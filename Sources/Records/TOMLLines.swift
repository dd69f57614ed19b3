/// Finds the line on which a key of a TOML file stands.
///
/// The parser forgets lines, so the text is read a second time for its keys alone. A key within
/// an inline table counts as standing on the line of that table.
struct TOMLLines {
  private var found: [[String]: Int] = [:]

  /// Reads the keys of a text.
  init(_ text: String) {
    var table: [String] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      var rest = line.drop(while: TOMLLines.isBlank)
      guard rest.first == "[" else {
        guard let key = TOMLLines.key(&rest), rest.first == "=" else { continue }
        note(table + key, line: index + 1)
        continue
      }
      rest = rest.drop { $0 == "[" || TOMLLines.isBlank($0) }
      guard let key = TOMLLines.key(&rest), rest.first == "]" else { continue }
      table = key
      note(table, line: index + 1)
    }
  }

  /// The line of a key, from 1, or of the nearest key above it; nil where neither is found.
  func line(of path: [String]) -> Int? {
    for length in stride(from: path.count, to: 0, by: -1) {
      if let line = found[Array(path.prefix(length))] { return line }
    }
    return nil
  }

  private mutating func note(_ path: [String], line: Int) {
    if found[path] == nil { found[path] = line }
  }

  // Takes a dotted key, and the blanks after it, off the front.
  private static func key(_ rest: inout Substring) -> [String]? {
    var parts: [String] = []
    while let part = part(&rest) {
      parts.append(part)
      rest = rest.drop(while: isBlank)
      guard rest.first == "." else { return parts }
      rest = rest.dropFirst().drop(while: isBlank)
    }
    return nil
  }

  private static func part(_ rest: inout Substring) -> String? {
    guard let first = rest.first else { return nil }
    if first == "\"" || first == "'" {
      let inner = rest.dropFirst().prefix { $0 != first }
      rest = rest.dropFirst(inner.count + 2)
      return String(inner)
    }
    let bare = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
    rest = rest.dropFirst(bare.count)
    return bare.isEmpty ? nil : String(bare)
  }

  private static func isBlank(_ character: Character) -> Bool {
    character == " " || character == "\t"
  }
}
