import Foundation

extension ModelSource {
  /// Opens a GGUF file.
  init(gguf place: URL) throws {
    let gguf = try GGUF(contentsOf: place)
    self.place = place
    let shape = try GGUFSettings(gguf).architecture()
    configuration = Configuration(architecture: shape)
    metadata = gguf.header.metadata
    configuration.endTokens = gguf.header.metadata.endTokens(below: shape.vocabulary)
    configuration.beginToken = gguf.header.metadata.token("bos", below: shape.vocabulary)
    configuration.padToken = gguf.header.metadata.token("padding", below: shape.vocabulary)
    weights = try ModelSource.weights(of: shape, in: gguf)
    let names = GGUFNames(architecture: shape)
    let used = Set(shape.parameterShapes.map { names.name(of: $0.name) } + [GGUFNames.rotation])
    unusedTensors = gguf.names.filter { !used.contains($0) }
    do {
      try take(Tokenizer(gguf), from: gguf.file)
    } catch {
      tokenizerProblem = "\(error)"
    }
  }

  /// The GGUF file that a place is, or the only one that a folder without `config.json` has.
  static func gguf(at place: URL) -> URL? {
    if GGUF.isGGUF(place) { return place }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    let files = names.filter { $0.hasSuffix(".gguf") }
    guard files.count == 1, !names.contains("config.json") else { return nil }
    return place.appendingPathComponent(files[0])
  }

  private static func weights(of shape: Architecture, in gguf: GGUF) throws -> [StoredTensor] {
    let names = GGUFNames(architecture: shape)
    return try shape.parameterShapes.map { weight, wanted in
      let name = names.name(of: weight)
      var tensor = try gguf.stored(name)
      guard tensor.shape == wanted else {
        throw ModelFileError(
          file: gguf.file,
          problem: "tensor \(quoted(name)) has the shape \(tensor.shape), "
            + "and the file's metadata ask for \(wanted).")
      }
      tensor.interleaved = names.interleaved(weight)
      return tensor
    }
  }
}
