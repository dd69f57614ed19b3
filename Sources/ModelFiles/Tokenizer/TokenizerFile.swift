public import Foundation
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

extension TokenizerReader {
  /// How one piece becomes tokens.
  func model(_ words: TokenWords) throws -> TokenModel {
    let model = json["model"] ?? .null
    switch model["type"]?.string ?? (model["merges"] == nil ? nil : "BPE") {
    case "WordLevel":
      let unknown = model["unk_token"]?.string.flatMap { words.model[Array($0.utf8)] }
      return .words(words.model, unknown: unknown)
    case "BPE": return .bytePairs(try bytePairs(model, words))
    case let type:
      throw error("models of type \(quoted(type ?? "?")) are not supported; BPE and WordLevel are.")
    }
  }

  private func bytePairs(_ model: JSON, _ words: TokenWords) throws -> BytePairModel {
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let text = model[key]?.string, !text.isEmpty { throw error("‘\(key)’ is not supported.") }
    }
    if model["byte_fallback"]?.bool == true { throw error("‘byte_fallback’ is not supported.") }
    if let dropout = model["dropout"]?.double, dropout != 0 {
      throw error("‘dropout’ of merges is not supported; set it to null.")
    }
    guard isByteLevel(json["pre_tokenizer"] ?? .null) else {
      throw error("byte-pair encoding without the ByteLevel pre-tokenizer is not supported.")
    }
    let unknown = try model["unk_token"]?.string.map { text in
      guard let token = words.model[Array(text.utf8)] else {
        throw error("‘unk_token’ \(quoted(text)) is not in the vocabulary.")
      }
      return token
    }
    return BytePairModel(
      byteTokens: ByteLevel.letters.map { words.model[$0] },
      merges: try merges(model["merges"]?.array ?? [], words),
      wholePieces: model["ignore_merges"]?.bool == true ? words.model : nil, unknown: unknown,
      fuseUnknown: model["fuse_unk"]?.bool ?? false)
  }

  /// The merges, written as `"a b"` or as `["a", "b"]`; the later of two equal ones counts.
  private func merges(_ list: [JSON], _ words: TokenWords) throws -> [UInt64: BytePairModel.Merge] {
    var merges: [UInt64: BytePairModel.Merge] = [:]
    merges.reserveCapacity(list.count)
    for (rank, entry) in list.enumerated() {
      let (left, right) = try pair(entry, rank)
      let whole = left + right
      guard let first = words.model[left], let second = words.model[right],
        let token = words.model[whole]
      else {
        throw error(
          "merge \(rank + 1), \(quoted(String(decoding: whole, as: UTF8.self))), "
            + "has tokens that are not in the vocabulary.")
      }
      let merge = BytePairModel.Merge(rank: Int32(truncatingIfNeeded: rank), token: token)
      merges[BytePairModel.key(first, second)] = merge
    }
    return merges
  }

  private func pair(_ entry: JSON, _ rank: Int) throws -> ([UInt8], [UInt8]) {
    if let text = entry.string {
      let bytes = Array(text.utf8)
      if let space = bytes.firstIndex(of: 32), bytes.lastIndex(of: 32) == space {
        return (Array(bytes[..<space]), Array(bytes[(space + 1)...]))
      }
    } else if let parts = entry.array, parts.count == 2,
      let left = parts[0].string, let right = parts[1].string
    {
      return (Array(left.utf8), Array(right.utf8))
    }
    throw error("merge \(rank + 1) is no pair of tokens.")
  }

  private func isByteLevel(_ part: JSON) -> Bool {
    let last = part["pretokenizers"]?.array?.last ?? part
    return last["type"]?.string == "ByteLevel"
  }
}

extension TokenizerReader {
  /// How tokens become a text.
  func decoder(_ words: TokenWords) throws -> TextDecoder {
    let part = json["decoder"] ?? .null
    if part.isNull { return .spaced }
    if part["type"]?.string == "ByteLevel" { return .bytes }
    if part == WordLevelFile.decoder, !words.texts.contains(where: { $0?.hasPrefix("##") ?? false })
    {
      return .lines
    }
    throw error(
      "the decoder \(quoted(part["type"]?.string ?? "?")) is not supported; ByteLevel is.")
  }

  /// The tokens that the post-processor puts before and after a text.
  func around(_ part: JSON, _ size: Int) throws -> (before: [Token], after: [Token]) {
    switch part["type"]?.string {
    case nil where part.isNull: return ([], [])
    case "ByteLevel": return ([], [])
    case "Sequence":
      var (before, after): ([Token], [Token]) = ([], [])
      for processor in part["processors"]?.array ?? [] {
        let (left, right) = try around(processor, size)
        before = left + before
        after += right
      }
      return (before, after)
    case "TemplateProcessing": return try template(part, size)
    case let type:
      throw error(
        "the post-processor \(quoted(type ?? "?")) is not supported; "
          + "ByteLevel and TemplateProcessing are.")
    }
  }

  private func template(_ part: JSON, _ size: Int) throws -> (before: [Token], after: [Token]) {
    var (before, after): ([Token], [Token]) = ([], [])
    var seenText = false
    for item in part["single"]?.array ?? [] {
      if item["Sequence"] != nil {
        seenText = true
        continue
      }
      let name = item["SpecialToken"]?["id"]?.string ?? "?"
      guard let ids = part["special_tokens"]?[name]?["ids"]?.array?.map(\.integer) else {
        throw error("the template names \(quoted(name)), of which it has no ids.")
      }
      for id in ids {
        guard let id, id >= 0, id < size else {
          throw error("the template's token \(quoted(name)) has an id beyond the vocabulary.")
        }
        if seenText { after.append(Token(id)) } else { before.append(Token(id)) }
      }
    }
    guard seenText else { throw error("the template of the post-processor leaves out the text.") }
    return (before, after)
  }
}

extension TokenizerReader {
  /// The steps of cutting a text, in order.
  func steps() throws -> [PreTokenizerStep] { try steps(json["pre_tokenizer"] ?? .null, depth: 0) }

  private func steps(_ part: JSON, depth: Int) throws -> [PreTokenizerStep] {
    switch part["type"]?.string {
    case nil where part.isNull: return []
    case "Sequence" where depth < 8:
      return try (part["pretokenizers"]?.array ?? []).flatMap { try steps($0, depth: depth + 1) }
    case "ByteLevel": return byteLevel(part)
    case "Digits": return [.digits(individual: part["individual_digits"]?.bool ?? false)]
    case "WhitespaceSplit": return [.whitespaceSplit]
    case "Whitespace": return [.whitespace]
    case "Split": return [try split(part)]
    case let type:
      throw error("the pre-tokenizer \(quoted(type ?? "?")) is not supported.")
    }
  }

  private func byteLevel(_ part: JSON) -> [PreTokenizerStep] {
    let prefix: [PreTokenizerStep] =
      part["add_prefix_space"]?.bool ?? true ? [.prefixSpace] : []
    return prefix + (part["use_regex"]?.bool ?? true ? [.pattern(.gpt2)] : [])
  }

  private func split(_ part: JSON) throws -> PreTokenizerStep {
    guard part["invert"]?.bool != true else { throw error("inverted splits are not supported.") }
    let behavior = part["behavior"]?.string ?? "?"
    if let text = part["pattern"]?["String"]?.string, !text.isEmpty,
      behavior == "Removed" || behavior == "Isolated"
    {
      return .literal(text, removed: behavior == "Removed")
    }
    guard let expression = part["pattern"]?["Regex"]?.string, behavior == "Isolated",
      let pattern = PreTokenizerPattern(expression)
    else {
      throw error(
        "the pre-tokenizer splits by a pattern that is not supported; "
          + "those of GPT-2, Qwen2 and Llama 3 are.")
    }
    return .pattern(pattern)
  }
}

extension Tokenizer {
  /// Reads `tokenizer.json` of a folder, and what lies beside it: which tokens begin, end and pad a
  /// text, and the chat template.
  ///
  /// - Throws: `ModelFileError` where a file is damaged or not supported.
  public init(folder: URL) throws {
    try self.init(contentsOf: folder.appendingPathComponent("tokenizer.json"))
    settings = try optionalJSON(folder, "tokenizer_config.json") ?? [:]
    let template = folder.appendingPathComponent("chat_template.jinja")
    if FileManager.default.fileExists(atPath: template.path) {
      chatTemplate = try readWhole(template)
    }
    beginToken = namedToken("bos_token")
    padToken = namedToken("pad_token")
    endTokens = Set(namedToken("eos_token").map { [$0] } ?? [])
  }

  /// What users should know, also those of other tools, in sentences.
  public var cautions: [String] {
    let most = 3
    let more = notes.count > most ? ["There are \(notes.count - most) more."] : []
    return notes.prefix(most) + more + [lackingTokens, classCaution].compactMap { $0 }
  }

  /// Tokens that only `tokenizer_config.json` adds: transformers adds them to the vocabulary.
  private var lackingTokens: String? {
    let listed = settings["added_tokens_decoder"]?.members ?? []
    let lacking = listed.compactMap { $0.value["content"]?.string }.filter { token(for: $0) == nil }
    guard let first = lacking.first else { return nil }
    let more = lacking.count > 1 ? " and \(lacking.count - 1) more" : ""
    return "tokenizer_config.json adds \(quoted(first))\(more), which tokenizer.json does not "
      + "have, so here that is plain text; save the tokenizer again with transformers."
  }

  /// transformers 5 builds a tokenizer of these classes from its name and leaves out how
  /// `tokenizer.json` cuts texts.
  private var classCaution: String? {
    let name = settings["tokenizer_class"]?.string ?? ""
    guard ["GPT2Tokenizer", "GPT2TokenizerFast"].contains(name), steps != [.pattern(.gpt2)] else {
      return nil
    }
    return "tokenizer_config.json names the class \(quoted(name)), by which transformers 5 cuts "
      + "texts in another way than tokenizer.json says; Crux follows tokenizer.json, so ids can differ. "
      + "What Crux writes names PreTrainedTokenizerFast, which is right in both."
  }

  /// A token that the settings name, either as text or as an object with its content.
  private func namedToken(_ key: String) -> Token? {
    (settings[key]?.string ?? settings[key]?["content"]?.string).flatMap { token(for: $0) }
  }

  /// The text of a `tokenizer_config.json`.
  ///
  /// The class is always the one that follows `tokenizer.json`: transformers 5 builds some other
  /// classes from their name and drops what the file says of pre-tokenizing.
  var settingsText: String {
    var json = settings
    json.set("tokenizer_class", .string("PreTrainedTokenizerFast"))
    func name(_ token: Token?) -> JSON {
      token.flatMap { vocabulary.texts[Int($0)] }.map { .string($0) } ?? .null
    }
    let defaults: [(String, JSON)] = [
      ("bos_token", name(beginToken)), ("eos_token", name(endTokens.min())),
      ("pad_token", name(padToken)), ("clean_up_tokenization_spaces", .bool(false)),
    ]
    for (key, value) in defaults where json[key] == nil { json.set(key, value) }
    return json.prettyText
  }
}
