import Foundation
import LanguageModel

/// The safetensors files of a folder: one, or several with an index.
struct WeightFiles {
  private let folder: URL
  private var files: [String: SafeTensors] = [:]
  /// Begins the names of a whole model in the files; empty where only its trunk was saved.
  private var prefix = WeightFiles.trunk
  /// What should be known of the tensors, in sentences.
  private(set) var warnings: [String] = []

  private static let trunk = "model."
  private static let single = "model.safetensors"
  private static let index = "model.safetensors.index.json"
  private static let embedding = "model.embed_tokens.weight"
  private static let output = "lm_head.weight"

  /// Whether a file's name is that of weights.
  static func isPart(_ name: String) -> Bool { name.hasSuffix(".safetensors") || name == index }

  /// Opens the files and checks their headers.
  init(_ folder: URL) throws {
    self.folder = folder
    let single = folder.appendingPathComponent(Self.single)
    if FileManager.default.fileExists(atPath: single.path) {
      let file = try SafeTensors(contentsOf: single)
      for name in file.names { files[name] = file }
    } else if let index = try optionalJSON(folder, Self.index) {
      try open(index)
    } else {
      throw ModelFileError(file: folder.path, problem: missingFiles)
    }
    try findPrefix()
  }

  /// What is said where there is neither a whole file nor an index.
  private var missingFiles: String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    if let part = names.sorted().first(where: Self.isPart) {
      return "\(Self.single) is missing, and so is \(Self.index), which says what is in "
        + "\(quoted(part)) and the files beside it; fetch it again."
    }
    let other = names.sorted().first { $0.hasSuffix(".bin") || $0.hasSuffix(".pth") }
    return "\(Self.single) is missing"
      + (other.map { "; \(quoted($0)) is PyTorch's own format, which is not read" } ?? "")
      + "; save the model with safe_serialization, or fetch the file again."
  }

  private mutating func open(_ index: JSON) throws {
    let path = folder.appendingPathComponent(Self.index).path
    let members = index["weight_map"]?.members ?? []
    for member in members {
      guard let name = member.value.string, !name.contains("/"), !name.hasPrefix(".") else {
        throw ModelFileError(
          file: path, problem: "tensor \(quoted(member.key)) is in no file of the folder.")
      }
    }
    let names = Set(members.compactMap(\.value.string)).sorted()
    let missing = names.filter {
      !FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
    guard missing.isEmpty else {
      let list = missing.prefix(4).map(quoted).joined(separator: ", ")
      throw ModelFileError(
        file: folder.path,
        problem: "\(missing.count) of the \(names.count) files of weights are missing: \(list)"
          + (missing.count > 4 ? " and more" : "") + "; fetch the model again.")
    }
    var opened: [String: SafeTensors] = [:]
    for name in names {
      opened[name] = try SafeTensors(contentsOf: folder.appendingPathComponent(name))
    }
    for member in members {
      guard let name = member.value.string, let file = opened[name] else { continue }
      guard file.shape(of: member.key) != nil else {
        throw ModelFileError(
          file: path,
          problem: "it says that tensor \(quoted(member.key)) is in \(quoted(name)), and it is not."
        )
      }
      files[member.key] = file
    }
  }
}

extension WeightFiles {
  /// Finds what the names of the trunk begin with.
  ///
  /// A model that was saved without its head has names without `model.`; any other beginning is
  /// that of a wrapper, and of what it holds besides nothing is known.
  private mutating func findPrefix() throws {
    let embedding = "embed_tokens.weight"
    guard files[Self.embedding] == nil else { return }
    if files[embedding] != nil || files["layers.0.input_layernorm.weight"] != nil {
      prefix = ""
      return
    }
    guard let name = files.keys.sorted().first(where: { $0.hasSuffix("." + embedding) }) else {
      return
    }
    let beginning = String(name.dropLast(embedding.count))
    throw ModelFileError(
      file: folder.path,
      problem: "the tensors' names begin with \(quoted(beginning)) instead of ‘model.’; save the "
        + "language model within it alone.")
  }

  /// The name in the files of a weight.
  private func name(_ weight: String) -> String {
    weight.hasPrefix(Self.trunk) ? prefix + weight.dropFirst(Self.trunk.count) : weight
  }

  /// The weights of a shape, every tensor's presence, size and type checked, none left over.
  ///
  /// Where a model that should have one matrix for embedding and output has two that differ, both
  /// are kept apart, as transformers 5 does.
  mutating func weights(_ architecture: inout Architecture) throws -> [StoredTensor] {
    var known = Set(architecture.parameterShapes.map { name($0.name) })
    var embedding = Self.embedding
    if architecture.tied, files[Self.output] != nil {
      known.insert(Self.output)
      if files[name(embedding)] == nil {
        known.remove(name(embedding))
        embedding = Self.output
      } else if try differ(name(embedding), Self.output) {
        architecture.tied = false
        warnings.append(
          "\(folder.path): ‘tie_word_embeddings’ is true and \(quoted(Self.output)) differs from "
            + "the embedding, so they stay two matrices, as in transformers 5; older readers take "
            + "the embedding for both.")
      }
    }
    try refuseOthers(known, architecture)
    return try architecture.parameterShapes.map { weight, shape in
      try stored(weight == Self.embedding && architecture.tied ? embedding : weight, shape)
    }
  }

  private func stored(_ weight: String, _ shape: [Int]) throws -> StoredTensor {
    let name = name(weight)
    guard let file = files[name], let found = file.shape(of: name) else {
      throw ModelFileError(file: folder.path, problem: missing(name))
    }
    guard found == shape else {
      throw ModelFileError(
        file: file.file,
        problem: "tensor \(quoted(name)) has the shape \(found), "
          + "and config.json asks for \(shape).")
    }
    return try file.stored(name)
  }

  private func missing(_ name: String) -> String {
    let remedy =
      name == Self.output
      ? "set tie_word_embeddings in config.json or add it." : "the files are of another model."
    return "the weights lack \(quoted(name)); \(remedy)"
  }

  /// Whether two tensors hold other numbers.
  private func differ(_ first: String, _ second: String) throws -> Bool {
    guard let one = try files[first]?.stored(first), let other = try files[second]?.stored(second)
    else { return false }
    return !one.holdsSame(as: other)
  }

  /// Refuses tensors that the model has no place for, unless they have no part in its numbers.
  private mutating func refuseOthers(_ known: Set<String>, _ architecture: Architecture) throws {
    let others = files.keys.filter { !known.contains($0) }.sorted()
    let heads = others.filter { name in
      ["score.", "v_head.", "value_head.", "classifier."].contains { name.hasPrefix($0) }
    }
    // Frequencies that older versions stored, and that follow from the configuration.
    let strange = others.filter { !$0.hasSuffix("rotary_emb.inv_freq") && !heads.contains($0) }
    if let name = strange.first {
      let more = strange.count > 1 ? " (and \(strange.count - 1) more)" : ""
      throw ModelFileError(
        file: files[name]?.file ?? folder.path,
        problem: "tensor \(quoted(name))\(more) has no place in a \(architecture.family.rawValue) "
          + "model as config.json describes it, and without it the numbers would be others.")
    }
    if !heads.isEmpty {
      warnings.append(
        "\(folder.path): the head \(heads.map(quoted).joined(separator: ", ")) is left out; Crux "
          + "takes the language model alone.")
    }
  }
}
