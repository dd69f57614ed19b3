import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// Learning with small matrices beside the weights, as files and commands show it.
extension CruxProcessTests {
  private static let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
  private static let quick = [
    "updates=8", "evaluation.every=8", "evaluation.problems=20", "objective.groups=8",
    "record.checkpoint_every=2", "record.keep_checkpoints=2", "adapter.rank=4",
    "adapter.targets=q_proj,down_proj", "objective.kl_coefficient=0.01",
  ].flatMap { ["--set", $0] }

  private func files(_ place: Workplace, _ run: String, _ update: Int) throws -> [String] {
    let folder = place.runs.appendingPathComponent("\(run)/checkpoints/\(update)")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func adapter(_ place: Workplace, _ run: String) throws -> Data {
    try Data(
      contentsOf: place.runs.appendingPathComponent(
        "\(run)/checkpoints/8/adapter_model.safetensors"))
  }

  @Test func `an adapter's run keeps small checkpoints and goes on bit for bit`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let whole = try place.run(["train", Self.recipe, "--name", "whole"] + Self.quick)
    #expect(whole.code == 0, "\(whole.errors)")
    let checkpoints = CheckpointFolder.list(in: place.runs.appendingPathComponent("whole"))
    #expect(checkpoints.map(\.update) == [0, 6, 8])
    #expect(
      try files(place, "whole", 8) == [
        "adapter_config.json", "adapter_model.safetensors", "manifest.json",
        "optimiser.safetensors", "state.json",
      ])
    #expect(try files(place, "whole", 0).contains("model.safetensors"))
    #expect(try !files(place, "whole", 0).contains("optimiser.safetensors"))
    let first = try place.run(
      ["train", Self.recipe, "--name", "torn", "--until", "5"] + Self.quick)
    #expect(first.code == 0, "\(first.errors)")
    let second = try place.run(
      ["train", "--resume", place.runs.appendingPathComponent("torn").path])
    #expect(second.code == 0, "\(second.errors)")
    #expect(try adapter(place, "torn") == adapter(place, "whole"))
    let numbers = try ["torn", "whole"].map { RunHistory(try place.events(of: $0)).timeless }
    #expect(numbers[0].0 == numbers[1].0 && numbers[0].1 == numbers[1].1)
    #expect(numbers[0].0.last?.kl ?? 0 > 0)
    try expectGoingOn(place)
  }

  /// What was learnt may be used, and trained on.
  private func expectGoingOn(_ place: Workplace) throws {
    let learnt = place.runs.appendingPathComponent("whole/checkpoints/8").path
    let input = try place.file("input.jsonl", "{\"ids\": [1, 2, 3, 4]}\n")
    let model = Workplace.root.appendingPathComponent("samples/tiny").path
    let plain = try place.run(["score", "--model", model, "--input", input.path])
    let adapted = try place.run(
      ["score", "--model", model, "--adapter", learnt, "--input", input.path])
    #expect(adapted.code == 0 && adapted.output != plain.output)
    let more = try place.run([
      "train", Self.recipe, "--name", "more", "--adapter", learnt, "--set", "updates=1",
      "--set", "evaluation.problems=20", "--set", "objective.groups=8",
    ])
    #expect(more.code == 0, "\(more.errors)")
    let text = try String(
      contentsOf: place.runs.appendingPathComponent("more/recipe.toml"), encoding: .utf8)
    #expect(text.contains("rank = 4 ") && text.contains("targets = \"q_proj,down_proj\""))
    try expectExports(place, learnt: learnt, input: input, scores: adapted.output)
    let wrong = try place.run(["sample", "--adapter", "nowhere"])
    #expect(wrong.code != 0 && wrong.errors.contains("adapter_config.json"))
  }

  /// The merged model scores as the adapted one does.
  private func expectExports(
    _ place: Workplace, learnt: String, input: URL, scores: String
  ) throws {
    let run = place.runs.appendingPathComponent("whole").path
    let whole = place.runs.appendingPathComponent("merged").path
    let model = Workplace.root.appendingPathComponent("samples/tiny").path
    for words in [["export", run, whole], ["export", model, whole, "--adapter", learnt]] {
      let written = try place.run(words)
      #expect(written.code == 0, "\(written.errors)")
      #expect(
        try place.run(["score", "--model", whole, "--input", input.path]).output == scores)
    }
    let alone = place.runs.appendingPathComponent("alone")
    #expect(try place.run(["export", run, alone.path, "--only-adapter"]).code == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: alone.path).sorted() == [
        "adapter_config.json", "adapter_model.safetensors",
      ])
  }

  @Test func `a run that copies no model asks for the one it began with`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let model = place.runs.appendingPathComponent("policy")
    try FileManager.default.copyItem(
      at: Workplace.root.appendingPathComponent("samples/tiny"), to: model)
    let quick = [
      "updates=2", "evaluation.problems=20", "evaluation.every=0", "objective.groups=8",
      "record.copy_model=never",
    ].flatMap { ["--set", $0] }
    let begun = try place.run(
      ["train", Self.recipe, "--name", "thin", "--until", "1", "--model", model.path] + quick)
    #expect(begun.code == 0, "\(begun.errors)")
    #expect(try files(place, "thin", 0) == ["base.json", "manifest.json", "state.json"])
    let run = place.runs.appendingPathComponent("thin")
    let weights = model.appendingPathComponent("model.safetensors")
    let old = try Data(contentsOf: weights)
    var new = old
    new[new.count - 2] ^= 1
    try new.write(to: weights)
    try FileManager.default.removeItem(at: run.appendingPathComponent("checkpoints/1"))
    let changed = try place.run(["train", "--resume", run.path])
    #expect(changed.code != 0 && changed.errors.contains("weights have changed"))
    try FileManager.default.removeItem(at: model)
    let gone = try place.run(["train", "--resume", run.path])
    #expect(gone.code != 0 && gone.errors.contains("put it back"))
    try FileManager.default.copyItem(
      at: Workplace.root.appendingPathComponent("samples/tiny"), to: model)
    let back = try place.run(["train", "--resume", run.path])
    #expect(back.code == 0, "\(back.errors)")
    #expect(RunHistory(try place.events(of: "thin")).status == .finished)
  }
}
