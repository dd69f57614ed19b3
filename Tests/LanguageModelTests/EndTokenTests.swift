import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct EndTokenTests {
  /// A model whose tokenizer has these control tokens from id 90 on, of which `</s>` is its own end.
  private func ends(_ control: [String], plain: [String] = []) throws -> Set<Token> {
    func entry(_ id: Int, _ text: String, _ special: Bool) -> [String: Any] {
      ["id": id, "content": text, "special": special]
    }
    let added =
      control.enumerated().map { entry(90 + $0.offset, $0.element, true) }
      + plain.enumerated().map { entry(90 + control.count + $0.offset, $0.element, false) }
    let words = Dictionary(uniqueKeysWithValues: (0..<90).map { ("w\($0)", $0) })
    let json: [String: Any] = [
      "added_tokens": added, "model": ["type": "WordLevel", "vocab": words, "unk_token": "w0"],
    ]
    var model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    model.tokenizer = try Tokenizer(
      parsing: [UInt8](JSONSerialization.data(withJSONObject: json)), file: "tokenizer.json")
    return model.endTokens
  }

  @Test func `texts that end a text in every model count where they are control tokens`() throws {
    #expect(try ends(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]) == [2, 90, 92])
    #expect(
      try ends(["<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "</s>"]) == [2, 90, 91, 92, 93])
    #expect(try ends(["<|im_start|>"], plain: ["<|im_end|>", "</s>"]) == [2])
  }

  @Test func `an end of a part is none where a model has ends of its own`() throws {
    #expect(try ends(["<|end|>"]) == [2, 90])
    #expect(try ends(["<|end|>", "<|return|>", "<|call|>"]) == [2, 91, 92])
    #expect(try ends(["</s>", "<|tool_response>"]) == [2, 91])
  }

  @Test func `the settings of generation name ends too`() throws {
    let model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try model.save(to: copy)
      let file = copy.appendingPathComponent("generation_config.json")
      try Data(#"{"eos_token_id": [7, 2, 4000]}"#.utf8).write(to: file)
      let again = try ModelSource(copy)
      #expect(again.endTokens == [2, 7])
      #expect(again.endToken == 2)
      #expect(again.warnings.count == 1 && again.warnings[0].contains("end token 4000"))
    }
  }

  @Test func `a model that can write and has no end is warned of, and odd settings are`() throws {
    var model = try ModelFiles.load(Fixtures.model("llama-tiny"))
    let json = """
      {"added_tokens": [], "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1}, "unk_token": "a"}}
      """
    model.tokenizer = try Tokenizer(parsing: Array(json.utf8), file: "tokenizer.json")
    model.configuration.endTokens = []
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try model.save(to: copy)
      func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: copy.appendingPathComponent(name))
      }
      try write("generation_config.json", "{}")
      #expect(try ModelSource(copy).warnings.map { $0.contains("no file names a token") } == [true])
      try write("generation_config.json", #"{"eos_token_id": 1, "suppress_tokens": [0]}"#)
      #expect(try ModelSource(copy).warnings.map { $0.contains("suppressed") } == [true])
      try write("generation_config.json", #"{"eos_token_id": 1, "suppress_tokens": []}"#)
      try write(
        "tokenizer_config.json",
        #"{"added_tokens_decoder": {"1": {"content": "b"}, "2": {"content": "<|x|>"}}}"#)
      #expect(try ModelSource(copy).warnings.map { $0.contains("adds ‘<|x|>’, which") } == [true])
    }
  }
}
