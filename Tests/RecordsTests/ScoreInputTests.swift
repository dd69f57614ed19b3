import Foundation
import Testing

@testable import Records

struct ScoreInputTests {
  private func read(_ text: String) throws -> [ScoreInput] {
    try ScoreInput.inputs(from: Data(text.utf8), name: "s.jsonl")
  }

  @Test func `ids and texts are read, the last line may be empty`() throws {
    let found = try read("{\"ids\": [1, 2, 2147483647]}\n{\"text\": \"a\\u00e9\"}\n")
    #expect(found == [.ids([1, 2, .max]), .text("aé")])
  }

  @Test(arguments: [
    ("{\"ids\": []}", "“ids” holds 0 tokens"), ("{\"ids\": [-1]}", "no token"),
    ("{\"ids\": [1.5]}", "holds 1.5, which"), ("{\"ids\": [2147483648]}", "no token"),
    ("{\"text\": \"\"}", "“text” is empty"), ("{}", "neither"), ("{\"ids\": \"1\"}", "“ids”"),
    ("{\"ids\": [1], \"text\": \"a\"}", "both"), ("3", "not a JSON object"),
  ])
  func `a fault is told with its line`(text: String, sentence: String) {
    let error = #expect(throws: RecordsError.self) { try read("{\"ids\": [1]}\n" + text) }
    let told = error?.description ?? ""
    #expect(told.hasPrefix("s.jsonl:2: ") && told.contains(sentence), "\(told)")
  }
}
