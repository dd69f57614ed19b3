public import Foundation

/// One line of what `crux score` shall score: token ids or a text.
public enum ScoreInput: Equatable, Sendable {
  /// Token ids, at least one, none negative.
  case ids([Int32])
  /// A text, not empty.
  case text(String)

  /// Most tokens of a line.
  public static let longest = 1 << 20

  /// Reads a file of JSON lines, each `{"ids": […]}` or `{"text": …}`.
  ///
  /// - Throws: A sentence with the number of the first line that does not fit.
  public static func read(_ url: URL) throws -> [ScoreInput] {
    try inputs(of: try JSONLines(reading: url))
  }

  /// Reads the bytes of such a file.
  ///
  /// - Parameters:
  ///   - data: The file.
  ///   - name: What the file is called in sentences.
  /// - Returns: The lines, in order; at least one.
  /// - Throws: As `read`.
  public static func inputs(from data: Data, name: String) throws -> [ScoreInput] {
    try inputs(of: try JSONLines(data, name: name))
  }

  private struct Line: Decodable {
    // As numbers, so that one which is no token can be told.
    var ids: [Double]?
    var text: String?
  }

  private static func inputs(of file: JSONLines) throws -> [ScoreInput] {
    try file.map(Line.self, example: "{\"ids\": [1, 2, 3]} or {\"text\": \"…\"}") { line in
      switch (line.ids, line.text) {
      case (let ids?, nil):
        guard !ids.isEmpty, ids.count <= longest else {
          throw RecordsError("“ids” holds \(ids.count) tokens, not 1 to \(longest)")
        }
        return .ids(try ids.map(token))
      case (nil, let text?):
        guard !text.isEmpty else { throw RecordsError("“text” is empty") }
        return .text(text)
      case (nil, nil): throw RecordsError("there is neither “ids” nor “text”")
      default: throw RecordsError("there are both “ids” and “text”")
      }
    }
  }

  private static func token(_ number: Double) throws -> Int32 {
    guard let id = Int32(exactly: number), id >= 0 else {
      throw RecordsError("“ids” holds \(number), which is no token")
    }
    return id
  }
}
