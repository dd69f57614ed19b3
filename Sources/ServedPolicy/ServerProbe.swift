import Foundation
import LanguageModel

/// Finds out what a server can do, by asking in a fixed order: its kind, its model, a completion of
/// one token, the ids it read, several choices, what its log-probabilities mean, those of a prompt,
/// its tokenizer.
///
/// It costs some ten requests of one token each.
struct ServerProbe {
  let link: ServerLink
  let address: ServerAddress
  /// The tokenizer here, to compare with.
  let coding: TextCoding?

  /// A text on which tokenizers differ: runs of spaces, letters with marks, digits, ends of lines.
  static let hostileText =
    "  4 + 3\n\n\t١٢ naïve e\u{301}   \u{1F469}\u{200D}\u{1F52C}don't 1234567 ﬁ\r\n…\u{A0}x"

  /// What was found out; throws where not even a completion of one token was to be had.
  func capabilities(model wanted: String?) throws(ServerFailure) -> ServerCapabilities {
    let (family, version) = try kind()
    link.family = family
    var found = try findModel(wanted, family: family, version: version)
    try complete(&found)
    found.choices = choices(found)
    found.logProbabilities = try meaning(found)
    found.promptScores = promptScores(found)
    found.scoresPrompts = found.promptScores != .none
    found.tokenizer = tokenizerAgreement(found)
    return found
  }

  // MARK: Kind and model

  /// What lies at a path; nil where the server has nothing there.
  private func object(_ path: String) throws(ServerFailure) -> [String: Any]? {
    let data: Data
    do { data = try link.ask(path, nil, of: address) } catch {
      guard case .status = error.cause else { throw error }
      return nil
    }
    return (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
  }

  private func kind() throws(ServerFailure) -> (ServerFamily, String?) {
    if let version = try object("/version")?["version"] as? String { return (.vllm, version) }
    if let info = try object("/get_model_info"), info["model_path"] != nil {
      return (.sglang, try object("/get_server_info")?["version"] as? String)
    }
    if let version = try object("/api/version")?["version"] as? String { return (.ollama, version) }
    let models = try object("/v1/models")?["data"] as? [[String: Any]]
    switch models?.first?["owned_by"] as? String {
    case "vllm": return (.vllm, nil)
    case "sglang": return (.sglang, nil)
    case "llamacpp": return (.llamaServer, try object("/props")?["build_info"] as? String)
    case "me": return (.llamaCppPython, nil)
    default: return (.other, nil)
    }
  }

  private func findModel(
    _ wanted: String?, family: ServerFamily, version: String?
  ) throws(ServerFailure) -> ServerCapabilities {
    var rows: [[String: Any]] = []
    do {
      let data = try link.ask("/v1/models", nil, of: address)
      let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
      rows = object?["data"] as? [[String: Any]] ?? []
    } catch {
      // A server whose list fails may still answer for a model that one names.
      guard wanted != nil, case .status(let status) = error.cause, status != 401, status != 403
      else { throw error }
    }
    let names = rows.compactMap { $0["id"] as? String }
    guard let model = wanted ?? names.first else {
      throw ServerFailure(.unusable, "\(address.host) names no model; say which one is meant.")
    }
    guard names.isEmpty || names.contains(model) else {
      let list = names.joined(separator: ", ")
      throw ServerFailure(.unusable, "\(address.host) has no model \(model); it has \(list).")
    }
    let row = rows.first { $0["id"] as? String == model } ?? [:]
    let meta = row["meta"] as? [String: Any]
    var contextLength = row["max_model_len"] as? Int
    if contextLength == nil { contextLength = try contextOfSlot(family) }
    return ServerCapabilities(
      family: family, version: version, model: model,
      contextLength: contextLength, vocabulary: meta?["n_vocab"] as? Int, fidelity: .ids,
      echoesIDs: nil, choices: 1,
      logProbabilities: .unknown, scoresPrompts: false, tokenizer: .unavailable,
      refusedFields: [], promptScores: .none)
  }

  /// llama-server divides its context among its slots.
  private func contextOfSlot(_ family: ServerFamily) throws(ServerFailure) -> Int? {
    guard family == .llamaServer else { return nil }
    let settings = try object("/props")?["default_generation_settings"] as? [String: Any]
    return settings?["n_ctx"] as? Int
  }

  // MARK: Completions

  /// A request of one token, in ids or as text.
  private func request(_ found: ServerCapabilities) -> CompletionRequest {
    let prompt: CompletionRequest.Prompt = found.fidelity == .ids ? .tokens(ids) : .text("1 + 1 =")
    return CompletionRequest(
      model: found.model, prompt: prompt, seed: 1, isNative: found.usesGenerate)
  }

  /// Ids that any vocabulary has.
  private let ids: [Token] = [31, 32, 33, 34, 35]

  private func ask(
    _ request: CompletionRequest, _ found: ServerCapabilities
  ) throws(ServerFailure) -> CompletionAnswer {
    let body = request.body(for: found.family, without: found.refusedFields)
    return try link.ask(request.path(for: found.family), body, of: address) {
      // An echo that differs is what is to be found out here, not a failure.
      var reader = CompletionReader(prompt: nil, host: address.host)
      reader.isStream = false
      reader.isEcho = request.promptScores.isEcho
      return reader
    }
  }

  /// A completion of one token: first from ids, then without the fields that the server refuses,
  /// then from text.
  private func complete(_ found: inout ServerCapabilities) throws(ServerFailure) {
    while true {
      let problem: ServerFailure
      do {
        let answer = try ask(request(found), found)
        guard found.fidelity == .ids else { return }
        found.echoesIDs = answer.choices.first?.prompt.map { $0 == ids }
        guard found.echoesIDs == false || answer.choices.first?.tokens == nil else { return }
        // What is drawn is not told in ids, or the ids that were sent are not those it read.
        giveUpIDs(&found)
        continue
      } catch { problem = error }
      guard case .status(let status) = problem.cause, [400, 422, 500].contains(status) else {
        throw problem
      }
      let refused = refusedFields(in: problem, of: found)
      if !refused.isEmpty {
        found.refusedFields = (found.refusedFields + refused).sorted()
      } else if found.fidelity == .ids {
        giveUpIDs(&found)
      } else {
        throw problem
      }
    }
  }

  /// Takes SGLang's own way where OpenAI's has no ids, else texts.
  private func giveUpIDs(_ found: inout ServerCapabilities) {
    guard found.family == .sglang, !found.usesGenerate else {
      (found.fidelity, found.usesGenerate) = (.text, false)
      return
    }
    (found.usesGenerate, found.echoesIDs, found.refusedFields) = (true, nil, [])
  }

  /// Names of optional fields that stand in quotes in the server's sentence about unknown ones.
  private func refusedFields(
    in problem: ServerFailure, of found: ServerCapabilities
  ) -> [String] {
    let words = problem.description.lowercased()
    let isAboutFields = ["unexpected", "unknown", "unrecognized", "extra", "not permitted"]
      .contains { words.contains($0) }
    guard isAboutFields else { return [] }
    let body = request(found).body(for: found.family, without: found.refusedFields)
    let inner = body["sampling_params"] as? [String: Any] ?? [:]
    let needed: Set = [
      "model", "prompt", "max_tokens", "temperature", "input_ids", "sampling_params",
      "max_new_tokens",
    ]
    return (Array(body.keys) + Array(inner.keys)).filter { name in
      !needed.contains(name)
        && ["'", "\"", "`"].contains { words.contains($0 + name + $0) }
    }
  }

  private func choices(_ found: ServerCapabilities) -> Int {
    guard !found.usesGenerate else { return 1 }
    var two = request(found)
    two.count = 2
    return (try? ask(two, found))?.choices.count ?? 1
  }

  /// At twice the temperature the likeliest token's log-probability stays where it is raw; with one
  /// token kept, it is 0 where it is that of the drawing.
  private func meaning(
    _ found: ServerCapabilities
  ) throws(ServerFailure) -> ServerCapabilities.LogProbabilityMeaning {
    func likeliest(_ temperature: Float, keeping: Int) throws(ServerFailure) -> Double? {
      var one = request(found)
      one.sampling.temperature = temperature
      one.sampling.topK = keeping
      return try ask(one, found).choices.first?.likeliestFirst.values.max()
    }
    guard let cool = try likeliest(1, keeping: 0), let warm = try likeliest(2, keeping: 0),
      let only = try likeliest(2, keeping: 1)
    else { return .unknown }
    let tolerance = 1e-3
    if abs(cool - warm) < tolerance { return abs(only) < tolerance ? .unknown : .raw }
    if abs(only) < tolerance { return .processed }
    return abs(only - warm) < tolerance ? .scaled : .unknown
  }

  private func promptScores(_ found: ServerCapabilities) -> PromptScores {
    guard found.fidelity == .ids else { return .none }
    let ways: [PromptScores] =
      switch found.family {
      case .sglang where found.usesGenerate: [.prompt]
      case .vllm: [.prompt, .echo(drawing: 0)]
      case .llamaServer, .llamaCppPython, .ollama: []
      default: [.prompt, .echo(drawing: 1)]
      }
    for way in ways {
      var one = request(found)
      one.promptScores = way
      guard let choice = try? ask(one, found).choices.first else { continue }
      if choice.promptScores(way, count: ids.count) != nil { return way }
    }
    return .none
  }

  private func tokenizerAgreement(
    _ found: ServerCapabilities
  ) -> ServerCapabilities.TokenizerAgreement {
    let served = ServedTokenizer(link, model: found.model)
    guard let theirs = try? served.encode(Self.hostileText) else { return .unavailable }
    if let coding { return coding.encode(Self.hostileText) == theirs ? .equal : .different }
    return (try? served.decode(theirs)) == Self.hostileText ? .consistent : .inconsistent
  }
}

extension FinishedChoice {
  /// The log-probabilities of the prompt's tokens but the first, (count − 1); nil where they are
  /// not all there.
  func promptScores(_ way: PromptScores, count: Int) -> [Float]? {
    let all: [Float]? =
      switch way {
      case .none: nil
      case .prompt: promptLogProbabilities
      case .echo: Array(logProbabilities.prefix(count))
      }
    guard let all, all.count == count else { return nil }
    let scores = Array(all.dropFirst())
    return scores.contains(where: \.isNaN) ? nil : scores
  }
}
