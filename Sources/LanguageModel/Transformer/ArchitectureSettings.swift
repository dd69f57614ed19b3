extension ModelSettings {
  /// The shape of the model, with the defaults that transformers gives to missing keys.
  func architecture() throws -> Architecture {
    guard case .object = json else { throw error("this is no JSON object.") }
    var shape = Architecture()
    shape.family = try family()
    try refuseUnsupported(shape.family)
    shape.vocabulary = try required("vocab_size", 1...4_000_000)
    shape.width = try required("hidden_size", 1...65536)
    shape.hidden = try required("intermediate_size", 1...1_048_576)
    shape.layers = try required("num_hidden_layers", 1...1024)
    shape.heads = try required("num_attention_heads", 1...1024)
    shape.keyHeads = try integer("num_key_value_heads", 1...1024) ?? shape.heads
    guard shape.heads % shape.keyHeads == 0 else {
      throw error(
        "‘num_attention_heads’ (\(shape.heads)) is no multiple of ‘num_key_value_heads’ "
          + "(\(shape.keyHeads)).")
    }
    shape.headWidth = try headWidth(shape)
    shape.contextLength =
      try integer("max_position_embeddings", 1...1_000_000_000)
      ?? (shape.family == .llama ? 2048 : 32768)
    shape.normEpsilon = Float(try number("rms_norm_eps", 1e-30...0.1) ?? 1e-6)
    shape.tied = try flag("tie_word_embeddings") ?? false
    (shape.ropeBase, shape.ropeScaling) = try rotation()
    if let problem = shape.tooLarge { throw error(problem) }
    return shape
  }

  private func family() throws -> Architecture.Family {
    guard let type = json["model_type"]?.string else { throw error("‘model_type’ is missing.") }
    guard let family = Architecture.Family(rawValue: type) else {
      throw error("models of type \(quoted(type)) are not supported; llama, qwen2 and qwen3 are.")
    }
    return family
  }

  private func headWidth(_ shape: Architecture) throws -> Int {
    let width: Int
    if let given = try integer("head_dim", 2...4096) {
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

  private func refuseUnsupported(_ family: Architecture.Family) throws {
    if let activation = json["hidden_act"]?.string, activation != "silu", activation != "swish" {
      throw error("‘hidden_act’ is \(quoted(activation)); only silu is supported.")
    }
    if try flag("mlp_bias") == true {
      throw error("‘mlp_bias’ is true; biases in the feed-forward layers are not supported.")
    }
    if family != .qwen2, try flag("attention_bias") == true {
      throw error("‘attention_bias’ is true, which is supported for no \(family.rawValue) model.")
    }
    let kinds = json["layer_types"]?.array ?? []
    let slides = kinds.contains { $0.string != "full_attention" }
    if try flag("use_sliding_window") == true || slides {
      throw error("sliding windows of attention are not supported.")
    }
    if let method = json["quantization_config"], !method.isNull {
      throw error("the weights are quantised; use the folder with the original weights.")
    }
  }
}

extension Architecture {
  /// What is wrong with a shape that claims more than a processor trains; nil where nothing is.
  var tooLarge: String? {
    let perLayer = 2 * width * headWidth * (heads + keyHeads) + 3 * width * hidden
    let count = 2 * vocabulary * width + layers * perLayer
    guard count > 40_000_000_000 else { return nil }
    return "the model would have \(count) weights; at most 40000000000 are supported."
  }
}

extension ModelSettings {
  /// Base and stretching of the rotation, which transformers 4 and 5 keep in different keys.
  private func rotation() throws -> (base: Double, scaling: RopeScaling?) {
    let bases = 1.0...1e15
    let parameters = json["rope_parameters"].flatMap { $0.isNull ? nil : $0 }
    let older = json["rope_scaling"].flatMap { $0.isNull ? nil : $0 }
    let outer = try number("rope_theta", bases)
    let inner = try number("rope_theta", bases, in: parameters ?? [:])
    if let outer, let inner, outer != inner {
      throw error("‘rope_theta’ is \(outer) and ‘rope_parameters’ says \(inner); make them agree.")
    }
    for key in ["partial_rotary_factor"] {
      for object in [json, parameters ?? [:]] {
        if let share = try number(key, 0...1, in: object), share != 1 {
          throw error("‘\(key)’ is \(share); only whole rotation is supported.")
        }
      }
    }
    let first = try parameters.flatMap { try scaling($0) }
    let second = try older.flatMap { try scaling($0) }
    if parameters != nil, older != nil, first != second {
      throw error("‘rope_parameters’ and ‘rope_scaling’ differ; make them agree.")
    }
    return (inner ?? outer ?? 10000, first ?? second)
  }

  private func scaling(_ object: JSON) throws -> RopeScaling? {
    guard object.members != nil else { throw error("the settings of the rotation are no object.") }
    let type = object["rope_type"]?.string ?? object["type"]?.string ?? "default"
    if type == "default" { return nil }
    guard type == "llama3" else {
      throw error("rotation of type \(quoted(type)) is not supported; default and llama3 are.")
    }
    func need(_ key: String, _ range: ClosedRange<Double>) throws -> Double {
      guard let value = try number(key, range, in: object) else {
        throw error("‘\(key)’ is missing in the settings of the rotation.")
      }
      return value
    }
    var scaling = RopeScaling()
    scaling.factor = try need("factor", 1...1e6)
    scaling.lowFactor = try need("low_freq_factor", 1e-6...1e6)
    scaling.highFactor = try need("high_freq_factor", 1e-6...1e6)
    scaling.originalContext = try need("original_max_position_embeddings", 1...1e9)
    guard scaling.lowFactor < scaling.highFactor else {
      throw error("‘low_freq_factor’ must be below ‘high_freq_factor’.")
    }
    return scaling
  }
}
