extension Tokenizer {
  /// Reads the bytes of a `tokenizer.json`; `file` is named in errors.
  public init(parsing bytes: [UInt8], file: String) throws {
    try self.init(JSONReader.read(bytes, file: file), source: bytes, file: file)
  }

  /// Reads a `tokenizer.json` that is parsed already; `source` nil stands for the text of it.
  init(_ json: JSON, source: [UInt8]?, file: String) throws {
    let reader = TokenizerReader(json: json, file: file)
    let added = try reader.addedTokens()
    let words = try reader.words(added)
    decoder = try reader.decoder(words)
    vocabulary = reader.vocabulary(words, added: added, decoder: decoder)
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
  /// Number of ids.
  var size: Int { texts.count }
}

/// Turns the parts of a `tokenizer.json` into ours, and says of each what is not supported.
struct TokenizerReader {
  /// The whole file.
  let json: JSON
  /// Named in errors.
  let file: String

  func error(_ problem: String) -> ModelFileError { ModelFileError(file: file, problem: problem) }

  /// The tokens to be found in the text itself.
  func addedTokens() throws -> [AddedToken] {
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
  func words(_ added: [AddedToken]) throws -> TokenWords {
    guard let members = json["model"]?["vocab"]?.members else {
      throw error("‘model’ has no ‘vocab’ that maps tokens to ids.")
    }
    var words = TokenWords()
    // Ids may have gaps, but not so many that the file must be damaged.
    let limit = 2 * (members.count + added.count) + 1024
    words.model.reserveCapacity(members.count)
    for member in members {
      guard let id = member.value.integer, id >= 0, id < limit else {
        throw error("the token \(quoted(member.key)) has no possible id.")
      }
      try place(member.key, Token(id), in: &words)
      guard words.model.updateValue(Token(id), forKey: Array(member.key.utf8)) == nil else {
        throw error("the token \(quoted(member.key)) occurs twice.")
      }
    }
    for token in added {
      guard Int(token.id) < limit else {
        throw error("the added token \(quoted(token.content)) has no possible id.")
      }
      if let id = words.model[Array(token.content.utf8)], id != token.id {
        throw error(
          "\(quoted(token.content)) is token \(token.id) among ‘added_tokens’ and \(id) in ‘vocab’."
        )
      }
      try place(token.content, token.id, in: &words)
    }
    return words
  }

  private func place(_ text: String, _ id: Token, in words: inout TokenWords) throws {
    while words.size <= Int(id) { words.texts.append(nil) }
    if let other = words.texts[Int(id)], !other.utf8.elementsEqual(text.utf8) {
      throw error("\(quoted(other)) and \(quoted(text)) are both token \(id).")
    }
    words.texts[Int(id)] = text
  }

  /// The texts of all tokens as the decoder wants them.
  func vocabulary(
    _ words: TokenWords, added: [AddedToken], decoder: TextDecoder
  ) -> TokenVocabulary {
    var ids = words.model
    for token in added { ids[Array(token.content.utf8)] = token.id }
    let bytes = words.texts.map { text -> [UInt8] in
      decoder == .bytes ? ByteLevel.bytes(of: text ?? "") : Array((text ?? "").utf8)
    }
    return TokenVocabulary(
      texts: words.texts, bytes: bytes, ids: ids,
      special: Set(added.filter(\.special).map(\.id)))
  }

  /// Whether the normaliser composes characters (NFC), the only one supported.
  func composes(_ part: JSON) throws -> Bool {
    switch part["type"]?.string {
    case nil where part.isNull: return false
    case "NFC": return true
    case "Sequence":
      return try (part["normalizers"]?.array ?? []).reduce(false) { try composes($1) || $0 }
    case let type: throw error("the normaliser \(quoted(type ?? "?")) is not supported; NFC is.")
    }
  }
}
