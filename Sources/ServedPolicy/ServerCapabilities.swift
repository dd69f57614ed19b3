/// What a server can do, as far as asking it has shown.
public struct ServerCapabilities: Codable, Equatable, Sendable {
  /// How exactly a state is carried to the server and back.
  public enum Fidelity: String, Codable, Sendable {
    /// Token ids both ways: the state that was meant is the state that is continued.
    case ids
    /// Only text: it is cut into tokens again, and may become another state.
    case text
  }

  /// Of which distribution the log-probabilities are.
  public enum LogProbabilityMeaning: String, Codable, Sendable {
    /// Of the model's own, before temperature and filters.
    case raw
    /// Of the one after the temperature, before the filters.
    case scaled
    /// Of the one the token was drawn from.
    case processed
    /// There are none, or what they mean could not be found out.
    case unknown
  }

  /// How the server's tokenizer compares on a text made to tell tokenizers apart.
  public enum TokenizerAgreement: String, Codable, Sendable {
    /// It gives the same ids as the tokenizer here.
    case equal
    /// It gives other ids.
    case different
    /// There is no other here; its ids become the same text again.
    case consistent
    /// There is no other here, and its ids become another text.
    case inconsistent
    /// The server cuts no texts for others.
    case unavailable
  }

  /// The kind of server.
  public var family: ServerFamily
  /// Its version, where it tells.
  public var version: String?
  /// The model's name in requests.
  public var model: String
  /// Most tokens of a sequence, where the server tells.
  public var contextLength: Int?
  /// Number of token ids, where the server tells.
  public var vocabulary: Int?
  /// How states are carried.
  public var fidelity: Fidelity
  /// Whether the ids of a prompt came back as they were sent; nil where none came back.
  public var echoesIDs: Bool?
  /// Most choices of one request that were given; 1 where more were asked for.
  public var choices: Int
  /// What its log-probabilities mean.
  public var logProbabilities: LogProbabilityMeaning
  /// Whether it tells those of a prompt, so that answers can be scored.
  public var scoresPrompts: Bool
  /// How its tokenizer compares.
  public var tokenizer: TokenizerAgreement
  /// Fields it refused; what they set is the server's own choice.
  public var refusedFields: [String]
  var promptScores: PromptScores
  /// Whether SGLang is asked at its own `/generate`.
  var usesGenerate = false

  /// Whether it is asked in its own way where tokens are drawn.
  var isNative: Bool { usesGenerate || (family == .llamaServer && fidelity == .ids) }

  /// The description in lines, for a person: a name, then what was found.
  public var lines: [(name: String, value: String)] {
    [
      ("server", version.map { "\(family.name) \($0)" } ?? family.name),
      ("model", model),
      ("context", contextLength.map { "\($0) tokens" } ?? "not told"),
      ("states", fidelityWords),
      ("choices", choices > 1 ? "several a request" : "one a request"),
      ("log-probabilities", meaningWords),
      ("scores", scoresPrompts ? "answers can be scored" : "answers cannot be scored"),
      ("tokenizer", tokenizerWords),
    ] + (refusedFields.isEmpty ? [] : [("refused", refusedWords)])
  }

  private var fidelityWords: String {
    switch (fidelity, echoesIDs) {
    case (.ids, true?): "token ids, echoed back equal"
    case (.ids, false?): "token ids, which came back different"
    case (.ids, nil): usesGenerate ? "token ids, by /generate" : "token ids"
    case (.text, _):
      "text only: it is cut into tokens again, and a state may become another one"
    }
  }

  private var meaningWords: String {
    switch logProbabilities {
    case .raw: "raw: before temperature and filters"
    case .scaled: "after the temperature, before the filters"
    case .processed: "of the distribution tokens are drawn from"
    case .unknown: "none that can be used"
    }
  }

  private var tokenizerWords: String {
    switch tokenizer {
    case .equal: "the same ids as here on a hostile text"
    case .different: "other ids than here on a hostile text"
    case .consistent: "a hostile text comes back as it was"
    case .inconsistent: "a hostile text comes back changed"
    case .unavailable: "not offered"
    }
  }

  private var refusedWords: String {
    refusedFields.joined(separator: ", ") + "; what they set is the server's own choice"
  }
}
