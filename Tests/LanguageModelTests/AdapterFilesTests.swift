import Foundation
import Testing

@testable import LanguageModel
@testable import ModelFiles

@Suite struct AdapterFilesTests {
  static let shape = smallPolicy(family: .qwen2).architecture

  private func fresh(_ settings: LowRankSettings = LowRankSettings()) -> LowRankAdapter {
    let adapter = LowRankAdapter(architecture: Self.shape, settings: settings, seed: 9)
    adapter.stir()
    return adapter
  }

  private func edited(_ folder: URL, _ change: (inout JSON) -> Void) throws {
    let file = folder.appendingPathComponent("adapter_config.json")
    var json = try JSONReader.read(readWhole(file), file: file.path)
    change(&json)
    try Data(json.prettyText.utf8).write(to: file)
  }

  @Test func `an adapter that was written is read back bit for bit`() throws {
    try Fixtures.withFolder { folder in
      var settings = LowRankSettings()
      (settings.rank, settings.alpha, settings.isRankStabilised) = (3, 7.5, true)
      settings.targets = [.query, .down]
      settings.baseName = "some/model"
      let adapter = fresh(settings)
      try AdapterFiles.save(adapter, to: folder.appendingPathComponent("new/folder"))
      let read = try AdapterFiles.load(
        folder.appendingPathComponent("new/folder"), for: Self.shape)
      #expect(read.settings.scale == adapter.settings.scale)
      #expect(read.settings.targets == [.query, .down])
      #expect(read.settings.baseName == "some/model")
      #expect(read.parameters.slices == adapter.parameters.slices)
      for slice in adapter.parameters.slices {
        #expect(
          Array(read.parameters.weights[slice.range])
            == Array(adapter.parameters.weights[slice.range]))
      }
    }
  }

  @Test func `keys that Crux does not know are written back`() throws {
    try Fixtures.withFolder { folder in
      try AdapterFiles.save(fresh(), to: folder)
      try edited(folder) {
        $0.set("peft_version", .string("0.21.2"))
        $0.set("lora_dropout", .double(0.05))
        $0.set("target_modules", .string("all-linear"))
        $0.set("a_new_key", .array([.integer(1), .null]))
      }
      let read = try AdapterFiles.load(folder, for: Self.shape)
      try AdapterFiles.save(read, to: folder)
      let file = folder.appendingPathComponent("adapter_config.json")
      let json = try JSONReader.read(readWhole(file), file: "")
      #expect(json["peft_version"]?.string == "0.21.2")
      #expect(json["lora_dropout"]?.double == 0.05)
      #expect(json["target_modules"]?.string == "all-linear")
      #expect(json["a_new_key"] == .array([.integer(1), .null]))
    }
  }

  static let refusals: [(String, JSON)] = [
    ("peft_type", .string("IA3")), ("bias", .string("all")), ("use_dora", .bool(true)),
    ("fan_in_fan_out", .bool(true)), ("lora_bias", .bool(true)), ("use_qalora", .bool(true)),
    ("modules_to_save", .array([.string("lm_head")])),
    ("rank_pattern", ["q_proj": .integer(2)]), ("alpha_pattern", ["q_proj": .integer(2)]),
    ("init_lora_weights", .string("pissa")), ("trainable_token_indices", .array([.integer(1)])),
    ("target_parameters", .array([.string("x")])), ("use_something_new", .bool(true)),
    ("r", .integer(0)), ("r", .double(2.5)), ("lora_alpha", .string("x")),
    ("alora_invocation_tokens", .array([.integer(1)])),
    ("layer_replication", .array([.array([.integer(0), .integer(1)])])),
  ]

  @Test(arguments: refusals.indices)
  func `what is not computed is refused by the key's name`(_ index: Int) throws {
    let (key, value) = Self.refusals[index]
    try Fixtures.withFolder { folder in
      try AdapterFiles.save(fresh(), to: folder)
      try edited(folder) { $0.set(key, value) }
      let problem = Fixtures.problem { _ = try AdapterFiles.load(folder, for: Self.shape) }
      #expect(problem.contains(key) || problem.contains("type ‘IA3’"), "\(problem)")
    }
  }

  @Test func `tensors of other layers, missing ones and other shapes are refused by name`() throws {
    try Fixtures.withFolder { folder in
      let adapter = fresh()
      try AdapterFiles.save(adapter, to: folder)
      let file = folder.appendingPathComponent("adapter_model.safetensors")
      let slices = adapter.parameters.slices
      func problem(_ change: (inout [SafeTensors.Tensor]) -> Void) throws -> String {
        var tensors = slices.map {
          SafeTensors.Tensor(
            name: $0.name, shape: $0.shape, values: Array(adapter.parameters.weights[$0.range]))
        }
        change(&tensors)
        try SafeTensors.write(tensors, to: file)
        return Fixtures.problem { _ = try AdapterFiles.load(folder, for: Self.shape) }
      }
      #expect(try problem { _ in }.isEmpty)
      #expect(try problem { $0.remove(at: 4) }.contains(slices[4].name))
      #expect(try problem { $0.removeFirst(2) }.contains("layers.0.self_attn.q_proj"))
      let head = "base_model.model.lm_head.lora_A.weight"
      let strange = SafeTensors.Tensor(name: head, shape: [1], values: [0])
      #expect(try problem { $0.append(strange) }.contains("lm_head"))
      let wide = SafeTensors.Tensor(
        name: slices[0].name, shape: [16, 1], values: [Float](repeating: 0, count: 16))
      #expect(try problem { $0[0] = wide }.contains("shape [16, 1]"))
      #expect(try problem { $0 = [] }.contains("missing"))
    }
  }

  @Test func `some layers alone may be adapted where the configuration says so`() throws {
    try Fixtures.withFolder { folder in
      let adapter = fresh()
      try AdapterFiles.save(adapter, to: folder)
      try SafeTensors.write(
        adapter.parameters.slices.filter { $0.name.contains("layers.1.self_attn.v") }.map {
          SafeTensors.Tensor(
            name: $0.name, shape: $0.shape, values: Array(adapter.parameters.weights[$0.range]))
        }, to: folder.appendingPathComponent("adapter_model.safetensors"))
      #expect(
        Fixtures.problem { _ = try AdapterFiles.load(folder, for: Self.shape) }
          .contains("missing"))
      try edited(folder) { $0.set("layers_to_transform", .array([.integer(1)])) }
      let read = try AdapterFiles.load(folder, for: Self.shape)
      #expect(read.parameters.slices.count == 2)
      #expect(read.settings.targets == [.value])
    }
  }

  @Test func `a damaged configuration or header is read or refused with a sentence`() throws {
    try Fixtures.withFolder { folder in
      try AdapterFiles.save(fresh(), to: folder)
      let config = try readWhole(folder.appendingPathComponent("adapter_config.json"))
      let weights = try readWhole(folder.appendingPathComponent("adapter_model.safetensors"))
      let settings = try LowRankSettings(parsing: config, file: "c")
      var mutator = Mutator(seed: 11)
      var good = 0
      for number in 0..<50_000 {
        do {
          if number % 5 > 0 {
            _ = try LowRankSettings(parsing: mutator.mutated(config), file: "c")
          } else {
            let bytes = mutator.mutated(weights, reach: 4000)
            let tensors = try SafeTensors(parsing: bytes, file: "w")
            _ = try AdapterFiles.adapter(settings, tensors, for: Self.shape)
          }
          good += 1
        } catch let error as ModelFileError {
          if error.problem.isEmpty { Issue.record("an error without a sentence") }
        }
      }
      #expect(good > 1000 && good < 49_000)
    }
  }
}
