import Foundation
import Testing

@testable import TerminalTesting

/// A README of the checkout: the blocks of commands in it, and the commands within its sentences.
struct Page: CustomTestStringConvertible, Sendable {
  /// Its place in the checkout.
  let place: String
  let text: String

  var testDescription: String { place }

  /// All that the checkout holds, but those that `crux` writes beside weights.
  static let all: [Page] = {
    let keys: [URLResourceKey] = [.isDirectoryKey]
    let files = FileManager.default.enumerator(
      at: Workplace.root, includingPropertiesForKeys: keys, options: .skipsHiddenFiles)
    var found: [Page] = []
    while let url = files?.nextObject() as? URL {
      if ["runs", "checkpoints", "tiny", "Rooms"].contains(url.lastPathComponent) {
        files?.skipDescendants()
      }
      guard url.lastPathComponent == "README.md",
        let text = try? String(contentsOf: url, encoding: .utf8)
      else { continue }
      let place = url.path.dropFirst(Workplace.root.path.count + 1)
      found.append(Page(place: String(place), text: text))
    }
    return found.sorted { $0.place < $1.place }
  }()

  /// The page by its place.
  static func at(_ place: String) throws -> Page {
    try #require(all.first { $0.place == place }, "\(place) is missing")
  }

  /// The text between fences, and what stands behind the first of them.
  var blocks: [(language: String, text: String)] {
    Self.inner(text.components(separatedBy: "```")).map { part in
      let end = part.firstIndex(of: "\n") ?? part.endIndex
      return (String(part[..<end]), String(part[end...].dropFirst()))
    }
  }

  /// The commands within sentences and tables, such as `crux doctor`.
  var mentions: [String] {
    var found: [String] = []
    for (place, prose) in text.components(separatedBy: "```").enumerated() where place % 2 == 0 {
      for span in Self.inner(prose.components(separatedBy: "`")) {
        let words = span.split(whereSeparator: \.isWhitespace)
        if words.first == "crux" { found.append(words.joined(separator: " ")) }
      }
    }
    return found
  }

  /// Every second part: what stands between a mark and the next one.
  private static func inner(_ parts: [String]) -> [String] {
    stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
  }
}

/// A line of a block of commands.
struct CommandLineText: Sendable {
  /// As it stands.
  let text: String
  /// Whether a time or a size stands beside it or above it, so that nobody runs it by the way.
  let isCostly: Bool

  /// The words behind `crux`, or what builds and runs it; nil where the line is no such command.
  var words: [String]? {
    var words = Self.split(text)
    while let first = words.first, first.contains("="), !first.hasPrefix("-") {
      words.removeFirst()
    }
    for start in [["crux"], ["swift", "run", "-c", "release", "crux"]]
    where words.starts(with: start) {
      return Array(words.dropFirst(start.count))
    }
    return nil
  }

  /// Lines of a block; a comment speaks of the lines below it up to the next blank one.
  static func all(in block: String) -> [CommandLineText] {
    var heading = ""
    let whole = block.replacing("\\\n", with: " ")
    return whole.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
      if line.isEmpty || line.hasPrefix("#") { heading = String(line) }
      guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
      let cost = #/[0-9.]+ (seconds?|minutes?|hours?|MB|GB)\b/#
      let beside = line.split(separator: "#").dropFirst().joined()
      return CommandLineText(
        text: String(line), isCostly: heading.contains(cost) || beside.contains(cost))
    }
  }

  /// The words of a line as a shell takes them: quotes are heeded, a comment ends it.
  static func split(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == "#", word == nil {
        break
      } else if character == " " {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}
