import Foundation

/// The safetensors files of a folder: one, or several with an index.
struct WeightFiles {
  private let folder: URL
  private var files: [String: SafeTensors] = [:]

  /// Names of all tensors, sorted.
  var names: [String] { files.keys.sorted() }

  /// Opens the files and checks their headers.
  init(_ folder: URL) throws {
    self.folder = folder
    let single = folder.appendingPathComponent("model.safetensors")
    if FileManager.default.fileExists(atPath: single.path) {
      let file = try SafeTensors(contentsOf: single)
      for name in file.names { files[name] = file }
      return
    }
    guard let index = try optionalJSON(folder, "model.safetensors.index.json") else {
      throw ModelFileError(
        file: folder.path,
        problem: "model.safetensors is missing; save the model with safe_serialization, "
          + "or fetch the file again.")
    }
    try open(index)
  }

  private mutating func open(_ index: JSON) throws {
    let path = folder.appendingPathComponent("model.safetensors.index.json").path
    var opened: [String: SafeTensors] = [:]
    for member in index["weight_map"]?.members ?? [] {
      guard let name = member.value.string, !name.contains("/"), !name.hasPrefix(".") else {
        throw ModelFileError(
          file: path, problem: "tensor \(quoted(member.key)) is in no file of the folder.")
      }
      let file =
        try opened[name] ?? SafeTensors(contentsOf: folder.appendingPathComponent(name))
      opened[name] = file
      files[member.key] = file
    }
  }

  /// The weights of a shape, every tensor's presence, size and type checked.
  func weights(of architecture: Architecture) throws -> [StoredTensor] {
    try architecture.parameterShapes.map { name, shape in
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
  }

  private func missing(_ name: String) -> String {
    let remedy =
      name == "lm_head.weight"
      ? "set tie_word_embeddings in config.json or add it." : "the files are of another model."
    return "the weights lack \(quoted(name)); \(remedy)"
  }
}
