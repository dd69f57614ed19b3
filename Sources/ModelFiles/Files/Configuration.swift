public import Foundation
public import LanguageModel

/// What `config.json` says of a model: its shape and the tokens that begin, end and pad a text.
///
/// Keys that Crux does not know are kept and written back.
public struct Configuration: Equatable, Sendable {
  /// The shape.
  public var architecture: Architecture
  /// Tokens that end a text; may be empty.
  public var endTokens: [Token] = []
  /// The token that begins a text; nil where none does.
  public var beginToken: Token?
  /// The token that fills up rows; nil where none does.
  public var padToken: Token?
  /// Ids that are said to end a text and that the vocabulary does not have.
  var strangeEnds: [Int] = []
  var imported: JSON = [:]
  /// The `generation_config.json` that lay beside it.
  var generation: JSON?

  /// Whether the folder brings code that computes the model in a way of its own.
  var hasOwnCode: Bool { imported["auto_map"]?["AutoModelForCausalLM"] != nil }

  /// A configuration that was not read from a file.
  public init(architecture: Architecture) { self.architecture = architecture }

  /// Reads a `config.json` and checks every number in it.
  ///
  /// - Throws: `ModelFileError` where it is damaged or asks for what Crux does not compute.
  public init(contentsOf url: URL) throws {
    try self.init(parsing: readWhole(url), file: url.path)
  }

  /// Reads the bytes of a `config.json`; `file` is named in errors.
  public init(parsing bytes: [UInt8], file: String) throws {
    let settings = ModelSettings(json: try JSONReader.read(bytes, file: file), file: file)
    try self.init(settings, settings.architecture())
  }

  /// Reads what a server's answers need of a `config.json`, of whatever family the model is.
  init(served url: URL) throws {
    let settings = ModelSettings(
      json: try JSONReader.read(readWhole(url), file: url.path), file: url.path)
    try self.init(settings, settings.servedArchitecture())
  }

  private init(_ settings: ModelSettings, _ shape: Architecture) throws {
    architecture = shape
    imported = settings.json
    let json = settings.json
    let ids = 0...(architecture.vocabulary - 1)
    let named = json["eos_token_id"].flatMap { $0.isNull ? nil : $0 }
    for id in named?.array ?? [named].compactMap({ $0 }) {
      _ = try settings.check(id, "eos_token_id", -1...(1 << 31 - 1))
    }
    (endTokens, strangeEnds) = endTokens(of: named)
    // Some folders say -1 where there is none.
    beginToken = json["bos_token_id"]?.integer.flatMap { ids.contains($0) ? Token($0) : nil }
    padToken = json["pad_token_id"]?.integer.flatMap { ids.contains($0) ? Token($0) : nil }
  }

  /// A text under a key that no computation hangs on, such as what a model was made for; nil where
  /// the file lacks it.
  public func note(_ key: String) -> String? { imported[key]?.string }

  /// Sets such a text; it is written with the rest.
  public mutating func setNote(_ key: String, _ text: String) { imported.set(key, .string(text)) }
}

/// The keys of a `config.json` with their ranges checked.
struct ModelSettings {
  /// The whole file.
  let json: JSON
  /// Named in errors.
  let file: String

  /// An error about the file.
  func error(_ problem: String) -> ModelFileError { ModelFileError(file: file, problem: problem) }

  /// A whole number in a range; nil where the key is missing or null.
  func integer(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let value = json[key], !value.isNull else { return nil }
    return try check(value, key, range)
  }

  /// A whole number in a range.
  func check(_ value: JSON, _ key: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = value.integer, range.contains(number) else {
      throw error(
        "‘\(key)’ must be a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// A whole number that must be there.
  func required(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = try integer(key, range) else { throw error("‘\(key)’ is missing.") }
    return number
  }

  /// A number in a range; nil where the key is missing or null.
  func number(_ key: String, _ range: ClosedRange<Double>, in object: JSON? = nil) throws
    -> Double?
  {
    guard let value = (object ?? json)[key], !value.isNull else { return nil }
    guard let number = value.double, range.contains(number) else {
      throw error("‘\(key)’ must be a number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// A truth value; nil where the key is missing or null.
  func flag(_ key: String) throws -> Bool? {
    guard let value = json[key], !value.isNull else { return nil }
    guard let flag = value.bool else { throw error("‘\(key)’ must be true or false.") }
    return flag
  }
}

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

  /// Vocabulary and context of a model that a server computes.
  func servedArchitecture() throws -> Architecture {
    guard case .object = json else { throw error("this is no JSON object.") }
    // Models that take pictures too keep what is said of texts apart.
    let texts = json["text_config"].map { ModelSettings(json: $0, file: file) } ?? self
    var shape = Architecture()
    shape.vocabulary = try texts.required("vocab_size", ShapeLimits.vocabulary)
    shape.contextLength =
      try texts.integer("max_position_embeddings", ShapeLimits.contextLength) ?? 32768
    return shape.hollow
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

/// How a `config.json` says that queries and keys are turned by their positions.
struct RotationSettings: Equatable {
  /// Base of the frequencies; nil where the object does not say.
  var base: Double?
  /// Positions are divided by this.
  var factor = 1.0
  /// Llama 3's stretching; nil leaves the frequencies.
  var scaling: RopeScaling?

  fileprivate func turnsAlike(_ other: RotationSettings) -> Bool {
    factor == other.factor && scaling == other.scaling
  }
}

extension ModelSettings {
  /// The rotation, which transformers 4 and 5 keep in different keys.
  func rotation() throws -> RotationSettings {
    let newer = try object("rope_parameters").map { try nested($0) }
    let older = try object("rope_scaling").map { try nested($0) }
    let outer = try number("rope_theta", ShapeLimits.ropeBase)
    if let outer, let inner = newer?.base ?? older?.base, outer != inner {
      throw error(
        "‘rope_theta’ is \(outer) and \(newer?.base == nil ? "‘rope_scaling’" : "‘rope_parameters’") "
          + "says \(inner); make them agree.")
    }
    if let share = try number("partial_rotary_factor", 0...1), share != 1 {
      throw error("‘partial_rotary_factor’ is \(share); only whole rotation is supported.")
    }
    if let newer, let older, !newer.turnsAlike(older) {
      throw error("‘rope_parameters’ and ‘rope_scaling’ differ; make them agree.")
    }
    var rotation = newer ?? older ?? RotationSettings()
    rotation.base = newer?.base ?? older?.base ?? outer
    return rotation
  }

  private func object(_ key: String) throws -> JSON? {
    guard let value = json[key], !value.isNull else { return nil }
    guard value.members != nil else {
      throw error("‘\(key)’, the settings of the rotation, is no object.")
    }
    return value
  }

  /// The settings of an object, which may hold one for each type of layer.
  private func nested(_ object: JSON) throws -> RotationSettings {
    let members = (object.members ?? []).filter { !$0.value.isNull }
    guard !members.isEmpty, members.allSatisfy({ $0.value.members != nil }) else {
      return try settings(object)
    }
    let all = try members.map { try settings($0.value) }
    guard all.allSatisfy({ $0 == all[0] }) else {
      let names = members.map { quoted($0.key) }.joined(separator: " and ")
      throw error("the settings of the rotation differ for \(names), which is not supported.")
    }
    return all[0]
  }

  private func settings(_ object: JSON) throws -> RotationSettings {
    var rotation = RotationSettings(
      base: try number("rope_theta", ShapeLimits.ropeBase, in: object))
    for key in ["partial_rotary_factor"] {
      if let share = try number(key, 0...1, in: object), share != 1 {
        throw error("‘\(key)’ is \(share); only whole rotation is supported.")
      }
    }
    if let sections = object["mrope_section"], !sections.isNull {
      throw error("‘mrope_section’ is set; rotation by several positions is not supported.")
    }
    switch object["rope_type"]?.string ?? object["type"]?.string {
    case "default": break
    case nil:
      guard try number("factor", 0...1e9, in: object) ?? 1 == 1 else {
        throw error(
          "the settings of the rotation have a ‘factor’ and no ‘rope_type’; say \"linear\", "
            + "\"llama3\" or \"default\".")
      }
    case "linear": rotation.factor = try need("factor", 1e-3...1e6, in: object)
    case "llama3": rotation.scaling = try llama3(object)
    case let type:
      throw error(
        "rotation of type \(quoted(type ?? "?")) is not supported; default, linear and llama3 are."
      )
    }
    return rotation
  }

  private func need(
    _ key: String, _ range: ClosedRange<Double>, in object: JSON
  ) throws -> Double {
    guard let value = try number(key, range, in: object) else {
      throw error("‘\(key)’ is missing in the settings of the rotation.")
    }
    return value
  }

  private func llama3(_ object: JSON) throws -> RopeScaling {
    var scaling = RopeScaling()
    scaling.factor = try need("factor", 1...1e6, in: object)
    scaling.lowFactor = try need("low_freq_factor", 1e-6...1e6, in: object)
    scaling.highFactor = try need("high_freq_factor", 1e-6...1e6, in: object)
    scaling.originalContext = try need("original_max_position_embeddings", 1...1e9, in: object)
    guard scaling.lowFactor < scaling.highFactor else {
      throw error("‘low_freq_factor’ must be below ‘high_freq_factor’.")
    }
    return scaling
  }
}
