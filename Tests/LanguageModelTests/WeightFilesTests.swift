import Comparing
import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct WeightFilesTests {
  private struct Numbers {
    var shape: [Int]
    var values: [Float]
  }

  /// A folder with the tiny model, its tensors and its configuration changed.
  private func withModel<Result>(
    _ tensors: (inout [String: Numbers]) -> Void = { _ in },
    configuration: (String) -> String = { $0 }, _ body: (URL) throws -> Result
  ) throws -> Result {
    let model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    var all: [String: Numbers] = [:]
    for slice in model.parameters.slices {
      all[slice.name] = Numbers(
        shape: slice.shape, values: Array(model.parameters.weights[slice.range]))
    }
    tensors(&all)
    return try Fixtures.withFolder { folder in
      try Data(configuration(model.configuration.text).utf8).write(
        to: folder.appendingPathComponent("config.json"))
      let named = all.map { name, tensor in
        SafeTensors.Tensor(name: name, shape: tensor.shape, values: tensor.values)
      }
      try SafeTensors.write(
        named.sorted { $0.name < $1.name },
        to: folder.appendingPathComponent("model.safetensors"))
      return try body(folder)
    }
  }

  private func problem(_ tensors: (inout [String: Numbers]) -> Void) throws -> String {
    try withModel(tensors) { folder in Fixtures.problem { _ = try ModelSource(folder) } }
  }

  @Test func `two matrices that differ stay apart though the model ties them`() throws {
    let (embedding, output) = ("model.embed_tokens.weight", "lm_head.weight")
    let tokens: [Token] = [3, 1, 4, 1, 5]
    try withModel({ $0[output] = $0[embedding] }) { folder in
      let model = try ModelFiles.load(folder)
      #expect(model.architecture.tied && model.warnings.isEmpty)
    }
    try withModel({ tensors in
      guard let tensor = tensors[embedding] else { return }
      tensors[output] = Numbers(shape: tensor.shape, values: tensor.values.map { -2 * $0 })
    }) { folder in
      let model = try ModelFiles.load(folder)
      #expect(!model.architecture.tied)
      #expect(model.warnings.count == 1)
      #expect(model.warnings[0].contains("‘lm_head.weight’ differs from the embedding"))
      #expect(model.configuration.text.contains(#""tie_word_embeddings": false"#))
      let tied = try ModelFiles.load(Fixtures.model("llama-tiny"))
      let expected = Transformer(architecture: tied.architecture, parameters: tied.parameters)
        .logits(tokens).joined().map { -2 * $0 }
      let found = Transformer(architecture: model.architecture, parameters: model.parameters)
        .logits(tokens).joined()
      #expect(GoldenModels.distance(found, expected) < 1e-5)
    }
  }

  @Test func `a tied model may store its one matrix under either name`() throws {
    let whole = try ModelFiles.load(Fixtures.model("llama-tiny"))
    try withModel({ $0["lm_head.weight"] = $0.removeValue(forKey: "model.embed_tokens.weight") }) {
      let model = try ModelFiles.load($0)
      #expect(model.architecture == whole.architecture)
      expectEqual(Array(model.parameters.weights), Array(whole.parameters.weights))
    }
  }

  @Test func `a trunk that was saved without its head is read`() throws {
    let whole = try ModelFiles.load(Fixtures.model("llama-tiny"))
    try withModel({ tensors in
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map { (String($0.key.dropFirst("model.".count)), $0.value) })
    }) { folder in
      let model = try ModelFiles.load(folder)
      expectEqual(Array(model.parameters.weights), Array(whole.parameters.weights))
      #expect(model.warnings.isEmpty)
    }
  }

  @Test func `tensors that have no place are refused by name, and known idle ones are not`() throws
  {
    let one = Numbers(shape: [1], values: [1])
    #expect(
      try problem { $0["model.layers.0.mlp.up_proj.bias"] = one }
        .contains("‘model.layers.0.mlp.up_proj.bias’ has no place in a llama model"))
    #expect(
      try problem {
        $0["model.layers.9.input_layernorm.weight"] = one
        $0["mtp.fc.weight"] = one
      }.contains("‘model.layers.9.input_layernorm.weight’ (and 1 more) has no place"))
    #expect(
      try problem { tensors in
        tensors = Dictionary(
          uniqueKeysWithValues: tensors.map { ("language_model." + $0.key, $0.value) })
      }.contains("begin with ‘language_model.model.’ instead of ‘model.’"))
    #expect(
      try problem { tensors in
        tensors = Dictionary(
          uniqueKeysWithValues: tensors.map { name, tensor in
            ("model.language_" + name, tensor)
          })
      }.contains("begin with ‘model.language_model.’ instead of ‘model.’"))
    try withModel({
      $0["model.layers.0.self_attn.rotary_emb.inv_freq"] = one
      $0["score.weight"] = one
    }) { folder in
      let warnings = try ModelSource(folder).warnings
      #expect(warnings.count == 1 && warnings[0].contains("the head ‘score.weight’ is left out"))
    }
  }

  @Test func `what is missing of several files is named`() throws {
    try withModel { folder in
      let (index, single) = ("model.safetensors.index.json", "model.safetensors")
      let (first, second) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
      func place(_ name: String) -> URL { folder.appendingPathComponent(name) }
      func problem() -> String { Fixtures.problem { _ = try ModelSource(folder) } }
      try FileManager.default.moveItem(at: place(single), to: place(first))
      #expect(problem().contains("what is in ‘\(first)’ and the files beside it"))
      let map = ["model.embed_tokens.weight": first, "model.norm.weight": second]
      try JSONEncoder().encode(["weight_map": map]).write(to: place(index))
      #expect(problem().contains("1 of the 2 files of weights are missing: ‘\(second)’"))
      try JSONEncoder().encode(["weight_map": ["model.x": first]]).write(to: place(index))
      #expect(problem().contains("tensor ‘model.x’ is in ‘\(first)’, and it is not"))
      try FileManager.default.removeItem(at: place(index))
      try FileManager.default.moveItem(at: place(first), to: place("pytorch_model.bin"))
      #expect(problem().contains("‘pytorch_model.bin’ is PyTorch's own format"))
    }
  }

  @Test func `a pointer of Git LFS is called that, whichever file it stands for`() throws {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
    try withModel { folder in
      func put(_ name: String) throws -> URL {
        let url = folder.appendingPathComponent(name)
        try Data(pointer.utf8).write(to: url)
        return url
      }
      _ = try put("tokenizer.json")
      #expect(try ModelSource(folder).tokenizerProblem?.contains("git lfs pull") == true)
      let file = try put("x.gguf")
      #expect(ModelSource.isModel(file))
      #expect(Fixtures.problem { _ = try ModelSource(file) }.contains("git lfs pull"))
      _ = try put("model.safetensors")
      #expect(Fixtures.problem { _ = try ModelSource(folder) }.contains("git lfs pull"))
    }
  }

  @Test func `a folder without other weights is its GGUF, and several are named`() throws {
    try withModel { folder in
      func place(_ name: String) -> URL { folder.appendingPathComponent(name) }
      try FileManager.default.removeItem(at: place("model.safetensors"))
      let file = GGUFTests.file("qwen3-tiny-f32")
      try FileManager.default.copyItem(at: file, to: place("b.gguf"))
      #expect(try ModelSource(folder).architecture.family == .qwen3)
      try FileManager.default.copyItem(at: file, to: place("a.gguf"))
      #expect(
        Fixtures.problem { _ = try ModelSource(folder) }.contains("name one: ‘a.gguf’, ‘b.gguf’."))
    }
  }

  @Test func `an end token beyond the vocabulary is left out with a warning`() throws {
    func ends(_ list: String) -> (String) -> String {
      { $0.replacingOccurrences(of: #""eos_token_id": 2"#, with: #""eos_token_id": \#(list)"#) }
    }
    try withModel(configuration: ends("[2, 128001]")) { folder in
      let source = try ModelSource(folder)
      #expect(source.endTokens == [2])
      #expect(source.warnings.count == 1)
      #expect(source.warnings[0].contains("end token 128001 is beyond the vocabulary of 97"))
    }
    try withModel(configuration: ends("128001")) { folder in
      #expect(Fixtures.problem { _ = try ModelSource(folder) }.contains("there is no other"))
    }
  }

  @Test func `code that comes with a model is told of and not run`() throws {
    let own = #""auto_map": {"AutoModelForCausalLM": "modeling.Own"}, "vocab_size""#
    try withModel(configuration: { $0.replacingOccurrences(of: #""vocab_size""#, with: own) }) {
      folder in
      let warnings = try ModelSource(folder).warnings
      #expect(warnings.map { $0.contains("a plain llama model") } == [true])
    }
  }

  @Test func `a folder gets zeros for biases that only it must have`() throws {
    var shape = smallPolicy().architecture
    shape.biases = [.query, .key, .value]
    let policy = Transformer(architecture: shape, seed: 5)
    let model = ModelFiles(
      configuration: Configuration(architecture: shape), parameters: policy.parameters,
      tokenizer: nil)
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try model.save(to: copy)
      let again = try ModelFiles.load(copy)
      #expect(again.architecture.biases == LinearLayer.attention)
      let tokens: [Token] = [3, 1, 4, 1, 5]
      let twin = Transformer(architecture: again.architecture, parameters: again.parameters)
      expectEqual(twin.logits(tokens), policy.logits(tokens))
    }
  }
}
