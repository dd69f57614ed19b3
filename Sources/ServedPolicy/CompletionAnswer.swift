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
/// way, or in llama-server's or SGLang's own, which have no choices.
struct CompletionPart: Decodable {
  var choices: [Choice]?
  var usage: Usage?
  var content: String?
  var tokens: [Token]?
  var stop_type: String?
  var completion_probabilities: [Content]?
  var tokens_evaluated: Int?
  var text: String?
  var output_ids: [Token]?
  var meta_info: GenerationInfo?

  /// The choices in any way; nil where there are none.
  var allChoices: [Choice]? {
    if let meta_info { return [meta_info.choice(text: text, ids: output_ids)] }
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
    if let meta_info { return meta_info.cost }
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
    /// Whether it tells all so far, not what is new.
    var isCumulative: Bool?
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

/// What SGLang's `/generate` says beside a text and its ids.
///
/// A stream tells all so far each time, or what is new where the server was started so; which of the
/// two it is shows in the number of tokens.
struct GenerationInfo: Decodable {
  /// A token with its log-probability; the first of a prompt has none.
  struct ScoredToken: Decodable {
    var logProbability: Double?
    var id: Token

    init(from decoder: any Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      logProbability = try fields.decodeIfPresent(Double.self)
      id = try fields.decode(Token.self)
    }
  }

  /// Why an answer ended.
  struct Reason: Decodable { var type: String }

  var finish_reason: Reason?
  var prompt_tokens: Int?
  var cached_tokens: Int?
  var completion_tokens: Int?
  var input_token_logprobs: [ScoredToken]?
  var output_token_logprobs: [ScoredToken]?
  var output_top_logprobs: [[ScoredToken]?]?

  /// What it cost.
  var cost: TokenCost {
    TokenCost(
      prompt: prompt_tokens ?? 0, cached: cached_tokens ?? 0, completion: completion_tokens ?? 0)
  }

  /// The choice that it tells of.
  func choice(text: String?, ids: [Token]?) -> CompletionPart.Choice {
    let drawn = output_token_logprobs ?? []
    let ids = ids ?? (output_token_logprobs == nil ? nil : drawn.map(\.id))
    let likeliest = (output_top_logprobs?.first).flatMap(\.self) ?? []
    let top = Dictionary(
      likeliest.compactMap { one in one.logProbability.map { ("\(one.id)", $0) } },
      uniquingKeysWith: { first, _ in first })
    var choice = CompletionPart.Choice(
      text: text, finish_reason: finish_reason?.type, token_ids: ids,
      logprobs: CompletionPart.LogProbabilities(
        token_logprobs: drawn.suffix(ids?.count ?? 0).map(\.logProbability),
        top_logprobs: top.isEmpty ? nil : [top]))
    choice.isCumulative = ids.map { $0.count == completion_tokens } ?? false
    if let prompt = input_token_logprobs, !prompt.isEmpty {
      choice.prompt_token_ids = prompt.map(\.id)
      choice.prompt_logprobs = prompt.map { one in
        one.logProbability.map { ["\(one.id)": CompletionPart.Entry(logprob: $0)] }
      }
    }
    return choice
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
