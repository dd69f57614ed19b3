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
