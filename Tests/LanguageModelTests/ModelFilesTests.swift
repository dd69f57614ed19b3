import Comparing
import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct ModelFilesTests {
  private func tiny() throws -> ModelFiles {
    var model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    model.tokenizer = try .wordLevel(
      vocabulary: WordLevelTests.words, endToken: "$", padToken: "<pad>")
    model.modelCard = "# A small model\n"
    return model
  }

  @Test(arguments: Fixtures.models)
  func `a saved folder has the same shape and the same weights`(_ name: String) throws {
    let model = try ModelFiles.load(Fixtures.model(name))
    #expect(model.warnings.isEmpty)
    #expect(model.endTokens == [2])
    #expect(model.tokenizerProblem?.contains("only token ids") == true)
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("a/b")
      try model.save(to: copy)
      let again = try ModelFiles.load(copy)
      #expect(again.architecture == model.architecture)
      #expect(again.parameters.slices == model.parameters.slices)
      expectEqual(Array(again.parameters.weights), Array(model.parameters.weights))
    }
  }

  @Test func `the tokenizer and the model card come back`() throws {
    let model = try tiny()
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try model.save(to: copy)
      try model.save(to: copy)
      let again = try ModelFiles.load(copy)
      #expect(again.tokenizer?.source == model.tokenizer?.source)
      #expect(again.tokenizer?.endTokens == [1])
      #expect(again.tokenizer?.padToken == 0)
      #expect(again.endTokens == [1, 2])
      #expect(again.modelCard == "# A small model\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model"])
    }
  }

  @Test func `an imported tokenizer is written as it was read`() throws {
    let source = Fixtures.golden.appendingPathComponent("tokenizer/bpe-llama3")
    var model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    model.tokenizer = try Tokenizer(folder: source)
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try model.save(to: copy)
      #expect(
        try Data(contentsOf: copy.appendingPathComponent("tokenizer.json"))
          == Data(contentsOf: source.appendingPathComponent("tokenizer.json")))
      #expect(try Tokenizer(folder: copy).endTokens == [341])
      #expect(try Tokenizer(folder: copy).beginToken == 339)
      let problem = try ModelFiles.load(copy).tokenizerProblem
      #expect(problem?.contains("belongs to another model") == true)
    }
  }

  @Test func `a folder with other files is never replaced`() throws {
    let model = try tiny()
    try Fixtures.withFolder { folder in
      try Data("keep".utf8).write(to: folder.appendingPathComponent("notes.txt"))
      #expect(Fixtures.problem { try model.save(to: folder) }.contains("‘notes.txt’"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
    }
  }

  @Test func `weights spread over several files are read`() throws {
    let model = try tiny()
    try Fixtures.withFolder { folder in
      try Data(model.configuration.text.utf8).write(
        to: folder.appendingPathComponent("config.json"))
      var map: [String: String] = [:]
      for (index, slice) in model.parameters.slices.enumerated() {
        let name = "model-\(index % 2).safetensors"
        map[slice.name] = name
      }
      for name in Set(map.values) {
        let tensors = model.parameters.slices.filter { map[$0.name] == name }.map {
          SafeTensors.Tensor(
            name: $0.name, shape: $0.shape, values: Array(model.parameters.weights[$0.range]))
        }
        try SafeTensors.write(tensors, to: folder.appendingPathComponent(name))
      }
      try JSONEncoder().encode(["weight_map": map]).write(
        to: folder.appendingPathComponent("model.safetensors.index.json"))
      let again = try ModelFiles.load(folder)
      expectEqual(Array(again.parameters.weights), Array(model.parameters.weights))
    }
  }

  @Test func `what is missing is said, and what to do`() throws {
    let model = try tiny()
    #expect(
      Fixtures.problem { _ = try ModelFiles.load(URL(fileURLWithPath: "/nowhere")) }
        == "/nowhere: there is no such file or folder.")
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try model.save(to: copy)
      let config = copy.appendingPathComponent("config.json")
      #expect(Fixtures.problem { _ = try ModelFiles.load(config) }.contains("name the folder"))
      let untied = model.configuration.text.replacingOccurrences(
        of: "\"tie_word_embeddings\": true", with: "\"tie_word_embeddings\": false")
      try Data(untied.utf8).write(to: config)
      #expect(Fixtures.problem { _ = try ModelFiles.load(copy) }.contains("set tie_word"))
      let wider = model.configuration.text.replacingOccurrences(
        of: "\"intermediate_size\": 56", with: "\"intermediate_size\": 57")
      try Data(wider.utf8).write(to: config)
      #expect(Fixtures.problem { _ = try ModelFiles.load(copy) }.contains("config.json asks for"))
      try FileManager.default.removeItem(at: copy.appendingPathComponent("model.safetensors"))
      #expect(
        Fixtures.problem { _ = try ModelFiles.load(copy) }.contains("model.safetensors is missing")
      )
      try FileManager.default.removeItem(at: config)
      #expect(
        Fixtures.problem { _ = try ModelFiles.load(copy) }.contains("config.json is missing"))
    }
  }
}
