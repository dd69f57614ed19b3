import Foundation
import LanguageModel
import Testing

@testable import ServedPolicy
@testable import ServerTesting

/// SGLang at its own `/generate`, in the shapes of its documentation.
@Suite(.timeLimit(.minutes(2)))
struct SGLangTests {
  /// How a stream tells what was drawn.
  enum Telling: CaseIterable { case allSoFar, whatIsNew }

  private static let drawn = [(7, -0.5), (8, -0.25), (9, -1.5)]

  /// A server whose `/v1/completions` takes no ids; it draws 7, 8, 9 and ends on 9.
  private func server(_ telling: Telling = .allSoFar) throws -> ScriptedServer {
    try ScriptedServer { request, connection in
      switch request.path {
      case "/get_model_info": connection.answer(200, #"{"model_path":"/models/smol"}"#)
      case "/get_server_info": connection.answer(200, #"{"version":"0.5.23"}"#)
      case "/v1/models":
        connection.answer(
          200, #"{"data":[{"id":"smol","owned_by":"sglang","max_model_len":512}]}"#)
      case "/v1/completions":
        connection.answer(
          400, #"{"object":"error","message":"prompt must be a string","code":400}"#)
      case "/generate": Self.generate(request, connection, telling)
      default: connection.answer(404, #"{"detail":"Not Found"}"#)
      }
    }
  }

  private static func generate(
    _ request: ScriptedServer.Request, _ connection: Connection, _ telling: Telling
  ) {
    let drawing = request.json["sampling_params"] as? [String: Any] ?? [:]
    guard drawing["sampling_seed"] == nil else {
      return connection.answer(
        400, #"{"error":{"message":"got an unexpected keyword argument 'sampling_seed'"}}"#)
    }
    let prompt = request.json["input_ids"] as? [Int] ?? []
    let limit = drawing["max_new_tokens"] as? Int ?? 0
    let isScored = request.json["logprob_start_len"] as? Int == 0
    let count = min(limit, drawn.count)
    func part(_ first: Int, _ end: Int, _ reason: String) -> String {
      let ids = drawn[first..<end].map { "\($0.0)" }.joined(separator: ",")
      let scores = drawn[..<end].map { "[\($0.1),\($0.0),null]" }.joined(separator: ",")
      let asked = prompt.enumerated().map { "[\($0 == 0 ? "null" : "-2.5"),\($1),null]" }
      return """
        {"text":"x","output_ids":[\(ids)],"meta_info":{"id":"a","finish_reason":\(reason),\
        "prompt_tokens":\(prompt.count),"cached_tokens":2,"completion_tokens":\(end),\
        "input_token_logprobs":[\(isScored ? asked.joined(separator: ",") : "")],\
        "output_token_logprobs":[\(scores)],"output_top_logprobs":[[[-0.5,7,null]]]}}
        """
    }
    let last =
      count == drawn.count ? #"{"type":"stop","matched":9}"# : #"{"type":"length","length":1}"#
    guard request.json["stream"] as? Bool == true else {
      return connection.answer(200, part(0, count, last))
    }
    connection.beginStream()
    for end in 1...count {
      let first = telling == .allSoFar ? 0 : end - 1
      connection.event(part(first, end, end == count ? last : "null"))
    }
    connection.endStream()
  }

  @Test(arguments: Telling.allCases)
  func `where OpenAI's way takes no ids, its own does`(telling: Telling) throws {
    let server = try server(telling)
    let (policy, found) = try ServedPolicy.connect(try link([server]), vocabulary: 100)
    #expect(found.family == .sglang && found.version == "0.5.23")
    #expect(found.fidelity == .ids && found.usesGenerate && found.choices == 1)
    #expect(found.refusedFields == ["sampling_seed"])
    #expect(found.scoresPrompts)
    #expect(found.lines.contains { $0.value == "token ids, by /generate" })
    let (answers, reports) = try draw(
      policy, [request([1, 2, 3], 0..<2, limit: 4)], endTokens: [9])
    #expect(reports.count == 2)
    for one in answers[0] {
      #expect(one.tokens == [7, 8, 9] && !one.truncated)
      #expect(one.logProbabilities == [-0.5, -0.25, -1.5])
    }
    let body = try #require(server.requests.last?.json)
    let drawing = try #require(body["sampling_params"] as? [String: Any])
    #expect(body["input_ids"] as? [Int] == [1, 2, 3] && body["stream"] as? Bool == true)
    #expect(drawing["top_k"] as? Int == -1 && drawing["stop_token_ids"] as? [Int] == [9])
    #expect(drawing["skip_special_tokens"] as? Bool == false)
    #expect(policy.cost.cachedTokens >= 4)
  }

  @Test func `an answer that the limit ends, and scores of a prompt`() throws {
    let server = try server()
    let (policy, _) = try ServedPolicy.connect(try link([server]), vocabulary: 100)
    let (answers, _) = try draw(policy, [request(limit: 2)])
    #expect(answers[0][0].tokens == [7, 8] && answers[0][0].truncated)
    let scores = try policy.scores(of: [TokenRow(tokens: [4, 5, 6], firstPredicted: 1)])
    #expect(scores[0].logProbabilities == [-2.5, -2.5])
  }
}
