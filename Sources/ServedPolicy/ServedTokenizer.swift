import Foundation
public import LanguageModel

/// How texts become tokens and tokens texts.
public struct TextCoding {
  /// The ids of a text, without a beginning or an end put to it.
  public var encode: (String) -> [Token]?
  /// The text of ids, control tokens included.
  public var decode: ([Token]) -> String?

  /// A coding with both directions given; nil where one cannot.
  public init(
    encode: @escaping (String) -> [Token]?, decode: @escaping ([Token]) -> String?
  ) {
    self.encode = encode
    self.decode = decode
  }
}

/// The tokenizer of a server, asked over HTTP.
public final class ServedTokenizer {
  private let link: ServerLink
  private let address: ServerAddress
  private let model: String

  init(_ link: ServerLink, model: String) {
    self.link = link
    address = link.addresses[0]
    self.model = model
  }

  /// The ids of a text, without a beginning or an end put to it; control tokens in it are taken
  /// for what they say.
  public func encode(_ text: String) throws(ServerFailure) -> [Token] {
    let path = link.family == .llamaCppPython ? "/extras/tokenize" : "/tokenize"
    let body: [String: Any] =
      switch link.family {
      case .llamaCppPython: ["input": text]
      case .llamaServer: ["content": text, "add_special": false, "parse_special": true]
      default: ["model": model, "prompt": text, "add_special_tokens": false]
      }
    let answer = try json(path, body)
    guard let tokens = answer["tokens"] as? [Int] else {
      throw ServerFailure(.unusable, "\(address.host) answered a text with no tokens.")
    }
    return tokens.map { Token($0) }
  }

  /// The text of ids, control tokens included.
  public func decode(_ tokens: [Token]) throws(ServerFailure) -> String {
    let path = link.family == .llamaCppPython ? "/extras/detokenize" : "/detokenize"
    var body: [String: Any] = ["tokens": tokens.map { Int($0) }]
    if link.family == .vllm || link.family == .sglang {
      body["model"] = model
    }
    if link.family == .sglang { body["skip_special_tokens"] = false }
    let answer = try json(path, body)
    let text = ["prompt", "content", "text"].lazy.compactMap { answer[$0] as? String }.first
    guard let text else {
      throw ServerFailure(.unusable, "\(address.host) answered tokens with no text.")
    }
    return text
  }

  /// Both directions, remembering what was asked; nil where the server fails.
  public var coding: TextCoding {
    var ids: [String: [Token]] = [:]
    var texts: [[Token]: String] = [:]
    return TextCoding(
      encode: { text in
        if let known = ids[text] { return known }
        let got = try? self.encode(text)
        if let got { ids[text] = got }
        return got
      },
      decode: { tokens in
        if let known = texts[tokens] { return known }
        let got = try? self.decode(tokens)
        if let got { texts[tokens] = got }
        return got
      })
  }

  private func json(_ path: String, _ body: [String: Any]) throws(ServerFailure) -> [String: Any] {
    let data = try link.ask(path, body, of: address)
    guard let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
      throw ServerFailure(.unusable, "What \(address.host) answered is not JSON.")
    }
    return object
  }
}
