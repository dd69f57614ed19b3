import Foundation
import LanguageModel
import Tensors

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
    configuration.strangeEnds = gguf.header.metadata.strangeEnds(from: shape.vocabulary)
    try ModelSource.refuseOthers(shape, in: gguf)
    if let warning = ModelSource.twin(shape, in: gguf) { warnings.append(warning) }
    do {
      try take(Tokenizer(gguf), from: gguf.file)
    } catch {
      tokenizerProblem = "\(error)"
    }
  }

  /// Refuses tensors that the model has no place for, unless they have no part in its numbers.
  private static func refuseOthers(_ shape: Architecture, in gguf: GGUF) throws {
    let names = GGUFNames(architecture: shape)
    let used = Set(shape.parameterShapes.map { names.name(of: $0.name) } + [GGUFNames.rotation])
    for name in gguf.names where !used.contains(name) {
      // Frequencies that older converters stored, and that follow from the metadata.
      if name.hasPrefix("blk."), name.hasSuffix(".attn_rot_embd.weight") { continue }
      if name == GGUFNames.outputBias, try gguf.floats(of: name).allSatisfy({ $0 == 0 }) {
        continue
      }
      throw ModelFileError(
        file: gguf.file,
        problem: "tensor \(quoted(name)) has no place in a \(shape.family.rawValue) model as Crux "
          + "computes it, and without it the numbers would be others.")
    }
  }

  /// Warns of an output matrix that is the embedding once more, as converters store it in another
  /// format; nil where there is none.
  private static func twin(_ shape: Architecture, in gguf: GGUF) -> String? {
    guard !shape.tied, let output = try? gguf.stored(GGUFNames.output),
      let embedding = try? gguf.stored(GGUFNames.embedding),
      output.distance(to: embedding, rows: 64) < 0.2
    else { return nil }
    return "\(gguf.file): \(quoted(GGUFNames.output)) (\(output.format.rawValue)) is the embedding "
      + "(\(embedding.format.rawValue)) once more, so the model was made with one matrix for both; "
      + "here they are two, and training all weights moves them apart."
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
