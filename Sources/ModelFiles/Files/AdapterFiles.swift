public import Foundation
public import LanguageModel

/// A low-rank adapter as PEFT keeps it: `adapter_config.json` and `adapter_model.safetensors`.
public enum AdapterFiles {
  static let configuration = "adapter_config.json"
  static let weights = "adapter_model.safetensors"

  /// Whether a folder holds an adapter.
  public static func isAdapter(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(configuration).path)
  }

  /// Reads an adapter for a model of that shape.
  ///
  /// - Throws: `ModelFileError` where a file is missing or damaged, asks for what Crux does not
  ///   compute, or belongs to a model of another shape.
  public static func load(
    _ folder: URL, for architecture: Architecture
  ) throws -> LowRankAdapter {
    let file = folder.appendingPathComponent(configuration)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw ModelFileError(
        file: folder.path,
        problem: "\(configuration) is missing; an adapter's folder has it beside \(weights).")
    }
    guard FileManager.default.fileExists(atPath: folder.appendingPathComponent(weights).path)
    else {
      throw ModelFileError(
        file: folder.path,
        problem: "\(weights) is missing; save the adapter with safe_serialization.")
    }
    let settings = try LowRankSettings(parsing: readWhole(file), file: file.path)
    let tensors = try SafeTensors(contentsOf: folder.appendingPathComponent(weights))
    return try adapter(settings, tensors, for: architecture)
  }

  /// Writes the two files into a folder, which is made where it is missing.
  ///
  /// - Throws: `ModelFileError` where the disk refuses.
  public static func save(_ adapter: LowRankAdapter, to folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ModelFileError(
        file: folder.path,
        problem: "the folder cannot be made (\(error.localizedDescription)).")
    }
    let parameters = adapter.parameters
    try SafeTensors.write(
      parameters.slices.map { slice in
        SafeTensors.Tensor(
          name: slice.name, shape: slice.shape,
          values: UnsafeBufferPointer(rebasing: parameters.weights[slice.range]))
      }, to: folder.appendingPathComponent(weights))
    try FileWriter.write(to: folder.appendingPathComponent(configuration)) {
      try $0.append(adapter.settings.configurationText)
    }
  }

  /// Copies an adapter's two files into a folder that holds none.
  ///
  /// - Throws: `ModelFileError` where there is one already or the disk refuses.
  public static func copy(_ folder: URL, to target: URL) throws {
    guard !isAdapter(target) else {
      throw ModelFileError(
        file: target.path, problem: "the folder holds an adapter already; name another.")
    }
    do {
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      for name in [weights, configuration] {
        try FileManager.default.copyItem(
          at: folder.appendingPathComponent(name), to: target.appendingPathComponent(name))
      }
    } catch {
      throw ModelFileError(
        file: target.path,
        problem: "the adapter cannot be written (\(error.localizedDescription)).")
    }
  }

  /// An adapter from its parts, every tensor's place and shape checked before memory is taken.
  static func adapter(
    _ settings: LowRankSettings, _ tensors: SafeTensors, for architecture: Architecture
  ) throws -> LowRankAdapter {
    var settings = settings
    let modules = try modules(of: tensors, settings, architecture)
    settings.targets = LinearLayer.allCases.filter { target in
      modules.contains { $0.hasSuffix(target.path) }
    }
    let shapes = LowRankAdapter.shapes(architecture, rank: settings.rank, modules: modules)
    for (name, shape) in shapes {
      guard let found = tensors.shape(of: name) else {
        throw ModelFileError(file: tensors.file, problem: "tensor \(quoted(name)) is missing.")
      }
      guard found == shape else {
        throw ModelFileError(
          file: tensors.file,
          problem: "tensor \(quoted(name)) has the shape \(found), and the model with rank "
            + "\(settings.rank) asks for \(shape).")
      }
    }
    let adapter = LowRankAdapter(
      architecture: architecture, settings: settings, modules: modules)
    for slice in adapter.parameters.slices {
      let memory = UnsafeMutableBufferPointer(rebasing: adapter.parameters.weights[slice.range])
      try tensors.copy(slice.name, into: memory)
    }
    return adapter
  }

  /// The layers that have tensors, in the model's order; every tensor must belong to one.
  private static func modules(
    of tensors: SafeTensors, _ settings: LowRankSettings, _ architecture: Architecture
  ) throws -> [String] {
    let known = (0..<architecture.layers).flatMap { layer in
      LinearLayer.allCases.map { "model.layers.\(layer).\($0.path)" }
    }
    let names = Set(tensors.names)
    var strange = names
    let found = known.filter { module in
      let pair = ["A", "B"].map { LowRankAdapter.name(module, $0) }
      pair.forEach { strange.remove($0) }
      return pair.contains(where: names.contains) || isAsked(module, settings)
    }
    if let name = strange.min() {
      throw ModelFileError(
        file: tensors.file,
        problem: "tensor \(quoted(name)) belongs to no layer that Crux adapts; those are "
          + LinearLayer.allCases.map(\.rawValue).joined(separator: ", ")
          + " of the model's \(architecture.layers) blocks.")
    }
    guard !found.isEmpty else {
      throw ModelFileError(file: tensors.file, problem: "it holds no matrices of an adapter.")
    }
    return found
  }

  /// Whether the configuration alone says that a layer is adapted.
  private static func isAsked(_ module: String, _ settings: LowRankSettings) -> Bool {
    let known = settings.known
    func isNothing(_ key: String) -> Bool { known[key]?.isNull ?? true }
    guard isNothing("exclude_modules"), isNothing("layers_to_transform") else { return false }
    let names = known["target_modules"]?.array?.compactMap(\.string) ?? []
    return names.contains { module == $0 || module.hasSuffix("." + $0) }
  }
}

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
