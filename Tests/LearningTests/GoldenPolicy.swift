import Foundation
import LanguageModel
import ModelFiles

/// The reference model that PyTorch computed with; the room of the model tests keeps its files.
enum GoldenPolicy {
  static func llamaTiny() throws -> Transformer {
    let folder = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("LanguageModelTests/Golden/models/llama-tiny")
    let configuration = try Configuration(
      contentsOf: folder.appendingPathComponent("config.json"))
    let file = try SafeTensors(contentsOf: folder.appendingPathComponent("model.safetensors"))
    let parameters = Parameters(shapes: configuration.architecture.parameterShapes)
    for slice in parameters.slices {
      try file.copy(
        slice.name, into: UnsafeMutableBufferPointer(rebasing: parameters.weights[slice.range]))
    }
    return Transformer(architecture: configuration.architecture, parameters: parameters)
  }
}
