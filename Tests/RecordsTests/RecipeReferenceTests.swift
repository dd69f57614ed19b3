import Foundation
import Testing
import Trajectories

@testable import Records

/// The page of all keys in `samples/README.md` is the table of keys.
struct RecipeReferenceTests {
  // CRUX_UPDATE_README=1 writes the tables anew.
  @Test func `the page's recipe keys are those of the table`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("samples/README.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- recipe keys -->\n"))
    let end = try #require(text.range(of: "<!-- end of recipe keys -->"))
    if ProcessInfo.processInfo.environment["CRUX_UPDATE_README"] == "1" {
      let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: reference)
      try new.write(to: page, atomically: true, encoding: .utf8)
    } else {
      #expect(text[begin.upperBound..<end.lowerBound] == reference)
    }
  }

  private var reference: String {
    var lines: [String] = []
    var section: String?
    for key in Recipe.keys {
      if key.section != section {
        lines += [
          "", key.section.isEmpty ? "At the top:" : "`[\(key.section)]`", "",
          "| key | default | may be | what it is |", "|---|---|---|---|",
        ]
        section = key.section
      }
      let range = key.isNumber ? "\(key.range) \(key.unit)" : key.range
      let reading = key.reading.words == "always" ? "" : " Read \(key.reading.words)."
      lines.append(
        "| `\(key.lastName)` | \(RecipeFile.standards(of: key)) | \(range) | "
          + key.meaning.replacing("|", with: "\\|") + "\(reading) |")
    }
    return lines.joined(separator: "\n") + "\n\n"
  }
}
