import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// Damages files in ways that parsers meet: flipped bits, cuts, splices and extreme numbers.
struct Mutator {
  private var state: UInt64
  private static let extremes = [
    "0", "-1", "1", "2147483648", "4294967296", "9223372036854775807", "-9223372036854775808",
    "18446744073709551616", "1e308", "1e-320", "99999999999999999999999", "3.5", "null", "\"\"",
    "[]", "{}", "true", "\"\\ud800\"", "[[[[[[[[", "\u{0}", "\"é\"",
  ].map { Array($0.utf8) }

  init(seed: UInt64) { state = seed }

  mutating func below(_ limit: Int) -> Int {
    // SplitMix64, so that the sequence is the same wherever the test runs.
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ mixed >> 31) % UInt64(max(1, limit)))
  }

  /// The bytes with one to three mutations within the first `reach` bytes.
  mutating func mutated(_ bytes: [UInt8], reach: Int = .max) -> [UInt8] {
    var bytes = bytes
    for _ in 0...below(3) {
      let place = below(min(bytes.count, reach))
      switch below(7) {
      case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(below(8))
      case 1 where !bytes.isEmpty: bytes[place] = UInt8(below(256))
      case 2: bytes.removeSubrange(place...)
      case 3:
        let end = min(bytes.count, place + below(40))
        bytes.replaceSubrange(
          below(min(bytes.count, reach))..<bytes.count, with: bytes[place..<end] + bytes[place...])
      case 4 where bytes.count >= 8: replaceLength(at: place, in: &bytes)
      default: replaceNumber(near: place, in: &bytes)
      }
    }
    return bytes
  }

  /// Writes an extreme number of eight bytes, as binary headers hold lengths.
  private mutating func replaceLength(at place: Int, in bytes: inout [UInt8]) {
    let lengths: [UInt64] = [0, 1, 1 << 20, 1 << 31, 1 << 32, 1 << 60, 1 << 63, .max, .max - 7]
    let start = min(place, bytes.count - 8)
    let length = lengths[below(lengths.count)].littleEndian
    withUnsafeBytes(of: length) { bytes.replaceSubrange(start..<start + 8, with: $0) }
  }

  private mutating func replaceNumber(near place: Int, in bytes: inout [UInt8]) {
    let digits: ClosedRange<UInt8> = 48...57
    guard let start = bytes[place...].firstIndex(where: { digits.contains($0) }) else { return }
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: Mutator.extremes[below(Mutator.extremes.count)])
  }
}

@Suite struct ModelFileFuzzTests {
  static let inputs = 20_000

  /// How often the body succeeded; any error that is no sentence of ours is an issue.
  private func successes(
    of bytes: [UInt8], seed: UInt64, inputs: Int = Self.inputs, reach: Int = .max,
    _ body: ([UInt8]) throws -> Void
  ) -> Int {
    var mutator = Mutator(seed: seed)
    var successes = 0
    for _ in 0..<inputs {
      do {
        try body(mutator.mutated(bytes, reach: reach))
        successes += 1
      } catch let error as ModelFileError {
        if error.problem.isEmpty { Issue.record("an error without a sentence") }
      } catch {
        Issue.record("an error that is no sentence: \(error)")
      }
    }
    return successes
  }

  @Test func `a damaged safetensors file is read or refused with a sentence`() throws {
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try SafeTensors.write(
        [
          .init(name: "a", shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
          .init(name: "b", shape: [], values: [7]), .init(name: "c", shape: [0, 4], values: []),
        ], to: url)
      let whole = [UInt8](try Data(contentsOf: url))
      let read = successes(of: whole, seed: 1) { bytes in
        let file = try SafeTensors(parsing: bytes, file: "x.safetensors")
        for name in file.names { _ = try? file.floats(of: name) }
      }
      #expect(read > 100)
    }
  }

  @Test func `a damaged GGUF file is read or refused with a sentence`() throws {
    var file = GGUFBytes()
    func text(_ key: String, _ value: String) -> [UInt8] {
      GGUFBytes.key(key, 8, GGUFBytes.text(value))
    }
    func number(_ key: String, _ value: UInt32) -> [UInt8] {
      GGUFBytes.key("llama." + key, 4, GGUFBytes.number(value))
    }
    func texts(_ key: String, _ values: [String]) -> [UInt8] {
      let all = values.flatMap { GGUFBytes.text($0) }
      return GGUFBytes.key(key, 9, GGUFBytes.array(8, count: UInt64(values.count), all))
    }
    file.keys = [
      text("general.architecture", "llama"), number("embedding_length", 4),
      number("block_count", 1), number("attention.head_count", 2), number("context_length", 8),
      text("tokenizer.ggml.model", "gpt2"), text("tokenizer.ggml.pre", "smollm"),
      texts("tokenizer.ggml.tokens", ["<e>", "a", "b", "ab"]),
      texts("tokenizer.ggml.merges", ["a b"]),
      GGUFBytes.key(
        "tokenizer.ggml.token_type", 9,
        GGUFBytes.array(5, count: 4, [3, 1, 1, 1].flatMap { GGUFBytes.number(Int32($0)) })),
      text("tokenizer.chat_template", "{{ messages }}"),
    ]
    file.tensors = [
      .init(name: "token_embd.weight", sizes: [4, 4]),
      .init(name: "q", sizes: [32, 2], type: 2, offset: 64),
    ]
    file.data = 64 + 36
    let read = successes(of: file.bytes, seed: 8, inputs: 50_000) { bytes in
      let gguf = try GGUF(parsing: bytes, file: "x.gguf")
      for name in gguf.names { _ = try? gguf.floats(of: name) }
      let tokenizer = try Tokenizer(gguf)
      let tokens = tokenizer.encode("ab<e> ba", addSpecialTokens: true)
      #expect(tokens.allSatisfy { $0 >= 0 && $0 < Token(tokenizer.vocabularySize) })
    }
    #expect(read > 1000)
  }

  @Test func `a damaged GGUF model is opened or refused with a sentence`() throws {
    let model = try ModelFiles.load(Fixtures.model("llama-tiny-biases"))
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.gguf")
      try model.saveGGUF(to: url)
      func number(_ key: String, _ value: Float) -> [UInt8] {
        GGUFBytes.key("llama." + key, 6, GGUFBytes.number(value.bitPattern))
      }
      let whole = GGUFBytes.adding(
        [
          number("rope.scale_linear", 2), number("attention.scale", 0), number("logit_scale", 1),
          GGUFBytes.key("tokenizer.ggml.eos_token_id", 4, GGUFBytes.number(UInt32(2))),
        ], to: [UInt8](try Data(contentsOf: url)))
      let read = successes(of: whole, seed: 21, inputs: 500, reach: 4500) { bytes in
        try Data(bytes).write(to: url)
        let source = try ModelSource(url)
        #expect(source.endTokens.allSatisfy { $0 >= 0 && Int($0) < source.architecture.vocabulary })
        _ = try source.load()
      }
      #expect(read > 20)
    }
  }

  @Test func `a damaged index or configuration of a folder is read or refused with a sentence`()
    throws
  {
    let model = try ModelFiles.load(Fixtures.model("qwen3-tiny-biases"))
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try model.save(to: copy)
      func place(_ name: String) -> URL { copy.appendingPathComponent(name) }
      let part = "model-00001-of-00001.safetensors"
      try FileManager.default.moveItem(at: place("model.safetensors"), to: place(part))
      let map = Dictionary(uniqueKeysWithValues: model.parameters.slices.map { ($0.name, part) })
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      let index = try encoder.encode(["weight_map": map])
      for name in ["model.safetensors.index.json", "config.json", "generation_config.json"] {
        try index.write(to: place("model.safetensors.index.json"))
        let whole = [UInt8](try Data(contentsOf: place(name)))
        let read = successes(of: whole, seed: 31, inputs: 250) { bytes in
          try Data(bytes).write(to: place(name))
          _ = try ModelSource(copy).load()
        }
        // Hardly any change of an index leaves it whole.
        #expect(read > 0 || name == "model.safetensors.index.json", "\(name)")
        try Data(whole).write(to: place(name))
      }
    }
  }

  @Test func `a damaged config is read or refused with a sentence`() throws {
    let url = Fixtures.model("llama-tiny-llama3rope").appendingPathComponent("config.json")
    let whole = [UInt8](try Data(contentsOf: url))
    let read = successes(of: whole, seed: 2) { bytes in
      let configuration = try Configuration(parsing: bytes, file: "config.json")
      let text = Array(configuration.text.utf8)
      let again = try Configuration(parsing: text, file: "config.json")
      #expect(again.architecture == configuration.architecture)
    }
    #expect(read > 100)
  }

  @Test(arguments: [0, 1, 2, 3])
  func `a damaged tokenizer is read or refused with a sentence`(_ part: Int) throws {
    let whole = try part == 3 ? words() : small(TokenizerTests.families[part])
    let read = successes(of: whole, seed: UInt64(3 + part)) { bytes in
      let tokenizer = try Tokenizer(parsing: bytes, file: "tokenizer.json")
      let tokens = tokenizer.encode("the hello 1 <|im_end|>\n $", addSpecialTokens: true)
      #expect(tokens.allSatisfy { $0 >= 0 && $0 < Token(tokenizer.vocabularySize) })
      _ = tokenizer.decode(tokens, skipSpecial: true)
    }
    #expect(read > 100)
  }

  @Test func `a damaged tokenizer_config is read or refused with a sentence`() throws {
    let config = """
      {"bos_token": {"content": "$", "lstrip": false}, "eos_token": "$", "pad_token": "<pad>",
       "chat_template": "{{ messages }}", "tokenizer_class": "GPT2Tokenizer", "model_max_length": 8}
      """
    try Fixtures.withFolder { folder in
      try Data(words()).write(to: folder.appendingPathComponent("tokenizer.json"))
      let url = folder.appendingPathComponent("tokenizer_config.json")
      let read = successes(of: Array(config.utf8), seed: 9, inputs: 2000) { bytes in
        try Data(bytes).write(to: url)
        let tokenizer = try Tokenizer(folder: folder)
        _ = (tokenizer.cautions, tokenizer.hasChatTemplate)
        let known = Token(tokenizer.vocabularySize)
        #expect(tokenizer.endTokens.allSatisfy { $0 >= 0 && $0 < known })
      }
      #expect(read > 100)
    }
  }

  private func words() throws -> [UInt8] {
    try Tokenizer.wordLevel(
      vocabulary: ["<pad>", "$", "\n", ":", "1", "the"], endToken: "$", padToken: "<pad>"
    ).source
  }

  /// A tokenizer of the family with few tokens, so that mutations meet every part of the file.
  private func small(_ family: String) throws -> [UInt8] {
    let url = Fixtures.golden.appendingPathComponent("tokenizer/\(family)/tokenizer.json")
    var json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    var model = try #require(json["model"] as? [String: Any])
    let merges = try #require(model["merges"] as? [Any])
    model["merges"] = Array(merges.prefix(2))
    let kept = Set(["h", "e", "t", "he", "the", "Ġ", "Ġthe", "1", "12", "Ġ1", "l", "o"])
    model["vocab"] = try #require(model["vocab"] as? [String: Int]).filter { kept.contains($0.key) }
    json["model"] = model
    return [UInt8](try JSONSerialization.data(withJSONObject: json, options: .sortedKeys))
  }
}
