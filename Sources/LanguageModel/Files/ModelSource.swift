public import Foundation
import Tensors

/// A model that is open but not loaded: everything is known and checked, no weight is read yet.
///
/// Opening takes as long as reading the tokenizer; `load` then turns the weights into floats, and
/// may do so on another thread while a screen already shows what is here.
public struct ModelSource: Sendable {
  /// The folder or file.
  public let place: URL
  /// Shape and tokens that begin, end and pad a text.
  public internal(set) var configuration: Configuration
  /// Text to tokens; nil where the model has none that can be used.
  public internal(set) var tokenizer: Tokenizer?
  /// Why there is no tokenizer, as a sentence; nil where there is one.
  public internal(set) var tokenizerProblem: String?
  /// Tensors of the files that the model has no use for.
  public internal(set) var unusedTensors: [String] = []
  /// Text of the README.md; nil where there is none.
  public internal(set) var modelCard: String?
  /// The weights, in the order of `Architecture.parameterShapes`.
  let weights: [StoredTensor]
  /// What a GGUF says besides; nil for a folder.
  var metadata: GGUFMetadata?

  /// Opens a Hugging Face folder, a GGUF file, or a folder with a single GGUF file and no
  /// `config.json`.
  ///
  /// A tokenizer that is missing or not supported is no error: `tokenizerProblem` then says why.
  ///
  /// - Throws: `ModelFileError` where a file is missing or damaged, or what it asks for is not
  ///   supported.
  public init(_ place: URL) throws {
    if let file = ModelSource.gguf(at: place) {
      try self.init(gguf: file)
    } else {
      try self.init(folder: place)
    }
  }

  /// Whether there is something at a place that can be tried to open.
  public static func isModel(_ place: URL) -> Bool {
    gguf(at: place) != nil
      || FileManager.default.fileExists(atPath: place.appendingPathComponent("config.json").path)
  }

  /// The shape.
  public var architecture: Architecture { configuration.architecture }

  /// Tokens that end a text, whichever file says so.
  public var endTokens: Set<Token> { configuration.endTokens(besides: tokenizer) }

  /// Number of weights.
  public var weightCount: Int { weights.reduce(0) { $0 + $1.count } }

  /// Bytes of the weights as they are stored.
  public var storedBytes: Int { weights.reduce(0) { $0 + $1.format.bytes(of: $1.count) } }

  /// Reads the weights.
  ///
  /// - Parameter progress: Called on this thread with the weights that are read and their number,
  ///   some hundred times a second; false stops.
  /// - Returns: The model with its weights in memory.
  /// - Throws: `ModelLoadingStopped` where `progress` said stop.
  public func load(
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> ModelFiles {
    let loading = WeightLoading(tensors: weights, shapes: architecture.parameterShapes)
    guard let parameters = loading.load(progress) else { throw ModelLoadingStopped() }
    var model = ModelFiles(
      configuration: configuration, parameters: parameters, tokenizer: tokenizer)
    model.tokenizerProblem = tokenizerProblem
    model.unusedTensors = unusedTensors
    model.modelCard = modelCard
    model.metadata = metadata?.copied
    return model
  }
}

/// Says that whoever watched the loading of a model stopped it.
public struct ModelLoadingStopped: Error, Equatable, CustomStringConvertible {
  /// A loading that was stopped.
  public init() {}

  /// A sentence.
  public var description: String { "Loading the model was stopped." }
}

extension Configuration {
  /// Tokens that end a text, whichever file says so.
  func endTokens(besides tokenizer: Tokenizer?) -> Set<Token> {
    let list = generation?["eos_token_id"]?.array ?? [generation?["eos_token_id"] ?? .null]
    let ids = list.compactMap(\.integer).filter { $0 >= 0 && $0 < architecture.vocabulary }
    return (tokenizer?.endTokens ?? []).union(endTokens).union(ids.map { Token($0) })
  }
}
