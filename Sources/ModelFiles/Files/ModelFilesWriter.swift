public import Foundation
import Glibc
import LanguageModel

extension ModelFiles {
  /// Files that a model's folder may hold and that saving may replace.
  private static let known: Set<String> = [
    "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
    "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "README.md",
  ]

  /// Writes a complete folder that transformers loads, aside first and renamed when complete.
  ///
  /// The weights are F32. A folder that is there is replaced, but only where it holds nothing but
  /// files of a model.
  ///
  /// - Throws: `ModelFileError` where the disk refuses or the folder holds other files.
  public func save(to folder: URL) throws {
    let files = FileManager.default
    let path = folder.standardizedFileURL.path
    if let problem = architecture.unwritable(as: .folder) {
      throw ModelFileError(file: path, problem: problem)
    }
    try ModelFiles.refuseOtherFiles(path)
    let aside = URL(fileURLWithPath: path + ".part-\(getpid())")
    do {
      try? files.removeItem(at: aside)
      try files.createDirectory(at: aside, withIntermediateDirectories: true)
      try write(into: aside)
      try ModelFiles.replace(path, with: aside.path)
    } catch {
      try? files.removeItem(at: aside)
      if let error = error as? ModelFileError { throw error }
      throw ModelFileError(
        file: path, problem: "the folder cannot be written (\(error.localizedDescription)).")
    }
  }

  private func write(into folder: URL) throws {
    var texts = [
      ("config.json", Array(configuration.text.utf8)),
      ("generation_config.json", Array(configuration.generationText.utf8)),
    ]
    if let tokenizer {
      texts.append(("tokenizer.json", tokenizer.source))
      texts.append(("tokenizer_config.json", Array(tokenizer.settingsText.utf8)))
      if let template = tokenizer.chatTemplate { texts.append(("chat_template.jinja", template)) }
    }
    if let modelCard { texts.append(("README.md", Array(modelCard.utf8))) }
    for (name, bytes) in texts {
      try FileWriter.write(to: folder.appendingPathComponent(name)) { file in
        try bytes.withUnsafeBytes { try file.append($0) }
      }
    }
    let zeros = architecture.lackingBiases
    let length = zeros.reduce(0) { max($0, $1.shape[0]) }
    try [Float](repeating: 0, count: length).withUnsafeBufferPointer { zero in
      let tensors =
        parameters.slices.map { slice in
          SafeTensors.Tensor(
            name: slice.name, shape: slice.shape,
            values: UnsafeBufferPointer(rebasing: parameters.weights[slice.range]))
        }
        + zeros.map {
          SafeTensors.Tensor(
            name: $0.name, shape: $0.shape,
            values: UnsafeBufferPointer(rebasing: zero[..<$0.shape[0]]))
        }
      try SafeTensors.write(tensors, to: folder.appendingPathComponent("model.safetensors"))
    }
  }

  private static func refuseOtherFiles(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
    guard isFolder.boolValue else {
      throw ModelFileError(file: path, problem: "this is a file; name a folder.")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if let other = names.sorted().first(where: { !known.contains($0) }) {
      throw ModelFileError(
        file: path,
        problem: "the folder holds \(quoted(other)), which is no file of a model; "
          + "name a new or an empty folder.")
    }
  }

  private static func replace(_ path: String, with aside: String) throws {
    let old = path + ".old-\(getpid())"
    let exists = access(path, F_OK) == 0
    if exists, rename(path, old) != 0 { throw failure(path) }
    guard rename(aside, path) == 0 else {
      let error = failure(path)
      if exists { rename(old, path) }
      throw error
    }
    if exists { try FileManager.default.removeItem(atPath: old) }
  }

  private static func failure(_ path: String) -> ModelFileError {
    ModelFileError(file: path, problem: "the folder cannot be replaced (\(lastSystemError())).")
  }
}

extension Architecture {
  /// What a model is written as.
  enum Form {
    /// A Hugging Face folder.
    case folder
    /// A GGUF file.
    case gguf
  }

  /// Why readers of a form could not compute this model, as a sentence; nil where they can.
  func unwritable(as form: Form) -> String? {
    let further: Set<LinearLayer> =
      switch (form, family) {
      case (_, .llama): LinearLayer.attention.union(LinearLayer.feedForward)
      case (_, .qwen2): family.biases
      case (.folder, .qwen3): LinearLayer.attention
      case (.gguf, .qwen3): [.query, .key, .value]
      }
    let place = form == .gguf ? "a GGUF" : "a folder"
    if let layer = LinearLayer.allCases.first(where: { biases.subtracting(further).contains($0) }) {
      return
        "\(place) of type \(family.rawValue) has no bias of \(layer.rawValue), which this model "
        + "has; " + (form == .gguf ? "write a folder instead." : "write a GGUF instead.")
    }
    if form == .gguf, ropeScaling != nil, family != .llama {
      return
        "\(place) of type \(family.rawValue) cannot say how this model's rotation is stretched; "
        + "write a folder instead."
    }
    return nil
  }

  /// Biases of zeros that a folder needs beside the model's, where it can only say that all of a
  /// kind are there.
  var lackingBiases: [(name: String, shape: [Int])] {
    guard family != .qwen2 else { return [] }
    var whole = self
    for kind in [LinearLayer.attention, LinearLayer.feedForward]
    where !biases.isDisjoint(with: kind) {
      whole.biases.formUnion(kind)
    }
    let own = Set(parameterShapes.map(\.name))
    return whole.parameterShapes.filter { !own.contains($0.name) }
  }
}

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
