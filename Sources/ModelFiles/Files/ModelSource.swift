public import Foundation
public import LanguageModel
import Tensors

/// A model in memory as its files held it: shape, weights and tokenizer.
public struct ModelFiles {
  /// Shape and tokens that begin, end and pad a text.
  public var configuration: Configuration
  /// The weights.
  public var parameters: Parameters
  /// Text to tokens; nil where the files have none that can be used.
  public var tokenizer: Tokenizer?
  /// Why there is no tokenizer, as a sentence; nil where there is one.
  public var tokenizerProblem: String?
  /// What should be known before the model is trusted, in sentences.
  public internal(set) var warnings: [String] = []
  /// Text of the README.md; nil writes none.
  public var modelCard: String?
  /// What the GGUF it came from says besides; nil where it came from none.
  var metadata: GGUFMetadata?

  /// A model with weights in memory.
  public init(configuration: Configuration, parameters: Parameters, tokenizer: Tokenizer?) {
    self.configuration = configuration
    self.parameters = parameters
    self.tokenizer = tokenizer
  }

  /// The shape.
  public var architecture: Architecture { configuration.architecture }

  /// Opens and loads a model; see `ModelSource` for what may be opened and what is an error.
  public static func load(_ place: URL) throws -> ModelFiles { try ModelSource(place).load() }
}

/// A model that is open but not loaded: everything is known and checked, no weight is read yet.
///
/// Opening takes as long as reading the tokenizer; `load` then reads the weights, and may do so on
/// another thread while a screen already shows what is here.
public struct ModelSource: Sendable {
  /// The folder or file.
  public let place: URL
  /// Shape and tokens that begin, end and pad a text.
  public internal(set) var configuration: Configuration
  /// Text to tokens; nil where the model has none that can be used.
  public internal(set) var tokenizer: Tokenizer?
  /// Why there is no tokenizer, as a sentence; nil where there is one.
  public internal(set) var tokenizerProblem: String?
  /// What should be known before the model is trusted, in sentences.
  public internal(set) var warnings: [String] = []
  /// Text of the README.md; nil where there is none.
  public internal(set) var modelCard: String?
  /// The weights, in the order of `Architecture.parameterShapes`.
  let weights: [StoredTensor]
  /// What a GGUF says besides; nil for a folder.
  var metadata: GGUFMetadata?

  /// Opens a Hugging Face folder, a GGUF file, or a folder with a single GGUF file and no other
  /// weights.
  ///
  /// Every tensor and every setting is used, known to have no part in the model's numbers, or
  /// refused by its name. A tokenizer that is missing or not supported is no error:
  /// `tokenizerProblem` then says why.
  ///
  /// - Throws: `ModelFileError` where a file is missing or damaged, or what it asks for is not
  ///   supported.
  public init(_ place: URL) throws {
    if let file = try ModelSource.gguf(at: place) {
      try self.init(gguf: file)
    } else {
      try self.init(folder: place)
    }
    try checkWriting()
  }

  /// Opens a model whose answers a server writes: tokenizer, template, vocabulary and context.
  ///
  /// Its weights need not be here, nor be of a family that Crux computes; such a model can only be
  /// taken `withoutWeights`.
  ///
  /// - Throws: `ModelFileError` where what is needed is missing or damaged.
  public init(served place: URL) throws {
    if let whole = try? ModelSource(place) {
      self = whole
    } else if try ModelSource.gguf(at: place) != nil {
      try self.init(place)
    } else {
      try self.init(unweighted: place)
      try checkWriting()
    }
  }

  /// Checks and tells what concerns the texts that the model writes.
  private mutating func checkWriting() throws {
    let file = place.path
    warnings += try configuration.checkEnds(besides: tokenizer, file: file)
    if configuration.suppresses || metadata?.suppresses == true {
      warnings.append(
        "\(file): it asks for some tokens to be suppressed when texts are drawn; Crux draws from the "
          + "model's own probabilities.")
    }
    warnings += (tokenizer?.cautions ?? []).map { "\(file): \($0)" }
  }

  /// Whether there is something at a place that can be tried to open.
  public static func isModel(_ place: URL) -> Bool {
    if GGUF.isGGUF(place) { return true }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else {
      return false
    }
    guard isFolder.boolValue else { return place.pathExtension == "gguf" }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    return names.contains { name in
      name == "config.json" || name.hasSuffix(".gguf") || name.hasSuffix(".safetensors")
    }
  }

  /// The GGUF file that a place is, or the only one of a folder that has no other weights.
  ///
  /// - Throws: `ModelFileError` where a folder has several.
  static func gguf(at place: URL) throws -> URL? {
    if GGUF.isGGUF(place) { return place }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    let files = names.filter { $0.hasSuffix(".gguf") }.sorted()
    guard !files.isEmpty, !names.contains(where: WeightFiles.isPart) else { return nil }
    guard files.count == 1 else {
      let choices = files.prefix(8).map(quoted).joined(separator: ", ")
      throw ModelFileError(
        file: place.path,
        problem: "the folder holds several GGUF files; name one: \(choices)"
          + (files.count > 8 ? " and \(files.count - 8) more." : "."))
    }
    return place.appendingPathComponent(files[0])
  }

  /// The shape.
  public var architecture: Architecture { configuration.architecture }

  /// Number of weights; 0 where they are not here.
  public var weightCount: Int { weights.reduce(0) { $0 + $1.count } }

  /// Bytes of the weights as they are stored.
  public var storedBytes: Int { weights.reduce(0) { $0 + $1.format.bytes(of: $1.count) } }

  /// Reads the weights.
  ///
  /// - Parameters:
  ///   - asStored: Whether matrices stay in the file's blocks where that can be: for policies whose
  ///     weights do not learn themselves. Every number that is computed is the same.
  ///   - progress: Hears of the weights that are read, some hundred times a second.
  /// - Returns: The model with its weights in memory.
  /// - Throws: `Stopped` where `progress` did.
  public func load(
    asStored: Bool = false, progress: WorkProgress<PartsDone> = .unheard
  ) throws(Stopped) -> ModelFiles {
    let loading = WeightLoading(tensors: weights, shapes: architecture.parameterShapes)
    let parameters =
      try asStored && loading.canStayStored ? loading.loadStored(progress) : loading.load(progress)
    var model = ModelFiles(
      configuration: configuration, parameters: parameters, tokenizer: tokenizer)
    model.tokenizerProblem = tokenizerProblem
    model.warnings = warnings
    model.modelCard = modelCard
    model.metadata = metadata?.copied
    return model
  }
}

extension ModelSource {
  /// The model without its weights, for whoever lets a server compute: tokenizer, template,
  /// vocabulary and context are its own.
  ///
  /// In place of the decoder stands one of a few numbers, all 0, which is to be asked nothing.
  public func withoutWeights() -> ModelFiles {
    var shape = configuration
    shape.architecture = architecture.hollow
    var model = ModelFiles(
      configuration: shape, parameters: Parameters(shapes: shape.architecture.parameterShapes),
      tokenizer: tokenizer)
    model.tokenizerProblem = tokenizerProblem
    model.warnings = warnings
    model.metadata = metadata?.copied
    return model
  }

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

  /// The same without the weights, which a server has.
  private init(unweighted folder: URL) throws {
    try ModelSource.check(folder)
    place = folder
    configuration = try Configuration(served: folder.appendingPathComponent("config.json"))
    configuration.generation = try optionalJSON(folder, "generation_config.json")
    weights = []
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
