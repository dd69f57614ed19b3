import Foundation

/// A chat model of a few thousand weights that writes random letters, digits and lines: what a user
/// brings, at no cost.
///
/// Every byte is a token, and so are `?v`, as in many large vocabularies, and ChatML's markers. All
/// hidden states point one way, so the rows of the output matrix say how likely each token is.
struct ByteModel {
  private static let (width, inner, bytes) = (32, 48, 256)
  /// The letters that its texts are made of.
  private static let common = Set("0123456789abcdefghij \n".utf8)

  /// Writes it into a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder, which must not exist.
  ///   - endLogit: How likely an answer ends at each token: 2 lets it go on for some 50 tokens, -9
  ///     for ever.
  /// - Throws: Where it cannot be written.
  static func write(to folder: URL, endLogit: Float = 2) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func write(_ name: String, _ object: [String: Any]) throws {
      try JSONSerialization.data(withJSONObject: object)
        .write(to: folder.appendingPathComponent(name))
    }
    try write("config.json", configuration)
    try write("tokenizer.json", tokenizer)
    try write(
      "tokenizer_config.json",
      ["eos_token": "<|im_end|>", "chat_template": template, "model_max_length": 4096])
    try weights(endLogit).write(to: folder.appendingPathComponent("model.safetensors"))
  }

  private static let template =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    + "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}"
    + "{{ '<|im_start|>assistant\n' }}{% endif %}"

  private static var configuration: [String: Any] {
    [
      "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": bytes + 3,
      "hidden_size": width, "intermediate_size": inner, "num_hidden_layers": 1,
      "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16, "hidden_act": "silu",
      "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "tie_word_embeddings": false,
      "torch_dtype": "float32", "rope_theta": 10000, "eos_token_id": bytes + 2,
    ]
  }

  private static var tokenizer: [String: Any] {
    var vocabulary: [String: Int] = ["?v": bytes]
    for byte in 0..<bytes { vocabulary[letter(of: byte)] = byte }
    let added = ["<|im_start|>", "<|im_end|>"].enumerated().map { place, text in
      [
        "id": bytes + 1 + place, "content": text, "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true,
      ] as [String: Any]
    }
    let byteLevel: [String: Any] = [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
    ]
    return [
      "version": "1.0", "added_tokens": added, "pre_tokenizer": byteLevel, "decoder": byteLevel,
      "model": [
        "type": "BPE", "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
        "vocab": vocabulary, "merges": ["? v"],
      ] as [String: Any],
    ]
  }

  /// The character that stands for a byte in byte-level vocabularies.
  private static func letter(of byte: Int) -> String {
    func isShown(_ byte: Int) -> Bool {
      (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
    }
    let place = isShown(byte) ? byte : 256 + (0..<byte).count { !isShown($0) }
    return Unicode.Scalar(UInt32(place)).map { String(Character($0)) } ?? ""
  }

  private static func weights(_ endLogit: Float) throws -> Data {
    var header: [String: Any] = [:]
    var values: [Float] = []
    var state: UInt64 = 7
    func noise() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) - 0.5
    }
    func add(_ name: String, _ shape: [Int], _ value: (Int) -> Float) {
      let start = values.count
      values += (0..<shape.reduce(1, *)).map(value)
      header[name] = [
        "dtype": "F32", "shape": shape, "data_offsets": [4 * start, 4 * values.count],
      ]
    }
    func logit(_ token: Int) -> Float {
      if token == bytes + 2 { return endLogit }
      return common.contains(UInt8(clamping: token)) && token < bytes ? 2 : -12
    }
    add("model.embed_tokens.weight", [bytes + 3, width]) { _ in 1 + 0.2 * noise() }
    add("model.norm.weight", [width]) { _ in 1 }
    add("lm_head.weight", [bytes + 3, width]) { logit($0 / width) / Float(width) }
    let layer = "model.layers.0."
    for name in ["input_layernorm", "post_attention_layernorm"] {
      add(layer + name + ".weight", [width]) { _ in 1 }
    }
    for name in ["q", "k", "v", "o"] {
      add(layer + "self_attn.\(name)_proj.weight", [width, width]) { _ in 0.05 * noise() }
    }
    for (name, shape) in [
      ("gate", [inner, width]), ("up", [inner, width]), ("down", [width, inner]),
    ] {
      add(layer + "mlp.\(name)_proj.weight", shape) { _ in 0.05 * noise() }
    }
    let json = try JSONSerialization.data(withJSONObject: header)
    let start = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    return start + json + values.withUnsafeBytes { Data($0) }
  }
}
