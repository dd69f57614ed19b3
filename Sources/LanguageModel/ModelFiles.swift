public import Foundation

/// A model as a Hugging Face folder holds it: shape, weights and tokenizer.
public struct ModelFiles {
  /// Shape and tokens that begin, end and pad a text.
  public var configuration: Configuration
  /// The weights.
  public var parameters: Parameters
  /// Text to tokens; nil where the folder has none that can be used.
  public var tokenizer: Tokenizer?
  /// Why there is no tokenizer, as a sentence; nil where there is one.
  public var tokenizerProblem: String?
  /// Tensors of the file that the model has no use for.
  public var unusedTensors: [String] = []
  /// Text of the README.md; nil writes none.
  public var modelCard: String?

  /// A model with weights in memory.
  public init(configuration: Configuration, parameters: Parameters, tokenizer: Tokenizer?) {
    self.configuration = configuration
    self.parameters = parameters
    self.tokenizer = tokenizer
  }

  /// The shape.
  public var architecture: Architecture { configuration.architecture }

  /// Tokens that end a text, whichever file of the folder says so.
  public var endTokens: Set<Token> {
    let generation = configuration.generation?["eos_token_id"]
    let list = generation?.array ?? generation.map { [$0] } ?? []
    let ids = list.compactMap(\.integer).filter { $0 >= 0 && $0 < architecture.vocabulary }
    return (tokenizer?.endTokens ?? []).union(configuration.endTokens).union(ids.map { Token($0) })
  }

  /// Reads a folder; the weights may be spread over several files.
  ///
  /// A tokenizer that is missing or not supported is no error: `tokenizerProblem` then says why.
  ///
  /// - Throws: `ModelFileError` where a file is missing or damaged, or what it asks for is not
  ///   supported.
  public static func load(_ folder: URL) throws -> ModelFiles {
    try check(folder)
    var configuration = try Configuration(
      contentsOf: folder.appendingPathComponent("config.json"))
    configuration.generation = try optionalJSON(folder, "generation_config.json")
    let weights = try WeightFiles(folder)
    let parameters = try weights.parameters(of: configuration.architecture)
    var model = ModelFiles(
      configuration: configuration, parameters: parameters, tokenizer: nil)
    let used = Set(parameters.slices.map(\.name))
    model.unusedTensors = weights.names.filter { !used.contains($0) }
    model.readTokenizer(folder)
    let card = folder.appendingPathComponent("README.md")
    model.modelCard = try? String(contentsOf: card, encoding: .utf8)
    return model
  }

  private static func check(_ folder: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
      throw ModelFileError(file: folder.path, problem: "there is no such folder.")
    }
    guard isFolder.boolValue else {
      throw ModelFileError(
        file: folder.path,
        problem: "this is a file; name the folder with config.json and model.safetensors in it.")
    }
    let configuration = folder.appendingPathComponent("config.json").path
    guard FileManager.default.fileExists(atPath: configuration) else {
      throw ModelFileError(
        file: folder.path,
        problem: "config.json is missing; a model's folder has it beside model.safetensors.")
    }
  }

  /// A JSON file that need not be there.
  static func optionalJSON(_ folder: URL, _ name: String) throws -> JSON? {
    let url = folder.appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    return try JSONReader.read(readWhole(url), file: url.path)
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
      let tokenizer = try Tokenizer(folder: folder)
      guard tokenizer.vocabularySize <= architecture.vocabulary else {
        throw ModelFileError(
          file: file.path,
          problem: "it has \(tokenizer.vocabularySize) tokens and the model only "
            + "\(architecture.vocabulary); it belongs to another model.")
      }
      self.tokenizer = tokenizer
    } catch {
      tokenizerProblem = "\(error)"
    }
  }
}
