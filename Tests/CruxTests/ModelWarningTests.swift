import Foundation
import Records
import Testing
import Trajectories

@testable import TerminalTesting

extension CruxProcessTests {
  @Test func `a warning about a model is told by every command and kept by its run`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let model = place.runs.deletingLastPathComponent().appendingPathComponent("policy")
    try FileManager.default.copyItem(
      at: Workplace.root.appendingPathComponent("samples/tiny"), to: model)
    let file = model.appendingPathComponent("config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let changed = text.replacingOccurrences(
      of: #""eos_token_id": 1"#, with: #""eos_token_id": [1, 128001]"#)
    #expect(changed != text)
    try Data(changed.utf8).write(to: file)
    let sentence = "the end token 128001 is beyond the vocabulary"
    let input = try place.file("in.jsonl", #"{"ids": [1, 2, 3]}"#)
    for command in [
      ["tokens", "17"], ["score", "--input", input.path], ["sample", "--count", "1"],
    ] {
      let outcome = try place.run(command + ["--model", model.path])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains(sentence), "\(command[0])")
    }
    let begun = try place.run(
      [
        "train", Workplace.root.appendingPathComponent("samples/chains-4.toml").path, "--name",
        "warned", "--until", "1", "--model", model.path,
      ]
        + [
          "updates=1", "evaluation.problems=20", "evaluation.every=0", "objective.groups=8",
        ].flatMap { ["--set", $0] })
    #expect(begun.code == 0, "\(begun.errors)")
    #expect(begun.errors.components(separatedBy: sentence).count == 2)
    let run = try RunStore(
      opening: place.runs.appendingPathComponent("warned"), readOnly: true)
    let warnings = try run.events(after: 0).compactMap { recorded -> String? in
      if case .warned(let message) = recorded.event { message } else { nil }
    }
    #expect(warnings.filter { $0.contains(sentence) }.count == 1)
  }
}
