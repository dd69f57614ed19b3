public import Foundation
public import LanguageModel

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
