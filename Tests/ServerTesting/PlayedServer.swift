import Foundation
import Synchronization

/// A scripted server that behaves as vLLM does, so that whoever speaks to vLLM can be tried whole: it
/// tells its kind, its model, what it read, and draws what a test says.
final class PlayedServer: Sendable {
  /// What is drawn after a prompt with a seed: token ids, the end token among them.
  typealias Draw = @Sendable (_ prompt: [Int], _ seed: Int) -> [Int]

  /// What it can be and do.
  struct Manners: Sendable {
    /// The model that it serves.
    var model = "byte"
    /// Most tokens of a sequence.
    var context = 4096
    /// The token at which it ends by itself.
    var endToken = 258
    /// Whether it refuses token ids and tells none, as servers of text do.
    var isTextOnly = false
    /// What it draws where it takes only text.
    var text: @Sendable (_ prompt: String, _ seed: Int) -> String = { _, _ in "" }
  }

  private let manners: Manners
  private let draw: Draw
  private let inner: Inner

  /// How many rollouts it answers before it waits to be told, and what it answers in their place.
  private final class Inner: Sendable {
    let gate = Gate()
    let refusal = Mutex<(status: Int, body: String)?>(nil)
  }

  /// The server on its port.
  let server: ScriptedServer

  init(_ manners: Manners = Manners(), draw: @escaping Draw) throws {
    let inner = Inner()
    (self.manners, self.draw, self.inner) = (manners, draw, inner)
    server = try ScriptedServer { request, connection in
      Self.answer(request, connection, manners, draw, inner)
    }
  }

  var url: String { server.url }

  /// The rollouts that were asked for: streams, in the order in which they came.
  var rollouts: [ScriptedServer.Request] {
    server.completions.filter { $0.json["stream"] as? Bool == true }
  }

  /// Answers so many rollouts more and lets the others wait; nil answers all.
  func allow(_ count: Int?) { inner.gate.allow(count) }

  /// How many rollouts were answered to their end.
  var answered: Int { inner.gate.passed }

  /// Answers every rollout with a status and a body; nil draws again.
  func refuse(_ refusal: (status: Int, body: String)?) {
    inner.refusal.withLock { $0 = refusal }
  }

  private static func answer(
    _ request: ScriptedServer.Request, _ connection: Connection, _ manners: Manners,
    _ draw: Draw, _ inner: Inner
  ) {
    switch request.path {
    case "/version" where !manners.isTextOnly: connection.answer(200, #"{"version":"0.32.0"}"#)
    case "/v1/models":
      let owner = manners.isTextOnly ? "me" : "vllm"
      let length = manners.isTextOnly ? "" : #","max_model_len":\#(manners.context)"#
      connection.answer(
        200, #"{"data":[{"id":"\#(manners.model)","owned_by":"\#(owner)"\#(length)}]}"#)
    case "/v1/completions" where manners.isTextOnly:
      write(request, connection, manners, inner)
    case "/v1/completions" where request.json["stream"] as? Bool == true:
      stream(request, connection, manners, draw, inner)
    case "/v1/completions": complete(request, connection)
    default: connection.answer(404, #"{"detail":"Not Found"}"#)
    }
  }

  /// One token at once, as a probe asks for it: its log-probability is that of the drawing.
  private static func complete(_ request: ScriptedServer.Request, _ connection: Connection) {
    let prompt = request.prompt ?? []
    let isWarm = request.json["temperature"] as? Double == 2
    let value = request.json["top_k"] as? Int == 1 ? 0 : isWarm ? -2.5 : -1.5
    let scores = request.json["prompt_logprobs"] == nil ? [] : Self.scores(of: prompt)
    let count = request.json["n"] as? Int ?? 1
    let choices = (0..<count).map { index in
      """
      {"index":\(index),"text":"x","finish_reason":"length","token_ids":[65],\
      "prompt_token_ids":\(prompt),"prompt_logprobs":[\(scores.joined(separator: ","))],\
      "logprobs":{"tokens":["x"],"token_logprobs":[\(value)],"top_logprobs":[{"x":\(value)}]}}
      """
    }
    connection.answer(200, #"{"choices":[\#(choices.joined(separator: ","))]}"#)
  }

  private static func scores(of prompt: [Int]) -> [String] {
    prompt.enumerated().map { place, token in
      place == 0 ? "null" : #"{"\#(token)":{"logprob":-1.25}}"#
    }
  }

  private static func stream(
    _ request: ScriptedServer.Request, _ connection: Connection, _ manners: Manners,
    _ draw: Draw, _ inner: Inner
  ) {
    guard passes(connection, inner) else { return }
    let prompt = request.prompt ?? []
    let limit = request.json["max_tokens"] as? Int ?? 1
    let tokens = Array(draw(prompt, request.seed).prefix(limit))
    connection.beginStream()
    for token in tokens {
      connection.event(
        """
        {"choices":[{"index":0,"text":"","finish_reason":null,"token_ids":[\(token)],\
        "logprobs":{"token_logprobs":[-0.5],"tokens":["x"]}}]}
        """)
    }
    connection.event(Connection.finish(tokens.last == manners.endToken ? "stop" : "length"))
    connection.event(
      #"{"choices":[],"usage":{"prompt_tokens":\#(prompt.count),"#
        + #""completion_tokens":\#(tokens.count)}}"#)
    connection.endStream()
    inner.gate.pass()
  }

  /// A completion of a text, whole or streamed.
  private static func write(
    _ request: ScriptedServer.Request, _ connection: Connection, _ manners: Manners, _ inner: Inner
  ) {
    guard let prompt = request.json["prompt"] as? String else {
      return connection.answer(500, #"{"error":{"message":"a prompt must be a text"}}"#)
    }
    guard request.json["stream"] as? Bool == true else {
      return connection.answer(
        200, #"{"choices":[{"index":0,"text":"x","finish_reason":"length","logprobs":null}]}"#)
    }
    guard passes(connection, inner) else { return }
    let text = manners.text(prompt, request.seed)
    let data = (try? JSONEncoder().encode(text)) ?? Data()
    connection.beginStream()
    connection.event(
      #"{"choices":[{"index":0,"text":\#(String(decoding: data, as: UTF8.self)),"#
        + #""finish_reason":null}]}"#)
    connection.event(Connection.finish("stop"))
    connection.endStream()
    inner.gate.pass()
  }

  /// Waits for its turn; answers whether there is anything to draw.
  private static func passes(_ connection: Connection, _ inner: Inner) -> Bool {
    if let refusal = inner.refusal.withLock({ $0 }) {
      connection.answer(refusal.status, refusal.body)
      return false
    }
    inner.gate.wait()
    return true
  }
}

/// Lets so many through and holds the others until it is told otherwise.
private final class Gate: @unchecked Sendable {
  private let condition = NSCondition()
  private var left: Int?
  private var through = 0

  var passed: Int { condition.withLock { through } }

  func allow(_ count: Int?) {
    condition.withLock {
      left = count
      condition.broadcast()
    }
  }

  func wait() {
    condition.withLock {
      while left == 0 { condition.wait() }
      left = left.map { $0 - 1 }
    }
  }

  func pass() { condition.withLock { through += 1 } }
}
