import Foundation
import LanguageModel

/// What is asked of `/v1/completions`, in the names of a server's family.
///
/// Everything that changes how a token is drawn is sent, because servers' defaults are not neutral:
/// they keep 40 tokens, punish repetitions, or take what a model's files suggest.
struct CompletionRequest {
  /// Where the completion begins.
  enum Prompt {
    case tokens([Token])
    case text(String)
  }

  var model: String
  var prompt: Prompt
  var sampling = Sampling()
  var limit = 1
  var seed: UInt64 = 0
  var count = 1
  var endTokens: Set<Token> = []
  /// Likeliest tokens whose log-probabilities are told beside that of the drawn one.
  var logProbabilities = 1
  var isStream = false
  /// Whether llama-server or SGLang is asked in its own way.
  ///
  /// What llama-server answers in OpenAI's way leaves out every token that ends inside a character,
  /// and its own, where it is not a stream, does not. SGLang's own way has ids both ways whatever its
  /// version makes of OpenAI's.
  var isNative = false
  /// How the prompt's log-probabilities are asked for, where they are.
  var promptScores = PromptScores.none

  /// Where it is asked.
  func path(for family: ServerFamily) -> String {
    guard isNative else { return "/v1/completions" }
    return family == .sglang ? "/generate" : "/completion"
  }

  /// The body; fields that the server refuses are left out.
  func body(for family: ServerFamily, without refused: [String] = []) -> [String: Any] {
    if isNative, family == .sglang { return generation(without: refused) }
    var body = common
    body.merge(family.isLlama ? llamaFields : vllmFields) { _, new in new }
    switch family {
    case .sglang:
      // There 0 is refused and −1 keeps all.
      body["top_k"] = sampling.topK == 0 ? -1 : sampling.topK
    case .llamaServer:
      // Otherwise the temperature comes after the filters.
      body["samplers"] = ["temperature", "top_k", "top_p", "min_p"]
      body["cache_prompt"] = true
      if isNative {
        body["n_predict"] = limit
        body["n_probs"] = logProbabilities
        body["return_tokens"] = true
        body["logprobs"] = nil
        body["n"] = nil
        body["max_tokens"] = nil
      }
    default: break
    }
    for name in refused { body[name] = nil }
    return body
  }

  /// What SGLang's `/generate` takes; how tokens are drawn stands in an object of its own.
  private func generation(without refused: [String]) -> [String: Any] {
    var drawing: [String: Any] = [
      "max_new_tokens": limit, "temperature": Self.number(sampling.temperature),
      "top_p": Self.number(sampling.topP), "top_k": sampling.topK == 0 ? -1 : sampling.topK,
      "min_p": Self.number(sampling.minP), "presence_penalty": 0, "frequency_penalty": 0,
      "repetition_penalty": 1, "skip_special_tokens": false,
      "sampling_seed": Int64(bitPattern: seed & 0x7fff_ffff),
    ]
    if !endTokens.isEmpty { drawing["stop_token_ids"] = endTokens.sorted().map { Int($0) } }
    for name in refused { drawing[name] = nil }
    var body: [String: Any] = [
      "sampling_params": drawing, "return_logprob": true,
      "logprob_start_len": promptScores == .none ? -1 : 0, "top_logprobs_num": logProbabilities,
      "stream": isStream,
    ]
    switch prompt {
    case .tokens(let tokens): body["input_ids"] = tokens.map { Int($0) }
    case .text(let text): body["text"] = text
    }
    for name in refused { body[name] = nil }
    return body
  }

  /// What OpenAI's own completions have.
  private var common: [String: Any] {
    var body: [String: Any] = [
      "model": model, "n": count, "max_tokens": limit,
      "temperature": Self.number(sampling.temperature), "top_p": Self.number(sampling.topP),
      "presence_penalty": 0, "frequency_penalty": 0, "logprobs": logProbabilities,
      "stream": isStream,
    ]
    switch prompt {
    case .tokens(let tokens): body["prompt"] = tokens.map { Int($0) }
    case .text(let text): body["prompt"] = text
    }
    if isStream { body["stream_options"] = ["include_usage": true] }
    if case .echo(let drawn) = promptScores {
      body["echo"] = true
      body["max_tokens"] = drawn
    }
    return body
  }

  private var vllmFields: [String: Any] {
    var body: [String: Any] = [
      "top_k": sampling.topK, "min_p": Self.number(sampling.minP), "repetition_penalty": 1,
      "seed": Int64(bitPattern: seed & 0x7fff_ffff_ffff_ffff), "return_token_ids": true,
      "skip_special_tokens": false,
    ]
    if !endTokens.isEmpty { body["stop_token_ids"] = endTokens.sorted().map { Int($0) } }
    // A text that is sent has the beginning that its template gives it.
    if case .text = prompt { body["add_special_tokens"] = false }
    if case .prompt = promptScores { body["prompt_logprobs"] = 0 }
    return body
  }

  private var llamaFields: [String: Any] {
    [
      "top_k": sampling.topK, "min_p": Self.number(sampling.minP), "repeat_penalty": 1,
      // Seeds have 32 bits there, and the largest of them stands for chance.
      "seed": Int64((seed ^ (seed >> 32)) & 0x7fff_ffff),
    ]
  }

  /// The shortest decimal number that is the same float.
  private static func number(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
}

/// The ways in which a server tells the log-probabilities of a prompt.
enum PromptScores: Codable, Equatable, Sendable {
  /// It does not.
  case none
  /// `prompt_logprobs`.
  case prompt
  /// `echo`, while so many tokens are drawn: none where the server allows it.
  case echo(drawing: Int)

  var isEcho: Bool { if case .echo = self { true } else { false } }
}

extension ServerFamily {
  var isLlama: Bool { self == .llamaServer || self == .llamaCppPython || self == .ollama }
}
