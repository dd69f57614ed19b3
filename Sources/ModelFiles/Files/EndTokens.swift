public import LanguageModel

extension ModelSource {
  /// Tokens that end a text, whichever file says so.
  public var endTokens: Set<Token> { configuration.endTokens(besides: tokenizer) }
  /// The token by which Crux ends a text itself; nil where the model has none.
  public var endToken: Token? { configuration.endToken(besides: tokenizer) }
}

extension ModelFiles {
  /// Tokens that end a text, whichever file says so.
  public var endTokens: Set<Token> { configuration.endTokens(besides: tokenizer) }
  /// The token by which Crux ends a text itself; nil where the model has none.
  public var endToken: Token? { configuration.endToken(besides: tokenizer) }
}

extension Configuration {
  /// Tokens that end a text: those of the configuration, of the settings of generation and of the
  /// tokenizer, and control tokens whose text ends a text in every model.
  func endTokens(besides tokenizer: Tokenizer?) -> Set<Token> {
    let named = Set(endTokens).union(generationEnds.known).union(tokenizer?.endTokens ?? [])
    return named.union(tokenizer.map { EndTexts.tokens(of: $0.vocabulary) } ?? [])
  }

  /// The end that the tokenizer's settings name where they name one, else the configuration's
  /// first.
  func endToken(besides tokenizer: Tokenizer?) -> Token? {
    let own = tokenizer?.endTokens ?? []
    return own.count == 1 ? own.first : endTokens.first ?? own.min() ?? generationEnds.known.first
  }

  /// Whether the settings of generation keep some tokens from being drawn.
  var suppresses: Bool {
    ["suppress_tokens", "begin_suppress_tokens", "bad_words_ids"].contains { key in
      generation?[key]?.array?.isEmpty == false
    }
  }

  private var generationEnds: (known: [Token], strange: [Int]) {
    endTokens(of: generation?["eos_token_id"])
  }

  /// The tokens that an id or a list of ids names, and ids that the vocabulary does not have.
  func endTokens(of value: JSON?) -> (known: [Token], strange: [Int]) {
    let ids = (value?.array ?? [value ?? .null]).compactMap(\.integer)
    let known = ids.filter { $0 >= 0 && $0 < architecture.vocabulary }
    // Some files say -1 where there is none.
    return (known.map { Token($0) }, ids.filter { $0 >= architecture.vocabulary })
  }

  /// Warns of end tokens that the vocabulary does not have, and of a model that writes texts and
  /// has no end.
  ///
  /// - Throws: `ModelFileError` where a file names ends and the vocabulary has none of them.
  func checkEnds(besides tokenizer: Tokenizer?, file: String) throws -> [String] {
    let strange = strangeEnds + generationEnds.strange
    guard !strange.isEmpty else {
      guard tokenizer != nil, endTokens(besides: tokenizer).isEmpty else { return [] }
      return ["\(file): no file names a token that ends a text, so every answer runs to its limit."]
    }
    let ids = Set(strange).sorted().map(String.init).joined(separator: ", ")
    let text = "the end token \(ids) is beyond the vocabulary of \(architecture.vocabulary)"
    let rest = endTokens(besides: tokenizer).sorted().map(String.init)
    guard !rest.isEmpty else {
      throw ModelFileError(
        file: file, problem: "\(text), and there is no other; correct ‘eos_token_id’.")
    }
    return ["\(file): \(text) and left out; texts end at \(rest.joined(separator: ", "))."]
  }
}

extension GGUFMetadata {
  /// Whether the file keeps some tokens from being drawn.
  var suppresses: Bool { self["tokenizer.ggml.suppress_tokens"]?.integers?.isEmpty == false }

  /// Ids that are said to end a text and are none of the vocabulary.
  func strangeEnds(from count: Int) -> [Int] {
    ["eos", "eot", "eom"].compactMap { self["tokenizer.ggml.\($0)_token_id"]?.integer }
      .filter { $0 >= count && $0 < Int(UInt32.max) }
  }

  /// Tokens that end a text, a turn or a message, none twice.
  func endTokens(below count: Int) -> [Token] {
    var tokens: [Token] = []
    for name in ["eos", "eot", "eom"] {
      if let token = token(name, below: count), !tokens.contains(token) { tokens.append(token) }
    }
    return tokens
  }
}
