import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// Tokenizers of GGUF files by the name of their pattern.
@Suite struct PreTokenizerAliasTests {
  private static let texts = [
    "don't  12 x<|im_end|>", "the 12345 678\n\n  y  \r\n WE'LL go", "a   b\tc 1 22 333 4444",
    "x=1;;\n//!? ...  \nzqx", "'s 's'S I'M we'd  ",
  ]

  /// A file with nothing but a tokenizer: a letter or two of bytes, some merges of digits and words.
  private func file(pre: String, begins: Bool? = nil) throws -> GGUF {
    let url = Fixtures.golden.appendingPathComponent("tokenizer/bpe-llama3/tokenizer.json")
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    let model = try #require(json["model"] as? [String: Any])
    let vocabulary = try #require(model["vocab"] as? [String: Int])
    let merges = try #require(model["merges"] as? [[String]])
    let tokens = vocabulary.sorted { $0.value < $1.value }.map(\.key) + ["<|im_end|>"]
    func texts(_ key: String, _ values: [String]) -> [UInt8] {
      let all = values.flatMap { GGUFBytes.text($0) }
      return GGUFBytes.key(
        "tokenizer.ggml." + key, 9, GGUFBytes.array(8, count: UInt64(values.count), all))
    }
    let types = (0..<tokens.count).map { Int32($0 == tokens.count - 1 ? 3 : 1) }
    var bytes = GGUFBytes()
    bytes.keys = [
      GGUFBytes.key("tokenizer.ggml.model", 8, GGUFBytes.text("gpt2")),
      GGUFBytes.key("tokenizer.ggml.pre", 8, GGUFBytes.text(pre)),
      GGUFBytes.key("tokenizer.ggml.bos_token_id", 4, GGUFBytes.number(UInt32(5))),
      texts("tokens", tokens), texts("merges", merges.map { $0.joined(separator: " ") }),
      GGUFBytes.key(
        "tokenizer.ggml.token_type", 9,
        GGUFBytes.array(
          5, count: UInt64(types.count), types.flatMap { GGUFBytes.number($0) })),
    ]
    if let begins {
      bytes.keys.append(GGUFBytes.key("tokenizer.ggml.add_bos_token", 7, [begins ? 1 : 0]))
    }
    return try GGUF(parsing: bytes.bytes, file: "x.gguf")
  }

  private func ids(_ pre: String) throws -> [[Token]] {
    let tokenizer = try Tokenizer(file(pre: pre))
    return Self.texts.map { tokenizer.encode($0) }
  }

  @Test(arguments: [
    ("gpt-2", ["gpt2", "phi-2", "jina-v2-de", "gigachat", "mpt", "olmo", "jais", "exaone4"]),
    ("smollm", ["starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"]),
    ("qwen2", ["deepseek-r1-qwen", "stablelm2", "kormo", "megrez", "hunyuan", "grok-2"]),
    ("llama-bpe", ["llama3", "llama-v3", "falcon3", "pixtral", "lfm2", "glm4", "glm5"]),
    ("smaug-bpe", ["dbrx", "chatglm-bpe"]),
  ])
  func `names of the same pattern give the same tokens`(_ name: String, _ others: [String]) throws {
    let expected = try ids(name)
    for other in others { #expect(try ids(other) == expected, "\(other)") }
  }

  @Test func `patterns are told apart, and unknown ones refused by name`() throws {
    let all = try ["gpt-2", "smollm", "qwen2", "llama-bpe", "smaug-bpe"].map { try ids($0) }
    #expect(Set(all).count == all.count)
    for name in ["default", "tekken", "deepseek-v3", "gpt-4o", "bloom", "qwen35"] {
      let problem = Fixtures.problem { _ = try ids(name) }
      #expect(problem.contains("‘\(name)’ (tokenizer.ggml.pre)"))
    }
  }

  @Test func `a first token is added where the name or the file says so`() throws {
    func first(_ pre: String, _ begins: Bool? = nil) throws -> Bool {
      let tokenizer = try Tokenizer(file(pre: pre, begins: begins))
      return tokenizer.encode("a", addSpecialTokens: true).first == 5
    }
    for name in ["llama-bpe", "falcon3", "lfm2"] {
      #expect(try first(name))
      #expect(try !first(name, false))
    }
    for name in ["glm4", "smaug-bpe", "qwen2", "smollm"] {
      #expect(try !first(name))
      #expect(try first(name, true))
    }
  }
}
