import Foundation
import Testing
import Workbench

struct ReadmeKeysTests {
  // CRUX_UPDATE_README=1 writes the table anew.
  @Test func `the page's keys are those of the key table`() throws {
    let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Workbench/README.md")
    let text = try String(contentsOf: readme, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- keys -->\n"))
    let end = try #require(text.range(of: "<!-- end of keys -->"))
    let keys = Keymap.markdown + "\n"
    if ProcessInfo.processInfo.environment["CRUX_UPDATE_README"] == "1" {
      let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: keys)
      try new.write(to: readme, atomically: true, encoding: .utf8)
    } else {
      #expect(text[begin.upperBound..<end.lowerBound] == keys)
    }
  }
}
