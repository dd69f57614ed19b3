public import Foundation
public import LanguageModel

/// Text to tokens and back, exactly as a `tokenizer.json` says.
///
/// Byte-level byte-pair encoding and whole words are read; see `TokenizerReader` for what is not.
public struct Tokenizer: Sendable {
  /// Tokens that end a text.
  public var endTokens: Set<Token> = []
  /// The token that begins a text; nil where none does.
  public var beginToken: Token?
  /// The token that fills up rows; nil where none does.
  public var padToken: Token?
  /// The bytes of the `tokenizer.json`, as they were read; made where it came from another file.
  public var source: [UInt8] {
    switch origin {
    case .bytes(let bytes): bytes
    case .json(let json): Array(json.prettyText.utf8)
    }
  }
  /// Where tokens have other ids than their file says, in sentences.
  let notes: [String]
  /// What it was made from.
  let origin: TokenizerOrigin
  /// The `tokenizer_config.json` it came with.
  var settings: JSON = [:]
  /// The chat template it came with, as a file of its own; nil where there was none.
  var chatTemplate: [UInt8]?

  let vocabulary: TokenVocabulary
  let model: TokenModel
  let composes: Bool
  let steps: [PreTokenizerStep]
  let search: AddedTokenSearch
  let normalizedSearch: AddedTokenSearch
  let prefix: [Token]
  let suffix: [Token]
  let decoder: TextDecoder

  /// Reads a `tokenizer.json`.
  ///
  /// - Throws: `ModelFileError` where it is damaged or asks for what Crux does not do.
  public init(contentsOf url: URL) throws {
    try self.init(parsing: readWhole(url), file: url.path)
  }

  /// Number of token ids; ids are below it.
  public var vocabularySize: Int { vocabulary.texts.count }

  /// The token whose text in the vocabulary is exactly this; nil where there is none.
  public func token(for text: String) -> Token? { vocabulary.ids[Array(text.utf8)] }
}

extension Tokenizer {
  /// The tokens of a text, special tokens in it recognised and nothing added.
  public func encode(_ text: String) -> [Token] { encode(text, addSpecialTokens: false) }

  /// The tokens of a text.
  ///
  /// - Parameters:
  ///   - text: Any text.
  ///   - addSpecialTokens: Whether what the file puts around a text, such as a first token, is added.
  ///   - recogniseSpecial: Whether special tokens written in the text count as such; false is for
  ///     text that nobody vouches for.
  /// - Returns: The tokens; what the vocabulary cannot say is missing or is its unknown token.
  public func encode(
    _ text: String, addSpecialTokens: Bool, recogniseSpecial: Bool = true
  ) -> [Token] {
    var tokens: [Token] = []
    visit(text, recogniseSpecial: recogniseSpecial) { token, piece in
      tokens += token.map { [$0] } ?? model.tokens(of: piece)
    }
    return addSpecialTokens ? prefix + tokens + suffix : tokens
  }

  /// The pieces that no token crosses, special tokens apart, each once it is normalised.
  public func preTokens(of text: String) -> [String] {
    var pieces: [String] = []
    visit(text, recogniseSpecial: true) { token, piece in
      if token == nil { pieces.append(String(decoding: piece, as: UTF8.self)) }
    }
    return pieces
  }

  /// The pieces of a text that the vocabulary cannot say, each once, in order.
  public func unknownPieces(in text: String) -> [String] {
    var unknown: [String] = []
    visit(text, recogniseSpecial: true) { token, piece in
      guard token == nil, !model.canSay(piece) else { return }
      let text = String(decoding: piece, as: UTF8.self)
      if !unknown.contains(text) { unknown.append(text) }
    }
    return unknown
  }

  private func visit(
    _ text: String, recogniseSpecial: Bool, _ body: (Token?, [UInt8]) -> Void
  ) {
    for part in search.split(Array(text.utf8)[...], recogniseSpecial: recogniseSpecial) {
      guard case .text(let raw) = part else {
        if case .token(let token) = part { body(token, []) }
        continue
      }
      let normal = composed(raw)
      for part in normalizedSearch.split(normal[...], recogniseSpecial: recogniseSpecial) {
        switch part {
        case .token(let token): body(token, [])
        case .text(let bytes):
          for piece in steps.split(String(decoding: bytes, as: UTF8.self)) {
            body(nil, piece.flatMap { Array(UTF8.encode($0) ?? .init()) })
          }
        }
      }
    }
  }

  private func composed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard composes, bytes.contains(where: { $0 >= 128 }) else { return Array(bytes) }
    return Array(CanonicalComposition.compose(String(decoding: bytes, as: UTF8.self)).utf8)
  }
}

extension Tokenizer {
  /// The text of tokens, special ones included.
  public func decode(_ tokens: [Token]) -> String { decode(tokens, skipSpecial: false) }

  /// The text of tokens; ids beyond the vocabulary have none.
  public func decode(_ tokens: [Token], skipSpecial: Bool) -> String {
    let shown = tokens.filter { !(skipSpecial && vocabulary.special.contains($0)) }
    return pieces(shown).joined()
  }

  /// The text that each token adds; joined, they are `decode` of the same tokens.
  ///
  /// A character whose bytes are spread over several tokens belongs to the one that completes it.
  public func pieces(_ tokens: [Token]) -> [String] {
    let known = tokens.map { vocabulary.bytes(of: $0) }
    var texts = decoder.pieces(known.compactMap { $0 })[...]
    return known.map { $0 == nil ? "" : texts.popFirst() ?? "" }
  }
}

/// What a tokenizer was made from.
enum TokenizerOrigin: Sendable {
  /// A `tokenizer.json`, its bytes.
  case bytes([UInt8])
  /// Another file, put into the words of a `tokenizer.json`.
  case json(JSON)
}

/// The texts of all tokens.
struct TokenVocabulary: Sendable {
  /// Text of each id as the file spells it; nil for an id that is not used.
  var texts: [String?]
  /// What each id stands for when decoded, bytes.
  var bytes: [[UInt8]]
  /// Ids by the bytes of their text: strings would count as equal when canonically equivalent.
  var ids: [[UInt8]: Token]
  /// Ids that are left out where special tokens are.
  var special: Set<Token>

  /// What a token stands for; nil where there is no such token.
  func bytes(of token: Token) -> [UInt8]? {
    let index = Int(token)
    return texts.indices.contains(index) && texts[index] != nil ? bytes[index] : nil
  }
}

/// How one piece becomes tokens.
enum TokenModel: Sendable {
  /// Byte-pair encoding.
  case bytePairs(BytePairModel)
  /// Each piece is a word; unknown ones become one token, or vanish where there is none.
  case words([[UInt8]: Token], unknown: Token?)

  /// The tokens of a piece.
  func tokens(of piece: [UInt8]) -> [Token] {
    switch self {
    case .bytePairs(let model): return model.tokens(of: piece)
    case .words(let ids, let unknown):
      return (ids[piece] ?? unknown).map { [$0] } ?? []
    }
  }

  /// Whether the vocabulary has tokens for all of a piece.
  func canSay(_ piece: [UInt8]) -> Bool {
    switch self {
    case .bytePairs(let model): piece.allSatisfy { model.byteTokens[Int($0)] != nil }
    case .words(let ids, _): ids[piece] != nil
    }
  }
}
