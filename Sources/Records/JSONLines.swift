import Foundation

/// A file of JSON objects, one a line.
struct JSONLines {
  /// What the file is called in sentences.
  let name: String
  /// The lines that are not blank, each with its number, from 1.
  let lines: [(number: Int, text: Data)]

  /// Most bytes of a file.
  static let sizeLimit = 256 << 20
  /// Most bytes of a line.
  static let lineLimit = 4 << 20

  /// Reads a file.
  init(reading url: URL) throws {
    let data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    try self.init(data, name: url.lastPathComponent)
  }

  /// Lines that were cut already.
  init(_ lines: [(number: Int, text: Data)], name: String) {
    (self.lines, self.name) = (lines, name)
  }

  /// Cuts bytes into lines; `\n` and `\r\n` both end one.
  ///
  /// - Throws: A sentence where there is nothing at all, or a line is absurdly long.
  init(_ data: Data, name: String) throws {
    self.name = name
    var found: [(number: Int, text: Data)] = []
    var number = 0
    for line in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { continue }
      guard line.count <= JSONLines.lineLimit else {
        throw RecordsError(
          "\(name):\(number): longer than \(JSONLines.lineLimit) bytes; shorten it.")
      }
      found.append((number, Data(line)))
    }
    guard !found.isEmpty else {
      throw RecordsError("\(name) is empty; write one JSON object a line.")
    }
    lines = found
  }

  /// Decodes every line and turns it into what is wanted.
  ///
  /// - Throws: A sentence with the number of the first line that does not fit.
  func map<Line: Decodable, Result>(
    _ type: Line.Type, example: String, _ transform: (Line) throws -> Result
  ) throws -> [Result] {
    let decoder = JSONDecoder()
    return try lines.map { number, text in
      do { return try transform(try decoder.decode(type, from: text)) } catch {
        let reason = JSONLines.reason(error)
        throw RecordsError("\(name):\(number): \(reason); write a line such as \(example).")
      }
    }
  }

  private static func reason(_ error: any Error) -> String {
    if let error = error as? RecordsError { return error.description }
    switch error as? DecodingError {
    case .typeMismatch(_, let context) where context.codingPath.isEmpty:
      return "not a JSON object"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(path(context)) is of the wrong kind"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "\(path(context)) does not fit"
    default: return "not valid JSON"
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    Words.quoted(
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined())
  }
}
