import Foundation
import Testing

@testable import Records

/// Whatever a file holds, reading it gives a value or sentences; it never ends the process.
struct FuzzTests {
  private static let inputs = 20_000

  /// Reads spoilt copies of files; returns how many were read and how many refused.
  private func fuzz(
    _ files: [String], seed: UInt64, words: [String], read: (Data) throws -> Void
  ) throws -> (read: Int, refused: Int) {
    var mutations = Mutations(seed: seed, words: words)
    let originals = files.map { Array($0.utf8) }
    var counts = (read: 0, refused: 0)
    for index in 0..<Self.inputs {
      let bytes = Data(mutations.spoil(originals[index % originals.count]))
      do {
        try read(bytes)
        counts.read += 1
      } catch let error as RecordsError {
        try #require(error.sentences.allSatisfy { $0.hasSuffix(".") }, "\(error)")
        try #require(!error.description.unicodeScalars.contains { $0.value == 0x1B })
        counts.refused += 1
      }
    }
    return counts
  }

  @Test func `no recipe ends the process`() throws {
    let files = [
      "seed = 7\nmodel = \"tiny\"\n[task]\nname = \"chains\"\nlength = 8\n# so many lines a chain\n",
      "[optimizer]\nlearning_rate = 2e-4\nbeta1 = 0.9\nschedule = \"cosine\" # falls to its end\n",
      "task.hard = 3\n[sampling]\ntop_k = 5\n[values]\nadaptive = true # so\n",
    ]
    let counts = try fuzz(files, seed: 1, words: ["[task]", "\n", "true", "1979-05-27", "."]) {
      let text = try DurableFiles.text(from: $0, name: "r.toml")
      _ = try RecipeFile.recipe(from: text, name: "r.toml")
    }
    #expect(counts.read > 500 && counts.refused > 500)
  }

  @Test func `no theme ends the process`() throws {
    let files = [
      "inherits = \"base\"\n[palette]\nsea = \"#0087d7\"\n[roles]\ntext = \"sea\"\n",
      "[roles]\n\"bar.positive\" = { fg = \"red\", bold = true }\nborder.focused = \"blue\"\n",
    ]
    let roles: Set = ["text", "bar.positive", "border", "border.focused"]
    let base = "[palette]\nsky = \"cyan\"\n[roles]\nborder = \"sky\"\n"
    let words = ["[roles]", "\n", "true", "mine", "base", "{ fg = ", "default"]
    let counts = try fuzz(files, seed: 2, words: words) {
      let text = try DurableFiles.text(from: $0, name: "mine.toml")
      _ = try ThemeFile.resolve("mine", roles: roles) { ["mine": text, "base": base][$0] }
    }
    #expect(counts.read > 500 && counts.refused > 500)
  }

  @Test func `no problem file ends the process`() throws {
    let files = [
      "{\"prompt\": \"2+2=\", \"reference\": \"4\", \"response\": \"four is it\"}\n",
      "{\"question\": \"7/2=\", \"answer\": 3.5, \"more\": {\"a\": [1, null, true]}}\r\n",
    ]
    let counts = try fuzz(files, seed: 3, words: ["\"answer\"", "null", "1e5", "\n", "{\"a\":"]) {
      _ = try ProblemFile.entries(from: $0, name: "p.jsonl")
    }
    #expect(counts.read > 500 && counts.refused > 500)
  }

  @Test func `no file of labels ends the process`() throws {
    let step =
      "{\"completions\": [{\"text\": \"x\", \"rating\": -1, \"flagged\": false}], "
      + "\"human_completion\": null, \"chosen_completion\": 0}"
    let files = [
      "{\"labeler\": \"a\", \"question\": {\"problem\": \"p\", \"ground_truth_answer\": \"1\"}, "
        + "\"label\": {\"steps\": [\(step)], \"total_time\": 7, \"finish_reason\": \"solution\"}}\n",
      "{\"question\": {\"problem\": \"p\"}, \"label\": {\"steps\": [\(step), \(step)], "
        + "\"crux\": {\"critical_step\": 1, \"blind\": true}}}\r\n",
    ]
    let words = ["\"rating\"", "null", "-1", "[", "{\"text\": \"y\"}", "\n"]
    let counts = try fuzz(files, seed: 5, words: words) {
      for solution in try PRM800KFile.solutions(from: $0, name: "l.jsonl") {
        _ = solution.critical
        #expect(solution.steps.count == solution.ratings.count)
      }
    }
    #expect(counts.read > 500 && counts.refused > 500)
  }

  @Test func `no score input ends the process`() throws {
    let files = [
      "{\"ids\": [1, 2, 3]}\n{\"text\": \"a\\u00e9 and some words\"}\n", "{\"ids\": [2147483647]}",
    ]
    let counts = try fuzz(files, seed: 4, words: ["\"text\"", "null", "[", "-1", "\n"]) {
      _ = try ScoreInput.inputs(from: $0, name: "s.jsonl")
    }
    #expect(counts.read > 500 && counts.refused > 500)
  }

  @Test(arguments: ["a.", "[", "a=[", "{a=", "[a.", "a={a.", "[[a.", "\"", "a=\"\"\"", "a=[{"])
  func `no repetition ends the process`(piece: String) {
    for count in [10, 300, 1000, 50_000] {
      let text = String(repeating: piece, count: count)
      #expect(throws: RecordsError.self) { try RecipeFile.recipe(from: text, name: "r.toml") }
      let lines = String(repeating: piece + "a=1\n", count: count / 10)
      #expect(throws: RecordsError.self) { try RecipeFile.recipe(from: lines, name: "r.toml") }
    }
  }

  @Test(arguments: ["[", "{\"prompt\":", "[{\"a\":"])
  func `no nesting of JSON ends the process`(piece: String) {
    for count in [300, 1000, 300_000] {
      let data = Data(String(repeating: piece, count: count).utf8)
      #expect(throws: RecordsError.self) { try ProblemFile.entries(from: data, name: "p.jsonl") }
    }
  }
}
