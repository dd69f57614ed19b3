import Foundation
import Testing
import Trajectories

@testable import Records

struct ProblemFileTests {
  private func read(_ text: String) throws -> [ProblemEntry] {
    try ProblemFile.entries(from: Data(text.utf8), name: "p.jsonl")
  }

  @Test func `problems are read with their responses`() throws {
    let found = try read(
      """
      {"prompt": "2+2=", "reference": "4", "response": "4"}

      {"problem": "3+3=", "answer": 6, "level": [1]}\r
      {"question": "7/2=", "answer": 3.5}

      """)
    #expect(found.map(\.problem.prompt) == ["2+2=", "3+3=", "7/2="])
    #expect(found.map(\.problem.reference) == ["4", "6", "3.5"])
    #expect(found.map(\.problem.id) == ["p.jsonl/1", "p.jsonl/3", "p.jsonl/4"])
    #expect(found.map(\.response) == ["4", nil, nil])
  }

  @Test(arguments: [
    ("\n{\"reference\": \"4\"}", "p.jsonl:2: there is no “prompt”; write a line such as {"),
    ("{\"prompt\": \"2\"}", "p.jsonl:1: there is no “reference”"),
    ("{\"prompt\": 2, \"reference\": \"4\"}", "p.jsonl:1: “prompt” is of the wrong kind"),
    ("[1, 2]", "p.jsonl:1: not a JSON object"), ("{\"prompt\": ", "p.jsonl:1: not valid JSON"),
    ("", "p.jsonl is empty"), ("\n \n", "p.jsonl is empty"),
  ])
  func `a fault is told with its line`(text: String, sentence: String) {
    let error = #expect(throws: RecordsError.self) { try read(text) }
    #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func `an absurdly long line is refused`() {
    let text = "{\"prompt\": \"" + String(repeating: "x", count: JSONLines.lineLimit) + "\"}"
    let error = #expect(throws: RecordsError.self) { try read(text) }
    #expect(error?.description.contains("longer than") == true)
  }

  @Test func `invalid UTF-8 is a sentence`() {
    let bytes = Data("{\"prompt\": \"".utf8) + [0xFF, 0xC0] + Data("\"}".utf8)
    #expect(throws: RecordsError.self) { try ProblemFile.entries(from: bytes, name: "p.jsonl") }
  }
}
