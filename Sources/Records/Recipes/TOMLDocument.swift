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
