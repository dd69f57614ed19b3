public import LanguageModel

/// The words of both embedded tasks, one token a word, so that one small policy answers all of it.
///
/// A text is words with single spaces between them; a newline is a word of its own and has no spaces
/// about it, as in `Tokenizer.wordLevel` of the same words. The ids of a smaller modulus are a
/// prefix of those of a larger one: numbers come last.
public struct TaskVocabulary: TextCodec, Equatable {
  /// The word of each id, in order.
  public let words: [String]
  private let ids: [String: Token]

  /// What fills the place of nothing.
  public static let padding = "<pad>"
  /// What ends a response.
  public static let end = "$"
  /// What ends a line.
  public static let newline = "\n"
  /// Operations that a chain's easy lines ask for.
  static let easy = (1...5).flatMap { ["+\($0)", "-\($0)"] }
  /// Operations that a chain's hard lines ask for.
  static let hard = (2...9).map { "*\($0)" }

  /// The words for numbers below `modulus`.
  public init(modulus: Int) {
    let marks = [Self.padding, Self.end, Self.newline, ":", "#"]
    let answers = ["?v", "?4", "?2", "a", "b", "c", "d", "yes", "no"]
    let countdown = ["?t", "+", "-", "*", "="]
    let numbers = (0..<modulus).map(String.init)
    words = marks + answers + Self.easy + Self.hard + countdown + numbers
    ids = Dictionary(uniqueKeysWithValues: zip(words, Token(0)...))
  }

  /// The id of a word; nil where it is none of these.
  public subscript(word: String) -> Token? { ids[word] }

  /// Only `$` ends a response.
  public var endTokens: Set<Token> { [1] }

  /// The tokens of a text; a word that is none of these becomes padding.
  public func encode(_ text: String) -> [Token] {
    Self.split(text).map { ids[String($0)] ?? 0 }
  }

  /// The words with single spaces between them, but none beside a newline.
  public func decode(_ tokens: [Token]) -> String { pieces(tokens).joined() }

  /// Each word with the space before it.
  public func pieces(_ tokens: [Token]) -> [String] {
    var before = Self.newline
    return tokens.map { token in
      let word = word(token)
      defer { before = word }
      return before == Self.newline || word == Self.newline ? word : " " + word
    }
  }

  private func word(_ token: Token) -> String {
    words.indices.contains(Int(token)) ? words[Int(token)] : Self.padding
  }

  /// Words and newlines of a text, whatever other white space lies between them.
  static func split(_ text: String) -> [Substring] {
    var words: [Substring] = []
    var rest = text[...]
    while let first = rest.first {
      if first.isNewline {
        words.append("\n")
        rest.removeFirst()
      } else if first.isWhitespace {
        rest.removeFirst()
      } else {
        let word = rest.prefix { !$0.isWhitespace && !$0.isNewline }
        words.append(word)
        rest = rest[word.endIndex...]
      }
    }
    return words
  }
}

extension TaskVocabulary {
  /// Words that are none of these.
  public func unknownPieces(in text: String) -> [String] {
    Self.split(text).map(String.init).filter { self[$0] == nil }
  }
}
