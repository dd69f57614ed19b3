import Foundation
import Testing
import Trajectories

@testable import Records

struct ValueDumpTests {
  func answers(_ text: String) throws -> [ValuedAnswer] {
    try ValueDump.answers(from: Data(text.utf8), name: "dump.jsonl")
  }

  @Test func `raw rollouts are counted`() throws {
    let line = """
      {"prompt": "1+1=", "gold": "2", "steps": ["1+1", "=2"], "reward": 1, "boundaries": \
      [{"rollouts": [{"text": "1+1=2", "reward": 1}, {"text": "x", "reward": 0.5}]}, \
      {"rollouts": [{"text": "=2", "reward": 1, "answer": "2"}]}]}
      """
    let answer = try #require(try answers(line).first)
    #expect(answer.counts == [ValueCount(sum: 1.5, rollouts: 2), ValueCount(sum: 1, rollouts: 1)])
    #expect(answer.trajectory.steps.map(\.text) == ["1+1", "=2"])
    #expect(answer.trajectory.id == "dump.jsonl/1" && answer.trajectory.reward == 1)
    #expect(answer.rollouts[1][0].answer == "2")
  }

  @Test func `a published rate is a whole count of the rollouts that answered`() throws {
    // 82 of 97: one of the 98 gave no answer.
    #expect(ValueCount(rate: 0.845360824742268, of: 98) == ValueCount(sum: 82, rollouts: 97))
    #expect(ValueCount(rate: 0.75, of: 100) == ValueCount(sum: 75, rollouts: 100))
    #expect(ValueCount(rate: 0, of: 0) == ValueCount(sum: 0, rollouts: 0))
    #expect(ValueCount(rate: 1, of: 3) == ValueCount(sum: 3, rollouts: 3))
  }

  @Test(arguments: [
    (#"{"steps": ["a"]}"#, "dump.jsonl:1"),
    (#"{"steps": ["a"], "boundaries": [], "reward": 1}"#, "1 steps but 0 boundaries"),
    (
      #"{"chunks": [{"i": 0, "accuracy": 2, "n_resamples": 1}], "base_is_correct": true}"#,
      "chunk 0"
    ),
    (#"{"chunks": []}"#, "base_is_correct"), ("[]", "not a JSON object"),
  ])
  func `what does not fit is said`(line: String, words: String) throws {
    let error = #expect(throws: RecordsError.self) { try answers(line) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func `a folder without chunks is said to be none`() {
    #expect(throws: RecordsError.self) {
      try ValueDump.read(FileManager.default.temporaryDirectory.appendingPathComponent("none-here"))
    }
  }
}
