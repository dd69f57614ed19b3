import Comparing
import Foundation
import LanguageModel
import Tensors
import Testing

@testable import ModelFiles

@Suite struct GGUFWriterTests {
  private func rewritten(_ model: ModelFiles, _ format: StorageFormat = .f32) throws -> ModelFiles {
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.gguf")
      try model.saveGGUF(to: url, format: format)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.gguf"])
      return try ModelFiles.load(url)
    }
  }

  @Test(arguments: Fixtures.models.filter { $0 != "qwen3-tiny-biases" })
  func `a GGUF written from a folder is the same model`(_ name: String) throws {
    let model = try ModelFiles.load(Fixtures.model(name))
    let again = try rewritten(model)
    #expect(again.architecture == model.architecture)
    expectEqual(Array(again.parameters.weights), Array(model.parameters.weights))
    #expect(again.warnings.isEmpty)
  }

  @Test func `what readers of a GGUF would leave out is not written`() throws {
    func problem(_ model: ModelFiles) -> String { Fixtures.problem { _ = try rewritten(model) } }
    let biased = try ModelFiles.load(Fixtures.model("qwen3-tiny-biases"))
    #expect(problem(biased).contains("a GGUF of type qwen3 has no bias of o_proj"))
    var stretched = try ModelFiles.load(Fixtures.model("qwen2-tiny"))
    stretched.configuration.architecture.ropeScaling = RopeScaling()
    #expect(problem(stretched).contains("cannot say how this model's rotation is stretched"))
  }

  @Test func `8 bits are written as the reference quantiser writes them`() throws {
    let model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    let again = try rewritten(model, .q80)
    let reference = try ModelFiles.load(GGUFTests.file("llama-tiny-mixed"))
    expectEqual(Array(again.parameters.weights), Array(reference.parameters.weights))
  }

  @Test func `16 bits keep all but the last digits, and vectors whole`() throws {
    let model = try ModelFiles.load(Fixtures.model("qwen3-tiny"))
    let again = try rewritten(model, .f16)
    for slice in model.parameters.slices {
      let (old, new) = (
        model.parameters.weights[slice.range], again.parameters.weights[slice.range]
      )
      let tolerance: Float = slice.shape.count < 2 ? 0 : 0x1p-11
      #expect(
        zip(old, new).allSatisfy {
          ($0 - $1).magnitude <= tolerance * $0.magnitude + (tolerance == 0 ? 0 : 0x1p-25)
        })
    }
  }

  @Test func `what an imported GGUF says besides is written back byte for byte`() throws {
    let url = GGUFTests.file("llama-tiny-llama3rope-f32")
    let model = try ModelFiles.load(url)
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("x.gguf")
      try model.saveGGUF(to: copy)
      let (old, new) = (try Data(contentsOf: url), try Data(contentsOf: copy))
      for text in ["general.name", "tokenizer.ggml.tokens", "tokenizer.chat_template"] {
        let start = try #require(old.firstRange(of: Data(text.utf8))?.lowerBound)
        #expect(new.range(of: old[start..<start + 200]) != nil, "\(text)")
      }
    }
  }

  @Test func `a tokenizer of a folder comes back from the GGUF it was written to`() throws {
    for family in TokenizerTests.families {
      var model = try ModelFiles.load(Fixtures.model("llama-tiny"))
      var shape = model.architecture
      shape.vocabulary = 400
      let policy = Transformer(architecture: shape, seed: 1)
      model.configuration.architecture = shape
      model = ModelFiles(
        configuration: model.configuration, parameters: policy.parameters,
        tokenizer: try Tokenizer(
          folder: Fixtures.golden.appendingPathComponent("tokenizer/\(family)")))
      let again = try rewritten(model)
      let tokenizer = try #require(again.tokenizer, "\(again.tokenizerProblem ?? "")")
      let cases = try TokenizerCase.rows(
        Fixtures.golden.appendingPathComponent("tokenizer/\(family)/cases.jsonl"))
      for row in cases {
        #expect(tokenizer.encode(row.text, addSpecialTokens: true) == row.ids, "\(row.text)")
      }
      #expect(tokenizer.endTokens.isSuperset(of: model.tokenizer?.endTokens ?? []))
    }
  }

  @Test func `what GGUF cannot say and files of others are refused with a sentence`() throws {
    var model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    try Fixtures.withFolder { folder in
      let other = folder.appendingPathComponent("notes.gguf")
      try Data("keep".utf8).write(to: other)
      #expect(Fixtures.problem { try model.saveGGUF(to: other) }.contains("no GGUF file"))
      #expect(try String(contentsOf: other, encoding: .utf8) == "keep")
      let url = folder.appendingPathComponent("x.gguf")
      #expect(Fixtures.problem { try model.saveGGUF(to: url, format: .q4K) }.contains("only read"))
      model.parameters.weights[0] = 1e30
      #expect(
        Fixtures.problem { try model.saveGGUF(to: url, format: .f16) }.contains("cannot hold"))
      model.tokenizer = try .wordLevel(
        vocabulary: WordLevelTests.words, endToken: "$", padToken: "<pad>")
      #expect(Fixtures.problem { try model.saveGGUF(to: url) }.contains("save a folder instead"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.gguf"])
    }
  }
}
