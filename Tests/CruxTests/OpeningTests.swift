import Foundation
import Glibc
import ModelFiles
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// Models, recipes and problems are opened behind the first frame.
extension CruxProcessTests {
  /// A folder with as many weights as SmolLM2 has, all zero, which takes no room on disk.
  private static func largeModel(in place: Workplace) throws -> URL {
    let folder = place.runs.deletingLastPathComponent().appendingPathComponent("large")
    let files = FileManager.default
    try files.copyItem(
      at: Workplace.root.appendingPathComponent("samples/tiny"), to: folder)
    let settings = folder.appendingPathComponent("config.json")
    var config = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: settings)) as? [String: Any])
    let (vocabulary, width, inner, layers) = (49_152, 576, 1536, 30)
    config.merge([
      "vocab_size": vocabulary, "hidden_size": width, "intermediate_size": inner,
      "num_hidden_layers": layers, "num_attention_heads": 9, "num_key_value_heads": 3,
      "head_dim": 64, "tie_word_embeddings": true,
    ]) { $1 }
    try JSONSerialization.data(withJSONObject: config).write(to: settings)
    var header: [String: Any] = [:]
    var offset = 0
    func add(_ name: String, _ shape: [Int]) {
      let end = offset + shape.reduce(2, *)
      header[name] = ["dtype": "BF16", "shape": shape, "data_offsets": [offset, end]]
      offset = end
    }
    add("model.embed_tokens.weight", [vocabulary, width])
    add("model.norm.weight", [width])
    for layer in 0..<layers {
      let name = { (part: String) in "model.layers.\(layer).\(part).weight" }
      add(name("input_layernorm"), [width])
      add(name("post_attention_layernorm"), [width])
      for (part, rows) in [("q", width), ("k", 192), ("v", 192), ("o", width)] {
        add(name("self_attn.\(part)_proj"), [rows, width])
      }
      add(name("mlp.gate_proj"), [inner, width])
      add(name("mlp.up_proj"), [inner, width])
      add(name("mlp.down_proj"), [width, inner])
    }
    var json = try JSONSerialization.data(withJSONObject: header)
    json += Data(repeating: 0x20, count: (8 - json.count % 8) % 8)
    let start = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
    let weights = folder.appendingPathComponent("model.safetensors")
    try start.write(to: weights)
    let file = try FileHandle(forWritingTo: weights)
    try file.truncate(atOffset: UInt64(start.count + offset))
    try file.close()
    return folder
  }

  @Test func `a large model is left at once, and nothing is left of it`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let model = try Self.largeModel(in: place)
    let (terminal, _) = try place.open(["open", "--model", model.path])
    defer { terminal.close() }
    try terminal.expect("policy large")
    terminal.type("?")
    try terminal.expect("Help for Trajectories")
    terminal.type("q")
    try terminal.expect("the list again") { !$0.text.contains("Help for") }
    terminal.type("q")
    #expect(terminal.waitForExit(seconds: 10) == 0)
    terminal.expectRestored("after leaving while it loads")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.runs.path).isEmpty)
  }

  @Test func `what cannot be loaded is told on the screen or after it`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("broken.gguf", "GGUF and then nothing of use to anyone")
    let (terminal, _) = try place.open(["open", file.path])
    defer { terminal.close() }
    // A quick refusal needs no screen.
    try terminal.expect("a sentence") { $0.text.contains("broken.gguf") }
    if terminal.exitStatus == nil { terminal.type("q") }
    #expect(try #require(terminal.waitForExit()) >> 8 == 1)
    #expect(terminal.settled().text.contains("broken.gguf"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.runs.path).isEmpty)
  }

  @Test func `problems of a file are answered while one looks`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let problems = (1...40).map { "{\"prompt\": \"\($0 % 31) *3 +2 ?v :\", \"reference\": \"1\"}" }
    let file = try place.file("mine.jsonl", problems.joined(separator: "\n"))
    let (terminal, _) = try place.open(["open", file.path])
    defer { terminal.close() }
    try terminal.expect("40 in all")
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    terminal.type("q")
    #expect(terminal.waitForExit() == 0)
    let answers = RunHistory(try place.events(of: "mine")).trajectories
    #expect(answers.map(\.id) == (1...40).map { "mine/\($0)" })
  }

  @Test func `a problem is typed before the policy is there and answered after`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, _) = try place.open(["open", "--model", "tiny"])
    defer { terminal.close() }
    try terminal.expect("i asks a problem")
    terminal.type("i")
    try terminal.expect("problem:")
    terminal.type("3 *8 +2 ?v : => 99\r")
    try terminal.expect("1 in all")
    try terminal.expect("right answer 99")
    terminal.type("i3 *8 +2 ?v :\r")
    try terminal.expect("right answer [not known]")
    terminal.type("\r")
    try terminal.expect("2 in all")
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    terminal.type("i3 3 :\r\r")
    try terminal.expect("3 in all")
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    terminal.type("iwhat\r\r")
    try terminal.expect("does not know “what”")
    terminal.type("q")
    #expect(terminal.waitForExit() == 0)
    let answers = RunHistory(try place.events(of: "tiny")).trajectories
    // The task knows what the reader did not say.
    #expect(
      answers.map(\.problem.task) == [Problem.askedTask, "chains", Problem.agreementTask])
    #expect(answers.first?.reward == 0)
    #expect(answers.last?.reward == 1)
  }

  @Test func `what is asked for waits for its turn`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, _) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    terminal.type("\r")
    try terminal.expect("Step 1 of 9")
    terminal.type("efr2\rr3\r")
    try place.wait(for: "five branches", in: "sample") { events in
      RunHistory(events).trajectories.count == 165
    }
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    let history = RunHistory(try place.events(of: "sample"))
    #expect(Set(history.trajectories.suffix(5).map(\.seed)).count == 5)
    #expect(
      history.newestValuation(of: history.trajectories[0].id)?.values.first?.rollouts ?? 0 >= 32)
  }
}
