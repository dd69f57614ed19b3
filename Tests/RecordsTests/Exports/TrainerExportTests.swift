import Foundation
import Testing
import Trajectories

@testable import Records

struct TrainerExportTests {
  private let problem = Problem(
    id: "p", task: "chains", prompt: "2 +3 ?", reference: "5", guessChance: 0)

  /// A tokenizer of letters that reads “th” as one token, so that a state between t and h moves.
  private let export = TrainerExport(
    decode: { ids in ids.map { $0 == 0 ? "th" : String(UnicodeScalar(UInt8($0))) }.joined() },
    encode: { text in
      var ids = text.unicodeScalars.map { Int32($0.value) }
      while let place = ids.indices.first(where: {
        ids[$0] == 116 && ids.dropFirst($0 + 1).first == 104
      }) {
        ids.replaceSubrange(place...place + 1, with: [0])
      }
      return ids
    }, weight: { 1 + $0 })

  private var examples: TrainingExamples {
    var examples = TrainingExamples()
    examples.pairs = [
      ContinuationPair(
        preference: Preference(prefix: [97], chosen: [98], rejected: [99]), problem: problem)
    ]
    examples.continuations = [
      JudgedContinuation(prefix: [97], tokens: [98], problem: problem, reward: 1, advantage: 0.5),
      JudgedContinuation(
        prefix: [116, 104], tokens: [99], problem: problem, reward: 0, advantage: -0.5),
    ]
    let answer = Trajectory(
      id: "a", problem: problem, promptTokens: [97], responseTokens: [98, 99],
      logProbabilities: [0, 0],
      steps: [Step(start: 0, end: 1, text: "b"), Step(start: 1, end: 2, text: "c")], reward: 1,
      chainCorrect: nil, seed: 0, policyVersion: 0, truncated: false)
    examples.states = [
      ResetState(
        of: answer, before: 1, isByPerson: true, choice: nil,
        advantage: (mean: 1, low: 0.25, high: 1))
    ]
    examples.valued = [
      ValuedSteps(
        answer: answer,
        values: [0.0, 1].map {
          StepValue(
            boundary: 1, rewardSum: $0 * 4, rollouts: 4, truncated: 0, mean: $0, low: 0, high: 1)
        })
    ]
    return examples
  }

  private func lines(_ format: TrainerFormat) -> [String] {
    export.rows(of: examples, for: format).map { ExportedValue.object($0).json }
  }

  @Test func `a pair has ids, text and a word on its boundary`() {
    #expect(
      lines(.trlDPO) == [
        """
        {"boundary": "stable", "chosen": "b", "chosen_ids": [98], "prompt": "a", "prompt_ids": [97], \
        "rejected": "c", "rejected_ids": [99]}
        """
      ])
  }

  @Test func `a state whose text encodes to other tokens is told`() {
    let boundaries = export.rows(of: examples, for: .trlKTO).map { $0["boundary"] }
    #expect(boundaries == [.text("stable"), .text("moved")])
  }

  @Test func `the prefix carries no loss`() {
    #expect(lines(.trlSFT) == ["{\"input_ids\": [97, 98], \"labels\": [-100, 98]}"])
    let weights = export.rows(of: examples, for: .awr).map { $0["weight"] }
    #expect(weights == [.number(1.5), .number(0.5)])
  }

  @Test func `a state is a prompt of ids for every trainer`() throws {
    let grpo = try #require(export.rows(of: examples, for: .trlGRPO).first)
    #expect(grpo["prompt_ids"] == .ids([97, 98]))
    #expect(grpo["reference"] == .text("5"))
    let verl = try #require(export.rows(of: examples, for: .verl).first)
    guard case .object(let extra)? = verl["extra_info"] else { return #expect(Bool(false)) }
    #expect(extra["prompt_ids"] == .ids([97, 98]) && extra["prefix_text"] == .text("b"))
    #expect(lines(.openRLHF).first?.contains("\\\"prompt_ids\\\": [97, 98]") == true)
  }

  @Test func `steps are labelled by whether any rollout after them was right`() throws {
    let row = try #require(export.rows(of: examples, for: .prm).first)
    #expect(row["labels"] == .list([.flag(false), .flag(true)]))
    #expect(row["completions"] == .list([.text("b"), .text("c")]))
  }

  @Test func `text of any kind is JSON`() throws {
    let text = "\"\\\n\r\t\u{1}\u{7f}é😀\u{2028}"
    let value = ExportedValue.list([.text(text), .number(.nan), .number(2), .integer(3), .null])
    let read = try JSONSerialization.jsonObject(with: Data(value.json.utf8)) as? [Any]
    #expect(read?.first as? String == text)
    #expect(value.json.hasSuffix(", null, 2.0, 3, null]"))
  }

  @Test func `a folder is replaced where it is an export, and nothing else is`() throws {
    let place = try TemporaryFolder()
    let out = place.url.appendingPathComponent("out")
    let origin = ExportFolder.Origin(
      run: "runs/one", policy: "tiny", update: 3, recipe: "seed = 1\n", tokenizer: nil, end: nil,
      version: "1")
    let folder = ExportFolder(export, of: origin, digest: { "\($0.count)" })
    for _ in 0..<2 {
      let counts = try folder.write(
        examples, as: [.trlKTO, .verl], to: out, rewards: Data("x".utf8))
      #expect(counts.map(\.rows) == [2, 1] && counts.map(\.moved) == [1, 0])
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
    #expect(names == ["README.md", "manifest.json", "rewards.py", "trl-kto", "verl"])
    let manifest = try Data(contentsOf: out.appendingPathComponent("manifest.json"))
    let told = try JSONSerialization.jsonObject(with: manifest) as? [String: Any]
    let formats = told?["formats"] as? [String: [String: Any]]
    #expect(formats?["trl-kto"]?["moved"] as? Int == 1)
    try Data("mine".utf8).write(to: out.appendingPathComponent("manifest.json"))
    #expect(throws: RecordsError.self) {
      try folder.write(examples, as: [.verl], to: out, rewards: nil)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.url.path) == ["out"])
  }
}
