public import LanguageModel
public import Trajectories

/// Text to tokens and back: all that learning knows of a tokenizer.
public protocol TextCodec: Sendable {
  /// Tokens that end a response.
  var endTokens: Set<Token> { get }

  /// The one of them that ends a response which somebody else wrote; nil where there is none.
  var endToken: Token? { get }

  /// The tokens that ask a policy a problem.
  func prompt(of problem: Problem) -> [Token]

  /// The tokens of a text, nothing added.
  func encode(_ text: String) -> [Token]

  /// The text of tokens, end tokens included.
  func decode(_ tokens: [Token]) -> String

  /// The text of each token; joined, they are `decode` of the same tokens.
  func pieces(_ tokens: [Token]) -> [String]

  /// Parts of a text that have no token and would be lost.
  func unknownPieces(in text: String) -> [String]
}

extension TextCodec {
  /// The lowest of the end tokens.
  public var endToken: Token? { endTokens.min() }

  /// The problem's own text and nothing else.
  public func prompt(of problem: Problem) -> [Token] { encode(problem.prompt) }

  /// None.
  public func unknownPieces(in text: String) -> [String] { [] }

  /// Whether an end token ended a response.
  func hasEnded(_ response: [Token]) -> Bool {
    response.last.map(endTokens.contains) ?? false
  }
}
