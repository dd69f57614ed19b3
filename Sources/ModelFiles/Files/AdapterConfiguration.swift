import LanguageModel

extension LowRankSettings {
  /// Reads an `adapter_config.json`; `file` is named in errors.
  ///
  /// Which layers are adapted is left to the adapter's tensors.
  init(parsing bytes: [UInt8], file: String) throws {
    self.init()
    let json = try JSONReader.read(bytes, file: file)
    let settings = ModelSettings(json: json, file: file)
    guard json.members != nil else { throw settings.error("this is no JSON object.") }
    guard let type = json["peft_type"]?.string else {
      throw settings.error("‘peft_type’ is missing; this is no adapter that PEFT wrote.")
    }
    guard type == "LORA" else {
      throw settings.error("adapters of type \(quoted(type)) are not supported; LORA is.")
    }
    try AdapterRefusals(settings: settings).check()
    imported = json.prettyText
    rank = try settings.required("r", 1...4096)
    guard let alpha = try settings.number("lora_alpha", 0...1e6) else {
      throw settings.error("‘lora_alpha’ is missing.")
    }
    self.alpha = alpha
    isRankStabilised = try settings.flag("use_rslora") ?? false
    baseName = json["base_model_name_or_path"]?.string
  }

  /// What was read of `adapter_config.json`; nothing where the adapter is new.
  var known: JSON {
    imported.isEmpty
      ? [:] : (try? JSONReader.read(Array(imported.utf8), file: "adapter_config.json")) ?? [:]
  }

  /// The text of `adapter_config.json`: what was read, with what Crux knows set anew.
  var configurationText: String {
    var json = known
    json.set("peft_type", .string("LORA"))
    json.set("task_type", json["task_type"] ?? .string("CAUSAL_LM"))
    json.set("base_model_name_or_path", baseName.map { .string($0) } ?? .null)
    json.set("r", .integer(rank))
    let whole = alpha == alpha.rounded() && alpha.magnitude < 1e15
    json.set("lora_alpha", whole ? .integer(Int(alpha)) : .double(alpha))
    json.set("use_rslora", .bool(isRankStabilised))
    for (key, value) in LowRankSettings.defaults where json[key] == nil { json.set(key, value) }
    if json["target_modules"] == nil {
      json.set("target_modules", .array(targets.map { .string($0.rawValue) }))
    }
    // Otherwise PEFT would let the adapter train where it is only loaded.
    json.set("inference_mode", .bool(true))
    return json.prettyText
  }

  private static let defaults: [(String, JSON)] = [
    ("lora_dropout", .double(0)), ("bias", .string("none")), ("fan_in_fan_out", .bool(false)),
    ("modules_to_save", .null), ("use_dora", .bool(false)),
  ]
}

/// What an adapter may ask for and Crux does not compute.
struct AdapterRefusals {
  let settings: ModelSettings

  /// Keys that change what an adapter computes; nothing may stand there.
  private static let empty = [
    "modules_to_save", "rank_pattern", "alpha_pattern", "layer_replication",
    "trainable_token_indices", "target_parameters", "alora_invocation_tokens", "use_bdlora",
    "arrow_config", "kasa_config", "monteclora_config", "megatron_config",
  ]
  /// Ways to draw A and B that leave the weights beneath as they are.
  private static let harmlessStarts = ["gaussian", "eva", "orthogonal"]

  func check() throws {
    if let bias = settings.json["bias"], !bias.isNull, bias.string != "none" {
      throw settings.error("‘bias’ must be \"none\"; adapters with biases are not supported.")
    }
    for key in ["fan_in_fan_out", "lora_bias", "use_dora", "use_qalora"]
    where try settings.flag(key) == true {
      throw settings.error("‘\(key)’ is true, which is not supported; " + remedy)
    }
    for key in AdapterRefusals.empty where !isEmpty(key) {
      throw settings.error("‘\(key)’ is set, which is not supported; " + remedy)
    }
    // A later PEFT may know variants that Crux cannot know.
    let known = ["use_rslora", "use_dora", "use_qalora", "use_bdlora"]
    for member in settings.json.members ?? [] {
      guard member.key.hasPrefix("use_"), !known.contains(member.key) else { continue }
      guard isEmpty(member.key) else {
        throw settings.error("\(quoted(member.key)) is set and not known; " + remedy)
      }
    }
    try checkStart()
  }

  private var remedy: String { "merge the adapter with PEFT and use the merged model." }

  private func isEmpty(_ key: String) -> Bool {
    switch settings.json[key] {
    case nil, .null, .bool(false): true
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }

  private func checkStart() throws {
    switch settings.json["init_lora_weights"] {
    case nil, .null, .bool: return
    case .string(let name) where AdapterRefusals.harmlessStarts.contains(name): return
    default:
      throw settings.error(
        "‘init_lora_weights’ names a start that changes the model's own weights; " + remedy)
    }
  }
}
