import LanguageModel

extension Configuration {
  /// The text of a `config.json` that transformers 4 and 5 read alike.
  ///
  /// Both `rope_theta` and `rope_parameters` are there, for transformers 4 silently takes 10000
  /// where it finds only the latter, and both `dtype` and `torch_dtype`. Keys of the file this was
  /// read from stay as they were.
  public var text: String {
    var json = imported
    for (key, value) in shapeKeys + tokenKeys {
      // A number that did not change keeps the spelling of its file.
      if let old = json[key]?.double, let new = value.double, Float(old) == Float(new) { continue }
      json.set(key, value)
    }
    if json["rope_theta"]?.double != architecture.ropeBase {
      json.set("rope_theta", .double(architecture.ropeBase))
    }
    json.set("rope_parameters", rotation(withBase: true))
    if architecture.ropeScaling != nil || architecture.ropeFactor != 1 {
      json.set("rope_scaling", rotation(withBase: false))
    } else if json["rope_scaling"] != nil {
      json.set("rope_scaling", .null)
    }
    for (key, value) in biasKeys { json.set(key, value) }
    for (key, value) in familyKeys where json[key] == nil { json.set(key, value) }
    return json.prettyText
  }

  /// The text of a `generation_config.json`: the one that was read, or the tokens that begin, end
  /// and pad.
  public var generationText: String {
    if let generation { return generation.prettyText }
    var json: JSON = [:]
    for (key, value) in tokenKeys { json.set(key, value) }
    json.set("do_sample", .bool(true))
    return json.prettyText
  }

  private var shapeKeys: [(String, JSON)] {
    let shape = architecture
    let name =
      switch shape.family {
      case .llama: "Llama"
      case .qwen2: "Qwen2"
      case .qwen3: "Qwen3"
      }
    return [
      ("architectures", .array([.string(name + "ForCausalLM")])),
      ("model_type", .string(shape.family.rawValue)),
      ("vocab_size", .integer(shape.vocabulary)),
      ("hidden_size", .integer(shape.width)),
      ("intermediate_size", .integer(shape.hidden)),
      ("num_hidden_layers", .integer(shape.layers)),
      ("num_attention_heads", .integer(shape.heads)),
      ("num_key_value_heads", .integer(shape.keyHeads)),
      ("head_dim", .integer(shape.headWidth)),
      ("hidden_act", .string("silu")),
      ("max_position_embeddings", .integer(shape.contextLength)),
      ("rms_norm_eps", .number("\(shape.normEpsilon)")),
      ("tie_word_embeddings", .bool(shape.tied)),
      ("torch_dtype", .string("float32")),
      ("dtype", .string("float32")),
    ]
  }

  private var tokenKeys: [(String, JSON)] {
    func id(_ token: Token?) -> JSON { token.map { .integer(Int($0)) } ?? .null }
    let ends: JSON =
      endTokens.count > 1 ? .array(endTokens.map { .integer(Int($0)) }) : id(endTokens.first)
    return [
      ("bos_token_id", id(beginToken)), ("eos_token_id", ends), ("pad_token_id", id(padToken)),
    ]
  }

  /// Whether all biases of a kind are there; those that the model lacks are written as zeros.
  private var biasKeys: [(String, JSON)] {
    let (family, biases) = (architecture.family, architecture.biases)
    let attention = JSON.bool(!biases.isDisjoint(with: LinearLayer.attention))
    let feedForward = JSON.bool(!biases.isDisjoint(with: LinearLayer.feedForward))
    return switch family {
    case .llama: [("attention_bias", attention), ("mlp_bias", feedForward)]
    case .qwen2: []
    case .qwen3: [("attention_bias", attention)]
    }
  }

  private var familyKeys: [(String, JSON)] {
    switch architecture.family {
    case .llama: []
    case .qwen2, .qwen3: [("use_sliding_window", .bool(false)), ("sliding_window", .null)]
    }
  }

  private func rotation(withBase: Bool) -> JSON {
    var json: JSON = ["rope_type": .string("default")]
    if let scaling = architecture.ropeScaling {
      json = [
        "rope_type": .string("llama3"), "factor": .double(scaling.factor),
        "low_freq_factor": .double(scaling.lowFactor),
        "high_freq_factor": .double(scaling.highFactor),
        "original_max_position_embeddings": .integer(Int(scaling.originalContext)),
      ]
    }
    if architecture.ropeFactor != 1 {
      json = ["rope_type": .string("linear"), "factor": .double(architecture.ropeFactor)]
    }
    if withBase { json.set("rope_theta", .double(architecture.ropeBase)) }
    return json
  }
}
