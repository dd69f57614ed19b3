import Foundation
import LanguageModel

/// What one choice of a completion is once it is whole.
struct FinishedChoice: Equatable {
  /// The ids exactly as drawn; nil where the server does not tell them.
  var tokens: [Token]?
  /// Log-probability of each token as the server gives it; NaN where it gives none.
  var logProbabilities: [Float] = []
  /// The text, without what the server leaves out of it.
  var text = ""
  /// Why it ended: `stop` or `length`.
  var finish = ""
  /// The ids of the prompt as the server read them; nil where it does not tell.
  var prompt: [Token]?
  /// Log-probabilities of the prompt's tokens, the first of which has none.
  var promptLogProbabilities: [Float]?
  /// The likeliest first tokens with their log-probabilities, as the server writes them.
  var likeliestFirst: [String: Double] = [:]
}

/// How many tokens a request cost, by the server's own count.
struct TokenCost: Equatable {
  var prompt = 0
  var cached = 0
  var completion = 0
}

/// A whole completion.
struct CompletionAnswer: Equatable {
  /// The choices by their index.
  var choices: [FinishedChoice]
  /// What it cost; nil where the server does not say.
  var cost: TokenCost?
}

/// The part of a completion that a server sends, be it a chunk of a stream or all of it: in OpenAI's
/// way, or in llama-server's own, which has no choices.
struct CompletionPart: Decodable {
  var choices: [Choice]?
  var usage: Usage?
  var content: String?
  var tokens: [Token]?
  var stop_type: String?
  var completion_probabilities: [Content]?
  var tokens_evaluated: Int?

  /// The choices in either way; nil where there are none.
  var allChoices: [Choice]? {
    guard let stop_type else { return choices }
    return [
      Choice(
        text: content, finish_reason: stop_type == "limit" ? "length" : "stop", token_ids: tokens,
        logprobs: completion_probabilities.map { LogProbabilities(content: $0) })
    ]
  }

  /// What it cost, where that is said.
  var cost: TokenCost? {
    if let usage { return usage.cost }
    guard stop_type != nil, let tokens_evaluated else { return nil }
    return TokenCost(prompt: tokens_evaluated, completion: tokens?.count ?? 0)
  }

  struct Choice: Decodable {
    var index: Int?
    var text: String?
    var finish_reason: String?
    var token_ids: [Token]?
    var prompt_token_ids: [Token]?
    var logprobs: LogProbabilities?
    var prompt_logprobs: [[String: Entry]?]?
  }

  struct Entry: Decodable { var logprob: Double }

  /// The two shapes: OpenAI's of completions, and that of chats, which llama-server uses for both.
  struct LogProbabilities: Decodable {
    var tokens: [String]?
    var token_logprobs: [Double?]?
    var top_logprobs: [[String: Double]?]?
    var content: [Content]?
  }

  struct Content: Decodable {
    var id: Token?
    var token: String?
    var logprob: Double?
    var top_logprobs: [Content]?
  }

  struct Usage: Decodable {
    var prompt_tokens: Int?
    var completion_tokens: Int?
    var prompt_tokens_details: Details?

    struct Details: Decodable { var cached_tokens: Int? }

    var cost: TokenCost {
      TokenCost(
        prompt: prompt_tokens ?? 0, cached: prompt_tokens_details?.cached_tokens ?? 0,
        completion: completion_tokens ?? 0)
    }
  }
}

extension CompletionPart.Choice {
  /// The ids of this part; nil where they are not told.
  var ids: [Token]? {
    if let token_ids { return token_ids }
    if let content = logprobs?.content {
      let ids = content.compactMap(\.id)
      return ids.count == content.count ? ids : nil
    }
    guard let tokens = logprobs?.tokens else { return nil }
    let ids = tokens.compactMap { $0.hasPrefix("token_id:") ? Token($0.dropFirst(9)) : nil }
    return ids.count == tokens.count && !ids.isEmpty ? ids : nil
  }

  /// The log-probabilities of this part, NaN for those that are missing.
  var values: [Float] {
    if let content = logprobs?.content {
      guard let token_ids else { return content.map { Float($0.logprob ?? .nan) } }
      // Some tokens have none there; they are found by their ids.
      var rest = content[...]
      return token_ids.map { id in
        rest.first?.id == id ? Float(rest.removeFirst().logprob ?? .nan) : .nan
      }
    }
    return (logprobs?.token_logprobs ?? []).map { Float($0 ?? .nan) }
  }

  /// The likeliest tokens of this part's first place.
  var likeliestFirst: [String: Double] {
    if let first = logprobs?.content?.first {
      let pairs = (first.top_logprobs ?? [first]).compactMap { entry in
        entry.logprob.map { ("\(entry.id ?? -1) \(entry.token ?? "")", $0) }
      }
      return Dictionary(pairs) { first, _ in first }
    }
    return (logprobs?.top_logprobs?.first).flatMap(\.self) ?? [:]
  }
}
