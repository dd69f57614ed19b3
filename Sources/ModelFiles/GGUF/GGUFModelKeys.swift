import Foundation
import LanguageModel
import Tensors

extension ModelFiles {
  /// Beginnings of keys that the way of writing decides, not the model.
  private static let dropped = ["general.alignment", "split.", "quantize."]

  /// Everything that a GGUF of this model says before its tensors.
  func ggufKeys(_ format: StorageFormat, file: String) throws -> GGUFKeys {
    var keys = GGUFKeys()
    let family = architecture.family.rawValue
    keys.set("general.architecture", family)
    keys.set("general.type", "model")
    let origin = tokenizer.map { if case .json = $0.origin { true } else { false } } ?? true
    let keepsTokenizer = metadata != nil && origin
    let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    keys.set("general.name", name)
    let dropped =
      ModelFiles.dropped + ["\(family).rope.scal"] + (keepsTokenizer ? [] : ["tokenizer."])
    for key in metadata?.keys ?? [] {
      guard let value = metadata?[key], !dropped.contains(where: { key.hasPrefix($0) })
      else { continue }
      keys.set(key, value.type, [UInt8](value.bytes.raw))
    }
    keys.set("general.architecture", family)
    keys.set("general.file_type", [StorageFormat.f32: 0, .f16: 1, .q80: 7][format] ?? 0)
    keys.set("general.quantization_version", 2)
    setShape(&keys, family)
    if !keepsTokenizer { try setTokenizer(&keys, file: file) }
    return keys
  }

  private func setShape(_ keys: inout GGUFKeys, _ family: String) {
    let shape = architecture
    for (name, number) in [
      ("context_length", shape.contextLength), ("embedding_length", shape.width),
      ("block_count", shape.layers), ("feed_forward_length", shape.hidden),
      ("attention.head_count", shape.heads), ("attention.head_count_kv", shape.keyHeads),
      ("attention.key_length", shape.headWidth), ("attention.value_length", shape.headWidth),
      ("rope.dimension_count", shape.headWidth), ("vocab_size", shape.vocabulary),
    ] {
      keys.set("\(family).\(name)", number)
    }
    keys.set("\(family).attention.layer_norm_rms_epsilon", shape.normEpsilon)
    keys.set("\(family).rope.freq_base", Float(shape.ropeBase))
    if shape.ropeFactor != 1 {
      keys.set("\(family).rope.scaling.type", "linear")
      keys.set("\(family).rope.scaling.factor", Float(shape.ropeFactor))
    }
  }

  private func setTokenizer(_ keys: inout GGUFKeys, file: String) throws {
    guard let tokenizer else {
      keys.set("tokenizer.ggml.model", "no_vocab")
      return
    }
    let words = try tokenizer.ggufWords(count: architecture.vocabulary, file: file)
    keys.set("tokenizer.ggml.model", "gpt2")
    keys.set("tokenizer.ggml.pre", words.cut.rawValue)
    keys.set("tokenizer.ggml.tokens", words.tokens)
    keys.set("tokenizer.ggml.token_type", words.types)
    keys.set("tokenizer.ggml.merges", words.merges)
    let begin = tokenizer.beginToken ?? configuration.beginToken
    let end = endToken
    let others = endTokens.filter { $0 != end }.sorted()
    for (name, token) in [
      ("bos", begin), ("eos", end), ("eot", others.first),
      ("padding", tokenizer.padToken ?? configuration.padToken),
    ] {
      if let token { keys.set("tokenizer.ggml.\(name)_token_id", Int(token)) }
    }
    keys.set("tokenizer.ggml.add_bos_token", !tokenizer.prefix.isEmpty)
    keys.set("tokenizer.ggml.add_eos_token", !tokenizer.suffix.isEmpty)
    keys.set("tokenizer.ggml.add_space_prefix", false)
    if let template = tokenizer.chatTemplateText {
      keys.set("tokenizer.chat_template", template)
    }
  }
}
