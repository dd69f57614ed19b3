import Foundation
import LanguageModel

extension ModelSettings {
  /// The shape of the model, with the defaults that transformers gives to missing keys.
  func architecture() throws -> Architecture {
    guard case .object = json else { throw error("this is no JSON object.") }
    var shape = Architecture()
    shape.family = try family()
    shape.vocabulary = try required("vocab_size", ShapeLimits.vocabulary)
    shape.width = try required("hidden_size", ShapeLimits.width)
    shape.hidden = try required("intermediate_size", ShapeLimits.hidden)
    shape.layers = try required("num_hidden_layers", ShapeLimits.layers)
    shape.heads = try required("num_attention_heads", ShapeLimits.heads)
    shape.keyHeads = try integer("num_key_value_heads", ShapeLimits.heads) ?? shape.heads
    guard shape.heads % shape.keyHeads == 0 else {
      throw error(
        "‘num_attention_heads’ (\(shape.heads)) is no multiple of ‘num_key_value_heads’ "
          + "(\(shape.keyHeads)).")
    }
    shape.headWidth = try headWidth(shape)
    shape.contextLength =
      try integer("max_position_embeddings", ShapeLimits.contextLength)
      ?? (shape.family == .llama ? 2048 : 32768)
    shape.normEpsilon = Float(try number("rms_norm_eps", ShapeLimits.normEpsilon) ?? 1e-6)
    shape.tied = try flag("tie_word_embeddings") ?? false
    shape.biases = try biases(shape.family)
    let rotation = try rotation()
    shape.ropeBase = rotation.base ?? 10000
    (shape.ropeFactor, shape.ropeScaling) = (rotation.factor, rotation.scaling)
    try refuseUnsupported(shape)
    if let problem = shape.tooLarge { throw error(problem) }
    return shape
  }

  private func family() throws -> Architecture.Family {
    guard let type = json["model_type"]?.string else { throw error("‘model_type’ is missing.") }
    guard let family = Architecture.Family(rawValue: type) else {
      throw error(Relatives.refusal(of: type))
    }
    return family
  }

  private func headWidth(_ shape: Architecture) throws -> Int {
    let width: Int
    if let given = try integer("head_dim", ShapeLimits.headWidth) {
      width = given
    } else if shape.family == .qwen3 {
      width = 128
    } else {
      guard shape.width % shape.heads == 0 else {
        throw error("‘head_dim’ is missing and ‘hidden_size’ is no multiple of the heads.")
      }
      width = shape.width / shape.heads
    }
    guard width >= 2, width % 2 == 0 else {
      throw error("‘head_dim’ is \(width); rotary embeddings need an even width.")
    }
    return width
  }

  /// The biases that `attention_bias` and `mlp_bias` ask for, where the family heeds them.
  private func biases(_ family: Architecture.Family) throws -> Set<LinearLayer> {
    let (attention, feedForward) = (try flag("attention_bias"), try flag("mlp_bias"))
    var biases: Set<LinearLayer> = []
    if attention == true, family != .qwen2 { biases.formUnion(LinearLayer.attention) }
    if feedForward == true {
      guard family == .llama else {
        throw error("‘mlp_bias’ is true, which is supported for no \(family.rawValue) model.")
      }
      biases.formUnion(LinearLayer.feedForward)
    }
    return biases
  }

  private func refuseUnsupported(_ shape: Architecture) throws {
    for key in ["hidden_act", "hidden_activation"] {
      if let name = json[key]?.string, name != "silu", name != "swish" {
        throw error("‘\(key)’ is \(quoted(name)); only silu is supported.")
      }
    }
    if let method = json["quantization_config"], !method.isNull {
      throw error("the weights are quantised; use the folder with the original weights.")
    }
    for (key, neutral) in ConfigurationRefusals.keys {
      guard let value = json[key], !neutral.allows(value) else { continue }
      // Queries and keys of a qwen3 are normed anyway.
      if shape.family == .qwen3, key.contains("qk_") { continue }
      throw error("‘\(key)’ is set, which changes the model's numbers and is not supported.")
    }
    if try flag("is_causal") == false {
      throw error("‘is_causal’ is false; only attention to what came before is supported.")
    }
    let scale = 1 / Double(shape.headWidth).squareRoot()
    try refuse(["attention_multiplier", "attention_scale", "attn_scale"], unless: scale)
    try refuse(["query_pre_attn_scalar"], unless: Double(shape.headWidth))
    try refuseWindows(shape)
  }

  /// Refuses scales of attention other than the usual 1 / √head width.
  private func refuse(_ keys: [String], unless usual: Double) throws {
    for key in keys {
      guard let value = try number(key, 0...1e9), value != 0 else { continue }
      guard (value - usual).magnitude <= 1e-5 * usual else {
        throw error("‘\(key)’ is \(value); only the usual \(usual) is supported.")
      }
    }
  }

  /// Refuses windows of attention that are shorter than the context.
  private func refuseWindows(_ shape: Architecture) throws {
    let window = try integer("sliding_window", 0...ShapeLimits.contextLength.upperBound) ?? 0
    let isWide = window >= shape.contextLength
    let kinds = json["layer_types"]?.array ?? []
    if let other = kinds.first(where: { $0.string != "full_attention" }) {
      let name = other.string ?? "?"
      guard name == "sliding_attention", isWide else {
        throw error(
          "sliding windows of attention are not supported: ‘layer_types’ has \(quoted(name)).")
      }
    }
    if shape.family == .llama {
      guard window == 0 || isWide else {
        throw error(
          "sliding windows of attention are not supported: ‘sliding_window’ is \(window).")
      }
    } else if try flag("use_sliding_window") == true, kinds.isEmpty {
      // The layers from this one on have the window.
      let first = try integer("max_window_layers", 0...1_000_000) ?? 28
      guard isWide || first >= shape.layers || json["sliding_window"]?.isNull == true else {
        throw error("sliding windows of attention are not supported: ‘use_sliding_window’ is true.")
      }
    }
  }
}
