import Foundation
import LanguageModel
import Tensors
import Testing

@testable import ModelFiles

@Suite struct GGUFSettingsTests {
  private func bytes(of name: String) throws -> [UInt8] {
    let model = try ModelFiles.load(Fixtures.model(name))
    return try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.gguf")
      try model.saveGGUF(to: url)
      return [UInt8](try Data(contentsOf: url))
    }
  }

  private func source(_ bytes: [UInt8]) throws -> ModelSource {
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.gguf")
      try Data(bytes).write(to: url)
      return try ModelSource(url)
    }
  }

  private static func float(_ key: String, _ value: Float) -> [UInt8] {
    GGUFBytes.key("llama." + key, 6, GGUFBytes.number(value.bitPattern))
  }
  private static func whole(_ key: String, _ value: UInt32) -> [UInt8] {
    GGUFBytes.key("llama." + key, 4, GGUFBytes.number(value))
  }
  private static func text(_ key: String, _ value: String) -> [UInt8] {
    GGUFBytes.key("llama." + key, 8, GGUFBytes.text(value))
  }
  private static func flag(_ key: String, _ value: UInt8) -> [UInt8] {
    GGUFBytes.key("llama." + key, 7, [value])
  }

  private static let factors: [(keys: [[UInt8]], factor: Double)] = [
    ([float("rope.scale_linear", 4)], 4.0), ([float("rope.scaling.factor", 2)], 2),
    ([text("rope.scaling.type", "linear"), float("rope.scaling.factor", 8)], 8),
    ([float("rope.scaling.factor", 0), float("rope.scale_linear", 4)], 1),
    ([text("rope.scaling.type", "none"), float("rope.scaling.factor", 8)], 1),
    ([text("rope.scaling.type", "linear")], 1),
  ]

  @Test(arguments: factors.indices)
  func `a factor without a type means linear scaling`(_ index: Int) throws {
    let (keys, factor) = Self.factors[index]
    let file = GGUFBytes.adding(keys, to: try bytes(of: "llama-tiny"))
    #expect(try source(file).architecture.ropeFactor == factor)
  }

  private static let refusals: [(keys: [[UInt8]], sentence: String)] = [
    ([text("rope.scaling.type", "yarn")], "rotation of type ‘yarn’"),
    ([text("rope.scaling.type", "longrope")], "rotation of type ‘longrope’"),
    ([float("attention.scale", 0.5)], "‘llama.attention.scale’"),
    ([float("attn_logit_softcapping", 50)], "‘llama.attn_logit_softcapping’"),
    ([float("final_logit_softcapping", 30)], "‘llama.final_logit_softcapping’"),
    ([float("logit_scale", 0.25)], "‘llama.logit_scale’"),
    ([whole("attention.sliding_window", 64)], "sliding windows"),
    ([float("attention.clamp_kqv", 8)], "‘llama.attention.clamp_kqv’"),
    ([flag("attention.causal", 0)], "‘llama.attention.causal’"),
    ([float("rope.scaling.attn_factor", 1.2)], "‘llama.rope.scaling.attn_factor’"),
    ([whole("expert_count", 8)], "mixtures of experts"),
    ([text("hidden_activation", "gelu")], "‘llama.hidden_activation’"),
    ([whole("nextn_predict_layers", 1)], "‘llama.nextn_predict_layers’"),
    ([flag("some_new_thing", 1)], "‘llama.some_new_thing’ is a setting"),
  ]

  @Test(arguments: refusals.indices)
  func `a setting that changes numbers is refused by its name`(_ index: Int) throws {
    let (keys, sentence) = Self.refusals[index]
    let file = GGUFBytes.adding(keys, to: try bytes(of: "llama-tiny"))
    #expect(Fixtures.problem { _ = try source(file) }.contains(sentence))
  }

  @Test func `settings at their neutral value are read over`() throws {
    let keys = [
      Self.float("attention.scale", 0), Self.float("logit_scale", 1),
      Self.float("attn_logit_softcapping", 0), Self.whole("attention.sliding_window", 1 << 20),
      Self.flag("attention.causal", 1), Self.whole("expert_count", 0),
      Self.whole("expert_used_count", 2), Self.text("tensor_data_layout", "Meta AI original pth"),
      Self.flag("some_new_thing", 0), Self.float("rope.scaling.attn_factor", 1),
    ]
    let plain = try bytes(of: "llama-tiny")
    let again = try source(GGUFBytes.adding(keys, to: plain))
    #expect(try again.architecture == source(plain).architecture)
    #expect(again.warnings.isEmpty)
  }

  @Test func `a tensor that has no place is refused by its name`() throws {
    var file = try bytes(of: "llama-tiny-biases")
    func rename(_ name: String, to other: String) {
      while let range = file.firstRange(of: Array(name.utf8)) {
        file.replaceSubrange(range, with: Array(other.utf8))
      }
    }
    rename("blk.1.ffn_gate.bias", to: "blk.1.ffn_gaty.bias")
    #expect(
      Fixtures.problem { _ = try source(file) }
        .contains("‘blk.0.ffn_gate.bias’ is there and ‘blk.1.ffn_gate.bias’ is not"))
    rename("ffn_gate.bias", to: "ffn_gaty.bias")
    #expect(
      Fixtures.problem { _ = try source(file) }.contains("‘blk.0.ffn_gaty.bias’ has no place"))
  }

  /// A llama of one block and four tokens, all weights zero, with one more vector of four numbers.
  private func smallest(besides name: String, _ values: [Float]) -> [UInt8] {
    var file = GGUFBytes()
    file.keys = [
      GGUFBytes.key("general.architecture", 8, GGUFBytes.text("llama")),
      Self.whole("embedding_length", 4), Self.whole("feed_forward_length", 4),
      Self.whole("block_count", 1), Self.whole("attention.head_count", 2),
      Self.whole("context_length", 8), Self.float("attention.layer_norm_rms_epsilon", 1e-5),
    ]
    let matrices = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]
    let vectors = ["output_norm.weight", "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", name]
    let all =
      [("token_embd.weight", 4)] + matrices.map { ("blk.0.\($0).weight", 4) }
      + vectors.map { ($0, 1) }
    file.tensors = all.enumerated().map { index, tensor in
      let sizes: [UInt64] = tensor.1 == 1 ? [4] : [4, 4]
      return .init(name: tensor.0, sizes: sizes, offset: UInt64(index) * 64)
    }
    let zeros = [UInt8](repeating: 0, count: 64 * (all.count - 1))
    file.payload = zeros + values.flatMap { GGUFBytes.number($0.bitPattern) }
    file.data = file.payload.count
    return file.bytes
  }

  @Test func `an output bias is refused unless it is nothing`() throws {
    #expect(try source(smallest(besides: "output.bias", [0, 0, 0, 0])).weightCount == 16 * 8 + 12)
    let some = smallest(besides: "output.bias", [0, 0, 0.5, 0])
    #expect(Fixtures.problem { _ = try source(some) }.contains("‘output.bias’ has no place"))
    for name in ["rope_factors_long.weight", "blk.0.attn_q.scale", "blk.1.attn_norm.weight"] {
      let other = smallest(besides: name, [0, 0, 0, 0])
      #expect(Fixtures.problem { _ = try source(other) }.contains("‘\(name)’ has no place"))
    }
    let idle = smallest(besides: "blk.0.attn_rot_embd.weight", [1, 1, 1, 1])
    #expect(try source(idle).warnings.isEmpty)
  }

  @Test func `an end token beyond the vocabulary is left out with a warning`() throws {
    func end(_ name: String, _ token: UInt32) -> [UInt8] {
      GGUFBytes.key("tokenizer.ggml.\(name)_token_id", 4, GGUFBytes.number(token))
    }
    let file = try bytes(of: "llama-tiny")
    let again = try source(GGUFBytes.adding([end("eos", 2), end("eot", 128_009)], to: file))
    #expect(again.endTokens == [2])
    #expect(again.warnings.count == 1 && again.warnings[0].contains("end token 128009 is beyond"))
  }

  @Test func `an output matrix that is the embedding once more is told`() throws {
    var model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    var shape = model.architecture
    shape.tied = false
    let whole = Parameters(shapes: shape.parameterShapes)
    for slice in whole.slices {
      let name = slice.name == "lm_head.weight" ? "model.embed_tokens.weight" : slice.name
      let source = try #require(model.parameters[name])
      for (to, from) in zip(slice.range, source.range) {
        whole.weights[to] = model.parameters.weights[from]
      }
    }
    model.configuration.architecture = shape
    model.parameters = whole
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.gguf")
      try model.saveGGUF(to: url, format: .q80)
      let warnings = try ModelSource(url).warnings
      #expect(warnings.count == 1)
      #expect(warnings[0].contains("‘output.weight’ (Q8_0) is the embedding (Q8_0) once more"))
    }
    #expect(try source(bytes(of: "llama-tiny-untied")).warnings.isEmpty)
  }
}
