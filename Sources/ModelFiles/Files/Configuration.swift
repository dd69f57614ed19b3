public import Foundation
public import LanguageModel

/// What `config.json` says of a model: its shape and the tokens that begin, end and pad a text.
///
/// Keys that Crux does not know are kept and written back.
public struct Configuration: Equatable, Sendable {
  /// The shape.
  public var architecture: Architecture
  /// Tokens that end a text; may be empty.
  public var endTokens: [Token] = []
  /// The token that begins a text; nil where none does.
  public var beginToken: Token?
  /// The token that fills up rows; nil where none does.
  public var padToken: Token?
  /// Ids that are said to end a text and that the vocabulary does not have.
  var strangeEnds: [Int] = []
  var imported: JSON = [:]
  /// The `generation_config.json` that lay beside it.
  var generation: JSON?

  /// Whether the folder brings code that computes the model in a way of its own.
  var hasOwnCode: Bool { imported["auto_map"]?["AutoModelForCausalLM"] != nil }

  /// A configuration that was not read from a file.
  public init(architecture: Architecture) { self.architecture = architecture }

  /// Reads a `config.json` and checks every number in it.
  ///
  /// - Throws: `ModelFileError` where it is damaged or asks for what Crux does not compute.
  public init(contentsOf url: URL) throws {
    try self.init(parsing: readWhole(url), file: url.path)
  }

  /// Reads the bytes of a `config.json`; `file` is named in errors.
  public init(parsing bytes: [UInt8], file: String) throws {
    let json = try JSONReader.read(bytes, file: file)
    let settings = ModelSettings(json: json, file: file)
    architecture = try settings.architecture()
    imported = json
    let ids = 0...(architecture.vocabulary - 1)
    let named = json["eos_token_id"].flatMap { $0.isNull ? nil : $0 }
    for id in named?.array ?? [named].compactMap({ $0 }) {
      _ = try settings.check(id, "eos_token_id", -1...(1 << 31 - 1))
    }
    (endTokens, strangeEnds) = endTokens(of: named)
    // Some folders say -1 where there is none.
    beginToken = json["bos_token_id"]?.integer.flatMap { ids.contains($0) ? Token($0) : nil }
    padToken = json["pad_token_id"]?.integer.flatMap { ids.contains($0) ? Token($0) : nil }
  }

  /// A text under a key that no computation hangs on, such as what a model was made for; nil where
  /// the file lacks it.
  public func note(_ key: String) -> String? { imported[key]?.string }

  /// Sets such a text; it is written with the rest.
  public mutating func setNote(_ key: String, _ text: String) { imported.set(key, .string(text)) }
}
