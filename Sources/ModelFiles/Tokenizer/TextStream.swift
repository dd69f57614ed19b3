public import LanguageModel

/// Text from tokens that come one by one, as while a model writes.
///
/// A character whose bytes are spread over several tokens appears with the one that completes it, so
/// what is shown never has to be taken back; all parts joined are `decode` of the same tokens.
public struct TextStream: Sendable {
  private let vocabulary: TokenVocabulary
  private let skipsSpecial: Bool
  private var pending: PendingText

  /// A stream at the start of a text; `skipSpecial` leaves special tokens out.
  public init(_ tokenizer: Tokenizer, skipSpecial: Bool = false) {
    vocabulary = tokenizer.vocabulary
    skipsSpecial = skipSpecial
    pending = PendingText(decoder: tokenizer.decoder)
  }

  /// The text that one more token completes; none for an id that is no token.
  public mutating func append(_ token: Token) -> String {
    guard let bytes = vocabulary.bytes(of: token),
      !(skipsSpecial && vocabulary.special.contains(token))
    else { return "" }
    return pending.append(bytes)
  }

  /// The end of the text: U+FFFD where a character was not completed, else nothing.
  public mutating func finish() -> String { pending.finish() }
}

/// What the next token's text depends on.
struct PendingText: Sendable {
  /// How the texts of tokens become one.
  let decoder: TextDecoder
  /// Bytes that begin a character, three at most.
  private var bytes: [UInt8] = []
  /// Whether a space belongs before the next word.
  private var spaced = false

  /// Nothing yet.
  init(decoder: TextDecoder) { self.decoder = decoder }

  /// The text that a token's bytes complete.
  mutating func append(_ token: [UInt8]) -> String {
    guard decoder == .bytes else { return appendWord(token) }
    bytes += token
    let settled = bytes.count - TextDecoder.unfinished(bytes)
    defer { bytes.removeFirst(settled) }
    return String(decoding: bytes[..<settled], as: UTF8.self)
  }

  private mutating func appendWord(_ token: [UInt8]) -> String {
    let isNewline = decoder == .lines && token == [10]
    defer { spaced = !isNewline }
    let word = String(decoding: token, as: UTF8.self)
    return spaced && !isNewline ? " " + word : word
  }

  /// What is left at the end.
  mutating func finish() -> String {
    defer { bytes = [] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
