import Foundation
import LanguageModel

extension ModelSource {
  /// Opens a Hugging Face folder; the weights may be spread over several files.
  init(folder: URL) throws {
    try ModelSource.check(folder)
    place = folder
    configuration = try Configuration(contentsOf: folder.appendingPathComponent("config.json"))
    configuration.generation = try optionalJSON(folder, "generation_config.json")
    var files = try WeightFiles(folder)
    weights = try files.weights(&configuration.architecture)
    warnings = files.warnings
    if configuration.hasOwnCode {
      warnings.append(
        "\(folder.path): config.json names code of its own (auto_map), which is not run; Crux "
          + "computes a plain \(architecture.family.rawValue) model.")
    }
    let card = folder.appendingPathComponent("README.md")
    modelCard = try? String(contentsOf: card, encoding: .utf8)
    readTokenizer(folder)
  }

  private static func check(_ folder: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
      throw ModelFileError(file: folder.path, problem: "there is no such file or folder.")
    }
    guard isFolder.boolValue else {
      _ = try MappedFile(folder)
      throw ModelFileError(
        file: folder.path,
        problem: "this is a file and no GGUF; "
          + "name the folder with config.json and model.safetensors in it.")
    }
    let configuration = folder.appendingPathComponent("config.json").path
    guard FileManager.default.fileExists(atPath: configuration) else {
      throw ModelFileError(
        file: folder.path,
        problem: "config.json is missing; a model's folder has it beside model.safetensors.")
    }
  }

  private mutating func readTokenizer(_ folder: URL) {
    let file = folder.appendingPathComponent("tokenizer.json")
    guard FileManager.default.fileExists(atPath: file.path) else {
      tokenizerProblem =
        "\(folder.path): tokenizer.json is missing, so only token ids can be given; "
        + "transformers writes it when a fast tokenizer is saved."
      return
    }
    do {
      try take(Tokenizer(folder: folder), from: file.path)
    } catch {
      tokenizerProblem = "\(error)"
    }
  }

  /// Takes a tokenizer, unless it has tokens that the model does not know.
  mutating func take(_ tokenizer: Tokenizer, from file: String) throws {
    guard tokenizer.vocabularySize <= architecture.vocabulary else {
      throw ModelFileError(
        file: file,
        problem: "it has \(tokenizer.vocabularySize) tokens and the model only "
          + "\(architecture.vocabulary); it belongs to another model.")
    }
    self.tokenizer = tokenizer
  }
}

/// A JSON file that need not be there.
func optionalJSON(_ folder: URL, _ name: String) throws -> JSON? {
  let url = folder.appendingPathComponent(name)
  guard FileManager.default.fileExists(atPath: url.path) else { return nil }
  return try JSONReader.read(readWhole(url), file: url.path)
}
