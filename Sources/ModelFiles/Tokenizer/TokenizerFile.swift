import LanguageModel

extension Tokenizer {
  /// Reads the bytes of a `tokenizer.json`; `file` is named in errors.
  public init(parsing bytes: [UInt8], file: String) throws {
    try self.init(JSONReader.read(bytes, file: file), source: bytes, file: file)
  }

  /// Reads a `tokenizer.json` that is parsed already; `source` nil stands for the text of it.
  init(_ json: JSON, source: [UInt8]?, file: String) throws {
    let reader = TokenizerReader(json: json, file: file)
    let words = try reader.words()
    let added = words.added
    notes = words.notes
    decoder = try reader.decoder(words)
    vocabulary = reader.vocabulary(words, decoder: decoder)
    model = try reader.model(words)
    composes = try reader.composes(json["normalizer"] ?? .null)
    steps = try reader.steps()
    let composes = composes
    search = AddedTokenSearch(added.filter { !$0.normalized })
    normalizedSearch = AddedTokenSearch(added.filter(\.normalized)) {
      composes ? CanonicalComposition.compose($0) : $0
    }
    (prefix, suffix) = try reader.around(json["post_processor"] ?? .null, words.size)
    origin = source.map { .bytes($0) } ?? .json(json)
  }
}

/// The ids of a file's tokens, added ones included.
struct TokenWords {
  /// Ids of the model, by the bytes of their spelling.
  var model: [[UInt8]: Token] = [:]
  /// Text of each id; nil for an id that is not used.
  var texts: [String?] = []
  /// The tokens to be found in the text itself, with the ids that count.
  private(set) var added: [AddedToken] = []
  private var places: [[UInt8]: Int] = [:]
  /// Where those are other ids than the file says, in sentences.
  var notes: [String] = []
  /// Number of ids.
  var size: Int { texts.count }

  /// Gives an id to a text, which no other text may have.
  mutating func place(_ text: String, _ id: Token) -> String? {
    while size <= Int(id) { texts.append(nil) }
    if let other = texts[Int(id)], !other.utf8.elementsEqual(text.utf8) {
      return "\(quoted(other)) and \(quoted(text)) are both token \(id)."
    }
    texts[Int(id)] = text
    return nil
  }

  /// The id of a token of the vocabulary or of one that was added before; nil for a new one.
  func id(of token: AddedToken) -> Token? {
    model[Array(token.content.utf8)]
      ?? places[Array(token.content.utf8)].map { added[$0].id }
  }

  /// Takes a token in; of two with the same text the later counts.
  mutating func add(_ token: AddedToken) {
    if let place = places[Array(token.content.utf8)] {
      added[place] = token
    } else {
      places[Array(token.content.utf8)] = added.count
      added.append(token)
    }
  }
}

/// Turns the parts of a `tokenizer.json` into ours, and says of each what is not supported.
struct TokenizerReader {
  /// The whole file.
  let json: JSON
  /// Named in errors.
  let file: String

  func error(_ problem: String) -> ModelFileError { ModelFileError(file: file, problem: problem) }

  /// The tokens to be found in the text itself, as the file lists them.
  private func addedTokens() throws -> [AddedToken] {
    try (json["added_tokens"]?.array ?? []).map { entry in
      guard let id = entry["id"]?.integer, id >= 0, id < 4_000_000,
        let content = entry["content"]?.string
      else { throw error("an entry of ‘added_tokens’ lacks a possible ‘id’ or ‘content’.") }
      return AddedToken(
        id: Token(id), content: content, special: entry["special"]?.bool ?? false,
        singleWord: entry["single_word"]?.bool ?? false,
        leftStrip: entry["lstrip"]?.bool ?? false, rightStrip: entry["rstrip"]?.bool ?? false,
        normalized: entry["normalized"]?.bool ?? false)
    }
  }

  /// The ids of the vocabulary and of the added tokens, none twice.
  func words() throws -> TokenWords {
    guard let members = json["model"]?["vocab"]?.members else {
      throw error("‘model’ has no ‘vocab’ that maps tokens to ids.")
    }
    let added = try addedTokens()
    var words = TokenWords()
    // Ids may have gaps, but not so many that the file must be damaged.
    let limit = 2 * (members.count + added.count) + 1024
    words.model.reserveCapacity(members.count)
    for member in members {
      guard let id = member.value.integer, id >= 0, id < limit else {
        throw error("the token \(quoted(member.key)) has no possible id.")
      }
      if let problem = words.place(member.key, Token(id)) { throw error(problem) }
      guard words.model.updateValue(Token(id), forKey: Array(member.key.utf8)) == nil else {
        throw error("the token \(quoted(member.key)) occurs twice.")
      }
    }
    let isWhole = words.size == members.count
    for token in added {
      guard isWhole || Int(token.id) < limit else {
        throw error("the added token \(quoted(token.content)) has no possible id.")
      }
      try add(token, countingOn: isWhole, to: &words)
    }
    return words
  }

  /// Adds a token as the tokenizers library does: one that is known keeps its id, and where the
  /// vocabulary has no gaps a new one has the next, whatever the file says.
  private func add(
    _ token: AddedToken, countingOn isWhole: Bool, to words: inout TokenWords
  ) throws {
    var token = token
    let listed = token.id
    token.id = words.id(of: token) ?? (isWhole ? Token(words.size) : listed)
    if token.id != listed {
      words.notes.append(
        "\(quoted(token.content)) is token \(token.id) and not \(listed), as ‘added_tokens’ says; "
          + "the tokenizers library reads it so.")
    }
    if let problem = words.place(token.content, token.id) { throw error(problem) }
    words.add(token)
  }

  /// The texts of all tokens as the decoder wants them.
  func vocabulary(_ words: TokenWords, decoder: TextDecoder) -> TokenVocabulary {
    var ids = words.model
    for token in words.added { ids[Array(token.content.utf8)] = token.id }
    let bytes = words.texts.map { text -> [UInt8] in
      decoder == .bytes ? ByteLevel.bytes(of: text ?? "") : Array((text ?? "").utf8)
    }
    return TokenVocabulary(
      texts: words.texts, bytes: bytes, ids: ids,
      special: Set(words.added.filter(\.special).map(\.id)))
  }

  /// Whether the normalizer composes characters (NFC), the only one supported.
  func composes(_ part: JSON) throws -> Bool {
    switch part["type"]?.string {
    case nil where part.isNull: return false
    case "NFC": return true
    case "Sequence":
      return try (part["normalizers"]?.array ?? []).reduce(false) { try composes($1) || $0 }
    case let type: throw error("the normalizer \(quoted(type ?? "?")) is not supported; NFC is.")
    }
  }
}
