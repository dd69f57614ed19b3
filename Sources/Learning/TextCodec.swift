public import LanguageModel

/// Text to tokens and back: all that learning knows of a tokenizer.
public protocol TextCodec: Sendable {
  /// Tokens that end a response.
  var endTokens: Set<Token> { get }

  /// The tokens of a text, nothing added.
  func encode(_ text: String) -> [Token]

  /// The text of tokens, end tokens included.
  func decode(_ tokens: [Token]) -> String

  /// The text of each token; joined, they are `decode` of the same tokens.
  func pieces(_ tokens: [Token]) -> [String]
}

extension Tokenizer: TextCodec {}
