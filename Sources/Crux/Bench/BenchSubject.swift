import Foundation
import LanguageModel
import ModelFiles

/// The policy that is measured: a model of the user's, or random weights of the 135m shape.
struct BenchSubject {
  let benchmarkCase: EngineBenchmark.Case
  let policy: Transformer

  /// Loads the model of that name; nil takes random weights.
  init(model: String?) throws {
    guard let model else {
      benchmarkCase = EngineBenchmark.medium
      policy = Transformer(randomWeightsOf: benchmarkCase.architecture)
      return
    }
    let folder = try Locations.model(model, besides: nil)
    let files = try ModelFiles.load(folder)
    files.warnings.forEach(tell)
    benchmarkCase = EngineBenchmark.Case(
      name: folder.deletingPathExtension().lastPathComponent, model: files.architecture)
    policy = Transformer(architecture: files.architecture, parameters: files.parameters)
  }

  /// The context length of that model, without loading its weights.
  static func context(of model: String?) throws -> Int {
    guard let model else { return EngineBenchmark.medium.architecture.contextLength }
    return try ModelSource(Locations.model(model, besides: nil)).architecture.contextLength
  }
}
