import Foundation
import Testing

struct ReadmeTreeTests {
  // Each file's line is the first sentence of its first documentation comment;
  // CRUX_UPDATE_README=1 writes the tree anew.
  @Test func `the README's tree is the real one`() throws {
    let readme = root.appendingPathComponent("README.md")
    let text = try String(contentsOf: readme, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- tree -->\n"))
    let end = try #require(text.range(of: "<!-- end of tree -->"))
    let tree = try "```\n" + makeTree() + "```\n"
    if ProcessInfo.processInfo.environment["CRUX_UPDATE_README"] == "1" {
      let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: tree)
      try new.write(to: readme, atomically: true, encoding: .utf8)
    } else {
      #expect(text[begin.upperBound..<end.lowerBound] == tree)
    }
  }

  private func makeTree() throws -> String {
    let order = [
      "Tensors", "LanguageModel", "Trajectories", "Learning", "Records", "Workbench", "Terminal",
      "Crux",
    ]
    let files = try swiftFiles(in: "Sources")
    return order.map { room in
      let rows = files.filter { $0.room == room }
      let folders = Set(rows.map(\.folder)).sorted()
      return "\(room)/\n" + folders.map { lines(of: $0, in: rows) }.joined()
    }.joined()
  }

  /// A folder of a room and its files; what lies in the room itself has no title.
  private func lines(of folder: String, in rows: [SourceFile]) -> String {
    let title = folder.isEmpty ? "" : "  \(folder)/\n"
    let indent = folder.isEmpty ? "  " : "    "
    let files = rows.filter { $0.folder == folder }.sorted { $0.description < $1.description }
    return title
      + files.map { file in
        let name = (indent + file.url.lastPathComponent)
          .padding(toLength: 34, withPad: " ", startingAt: 0)
        return "\(name) \(file.sentence)\n"
      }.joined()
  }
}

extension SourceFile {
  /// The folder within its room; empty for the room itself.
  fileprivate var folder: String {
    let above = url.deletingLastPathComponent().lastPathComponent
    return above == room ? "" : above
  }

  /// The first sentence of the first documentation comment.
  fileprivate var sentence: String {
    var words: [Substring] = []
    for line in lines {
      let code = line.drop { $0 == " " }
      if code.hasPrefix("///") {
        words.append(code.dropFirst(3).drop { $0 == " " })
        if code.hasSuffix(".") { break }
      } else if !words.isEmpty {
        break
      }
    }
    let text = words.joined(separator: " ")
    return text.count <= 110 ? text : String(text.prefix(107)) + "…"
  }
}
