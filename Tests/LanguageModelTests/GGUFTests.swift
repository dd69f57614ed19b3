import Comparing
import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct GGUFTests {
  private struct TokenizerCases: Decodable {
    struct Row: Decodable {
      var text: String
      var ids: [Token]
    }
    var cases: [Row]
  }

  static func file(_ name: String) -> URL {
    Fixtures.golden.appendingPathComponent("quant/\(name).gguf")
  }

  static let exact = [
    ("llama-tiny-llama3rope-f32", "llama-tiny-llama3rope"), ("qwen2-tiny-f32", "qwen2-tiny"),
    ("qwen3-tiny-f32", "qwen3-tiny"),
  ]

  private func distance(_ model: ModelFiles, to expected: SafeTensors, _ name: String) throws
    -> Float
  {
    let policy = Transformer(architecture: model.architecture, parameters: model.parameters)
    return try GoldenModels.inputs(name).sequences.enumerated().reduce(0) { worst, item in
      let logits = try expected.floats(of: "logits.\(item.offset)")
      return max(worst, GoldenModels.distance(policy.logits(item.element).joined(), logits))
    }
  }

  @Test(arguments: exact)
  func `a GGUF holds the shape and the weights of the folder it was made from`(
    _ file: String, _ folder: String
  ) throws {
    let model = try ModelFiles.load(Self.file(file))
    let other = try ModelFiles.load(Fixtures.model(folder))
    #expect(model.architecture == other.architecture)
    #expect(model.parameters.slices == other.parameters.slices)
    expectEqual(Array(model.parameters.weights), Array(other.parameters.weights))
    #expect(model.warnings.isEmpty)
    // <|endoftext|> is a control token of the vocabulary beside the end that the file names.
    #expect(model.endTokens == [0, 2])
    #expect(model.endToken == 2)
    #expect(model.configuration.beginToken == 1)
    #expect(try distance(model, to: GoldenModels.expected(folder), folder) < 1e-4)
  }

  @Test func `a GGUF of several formats holds the reference weights bit for bit`() throws {
    let model = try ModelFiles.load(Self.file("llama-tiny-mixed"))
    let folder = Fixtures.golden.appendingPathComponent("quant")
    let weights = try SafeTensors(
      contentsOf: folder.appendingPathComponent("llama-tiny-mixed.weights.safetensors"))
    for slice in model.parameters.slices {
      let expected = try weights.floats(of: slice.name).map(\.bitPattern)
      expectEqual(
        model.parameters.weights[slice.range].map(\.bitPattern), expected, "\(slice.name)")
    }
    let expected = try SafeTensors(
      contentsOf: folder.appendingPathComponent("llama-tiny-mixed.expected.safetensors"))
    #expect(try distance(model, to: expected, "llama-tiny") < 1e-4)
  }

  @Test func `the tokenizer of a GGUF gives the reference tokens, also once it is written`() throws
  {
    let source = try ModelSource(Self.file("llama-tiny-mixed"))
    let tokenizer = try #require(source.tokenizer)
    let again = try Tokenizer(parsing: tokenizer.source, file: "tokenizer.json")
    let url = Fixtures.golden.appendingPathComponent("quant/gguf-tokenizer.json")
    let rows = try JSONDecoder().decode(TokenizerCases.self, from: Data(contentsOf: url)).cases
    #expect(rows.count == 11)
    for row in rows {
      #expect(tokenizer.encode(row.text, addSpecialTokens: true) == row.ids, "\(row.text)")
      #expect(again.encode(row.text, addSpecialTokens: true) == row.ids, "\(row.text)")
      #expect(tokenizer.decode(row.ids) == row.text)
    }
    #expect(tokenizer.endTokens == [2])
    #expect(tokenizer.beginToken == 1)
  }

  @Test func `a folder saved from a GGUF is the same model, chat template included`() throws {
    let model = try ModelFiles.load(Self.file("llama-tiny-llama3rope-f32"))
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try model.save(to: copy)
      let again = try ModelFiles.load(copy)
      #expect(again.architecture == model.architecture)
      expectEqual(Array(again.parameters.weights), Array(model.parameters.weights))
      #expect(again.endTokens == [0, 2])
      #expect(again.endToken == 2)
      #expect(again.tokenizer?.encode("the 12") == model.tokenizer?.encode("the 12"))
      let template = copy.appendingPathComponent("chat_template.jinja")
      #expect(try String(contentsOf: template, encoding: .utf8).contains("<|im_start|>assistant"))
    }
  }

  @Test func `a folder with a single GGUF file is that model`() throws {
    try Fixtures.withFolder { folder in
      #expect(!ModelSource.isModel(folder))
      let (first, second) = ("a.gguf", "b.gguf")
      let file = Self.file("qwen3-tiny-f32")
      try FileManager.default.copyItem(at: file, to: folder.appendingPathComponent(first))
      #expect(ModelSource.isModel(folder))
      #expect(try ModelSource(folder).architecture == ModelSource(file).architecture)
      try FileManager.default.copyItem(at: file, to: folder.appendingPathComponent(second))
      #expect(Fixtures.problem { _ = try ModelSource(folder) }.contains("several GGUF files"))
    }
  }

  @Test func `opening reads no weight and loading can be stopped`() throws {
    let source = try ModelSource(Self.file("qwen3-tiny-f32"))
    let folder = try ModelSource(Fixtures.model("qwen3-tiny"))
    #expect(source.weightCount == folder.weightCount)
    #expect(source.storedBytes == 4 * source.weightCount)
    var calls: [Int] = []
    let stopping = WorkProgress<PartsDone> { read throws(Stopped) in
      calls.append(read.done)
      #expect(read.total == source.weightCount)
      if read.done == 0 { throw Stopped() }
    }
    #expect(throws: Stopped.self) { _ = try source.load(progress: stopping) }
    #expect(calls == [0])
    _ = try source.load(progress: WorkProgress { calls.append($0.done) })
    #expect(calls == [0, 0, source.weightCount])
  }
}
