import Foundation
import LanguageModel
import Synchronization
import Testing

@testable import ServedPolicy
@testable import ServerTesting

@Suite(.timeLimit(.minutes(2)))
struct FailureTests {
  /// A server that answers the first requests by scripts of their own and streams after that.
  private func server(
    first scripts: [@Sendable (Connection) -> Void]
  ) throws -> ScriptedServer {
    let count = Mutex(0)
    return try ScriptedServer { request, connection in
      let number = count.withLock { count in
        defer { count += 1 }
        return count
      }
      if number < scripts.count { scripts[number](connection) } else { connection.stream([5, 6]) }
    }
  }

  private func error(_ status: Int, _ words: String, _ headers: [String: String] = [:])
    -> @Sendable (Connection) -> Void
  {
    { $0.answer(status, #"{"error":{"message":"\#(words)","code":\#(status)}}"#, headers: headers) }
  }

  /// The sentence with which a draw fails.
  private func failure(of policy: ServedPolicy) -> String {
    #expect(throws: Stopped.self) { try draw(policy, [request()]) }
    return policy.failure?.description ?? ""
  }

  @Test(arguments: [429, 503])
  func `a server that is too busy is left alone as long as it asks`(status: Int) throws {
    let clock = StillClock()
    let server = try server(first: [error(status, "slow down", ["Retry-After": "7"])])
    let (answers, _) = try draw(try served([server], clock: clock), [request()])
    #expect(answers[0][0].tokens == [5, 6])
    #expect(abs(clock.waited - 7) < 1e-9)
  }

  @Test func `what is not said is waited by doubling, six times at most`() throws {
    let clock = StillClock()
    let busy = error(503, "busy")
    let server = try server(first: Array(repeating: busy, count: 7))
    let policy = try served([server], clock: clock)
    #expect(failure(of: policy).contains("busy"))
    #expect(abs(clock.waited - (0.5 + 1 + 2 + 4 + 8 + 8)) < 1e-9)
    #expect(server.requests.count == 7)
  }

  @Test func `a wait of more than two minutes is not begun`() throws {
    let clock = StillClock()
    let server = try server(first: [error(429, "tomorrow", ["Retry-After": "86400"])])
    let policy = try served([server], clock: clock)
    #expect(failure(of: policy).contains("tomorrow"))
    #expect(clock.waited == 0)
  }

  @Test(arguments: [400, 401, 404, 413, 422])
  func `what is wrong with the request is told in the server's words, at once`(status: Int) throws {
    let server = try server(first: [error(status, "Unexpected fields: {'top_k'}")])
    let policy = try served([server])
    #expect(failure(of: policy).contains("Unexpected fields: {'top_k'}"))
    #expect(server.requests.count == 1)
  }

  @Test func `the same 500 twice is believed, and another one is not`() throws {
    let same = try server(first: [error(500, "no ids"), error(500, "no ids")])
    let policy = try served([same])
    #expect(failure(of: policy).contains("no ids"))
    #expect(same.requests.count == 2)
    let others = try server(first: [error(500, "a"), error(500, "b")])
    let (answers, _) = try draw(try served([others]), [request()])
    #expect(answers[0][0].tokens == [5, 6])
  }

  @Test func `an error inside a stream that began well is drawn again`() throws {
    let server = try server(first: [
      { connection in
        connection.beginStream()
        connection.event(Connection.part(5))
        connection.event(#"{"error":{"message":"engine died","code":503}}"#)
        connection.endStream()
      }
    ])
    let (answers, reports) = try draw(try served([server]), [request()])
    #expect(answers[0][0].tokens == [5, 6])
    #expect(reports.count == 1)
  }

  @Test func `an error of ours inside a stream stops with its sentence`() throws {
    let server = try server(first: [
      { connection in
        connection.beginStream()
        connection.event(#"{"error":{"message":"no such adapter","code":404}}"#)
        connection.endStream()
      }
    ])
    let policy = try served([server])
    #expect(failure(of: policy).contains("no such adapter"))
  }

  @Test func `a stream that is cut is drawn again`() throws {
    let server = try server(first: [
      { connection in
        connection.beginStream()
        connection.event(Connection.part(9))
      }
    ])
    let (answers, _) = try draw(try served([server]), [request()])
    #expect(answers[0][0].tokens == [5, 6])
    #expect(server.requests.count == 2)
  }

  @Test func `a choice without a reason to end is not whole, whatever the stream says`() throws {
    let server = try server(first: [
      { connection in
        connection.beginStream()
        connection.event(Connection.part(9))
        connection.endStream()
      }
    ])
    let (answers, _) = try draw(try served([server]), [request()])
    #expect(answers[0][0].tokens == [5, 6])
    #expect(server.requests.count == 2)
  }

  @Test func `a server that went on from other ids is not believed`() throws {
    let server = try server(first: [
      { connection in
        connection.beginStream()
        connection.event(
          #"{"choices":[{"index":0,"text":"x","token_ids":[5],"prompt_token_ids":[1,2,9]}]}"#)
        connection.waitForClose()
      }
    ])
    let policy = try served([server])
    #expect(failure(of: policy).contains("other tokens than those it was sent"))
    #expect(server.requests.count == 1)
  }

  @Test func `an id that the vocabulary has not is not believed`() throws {
    let server = try server(first: [{ $0.stream([100]) }])
    let policy = try served([server])
    #expect(failure(of: policy).contains("drew token 100"))
  }

  @Test func `an answer without ids is not taken for one`() throws {
    let server = try server(first: [
      { connection in
        connection.beginStream()
        connection.event(#"{"choices":[{"index":0,"text":"x","finish_reason":"stop"}]}"#)
        connection.endStream()
      }
    ])
    let policy = try served([server])
    #expect(failure(of: policy).contains("ids"))
  }

  @Test func `a redirect is not followed, and the key goes nowhere else`() throws {
    let other = try ScriptedServer { _, connection in connection.stream([5]) }
    let server = try server(first: [
      { $0.answer(307, "", headers: ["Location": other.url + "/v1/completions"]) }
    ])
    let sentence = failure(of: try served([server], key: "sk-secret"))
    #expect(sentence.contains("redirects to \(other.url)"))
    #expect(!sentence.contains("sk-secret"))
    #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer sk-secret"])
    #expect(other.requests.isEmpty)
  }

  @Test func `a key that the server repeats is not shown`() throws {
    let server = try server(first: [error(401, "Incorrect API key: sk-secret")])
    let sentence = failure(of: try served([server], key: "sk-secret"))
    #expect(!sentence.contains("sk-secret"))
    #expect(sentence.contains("OPENAI_API_KEY"))
  }

  @Test func `without a key none is sent, and a refusal says where it is looked for`() throws {
    let server = try server(first: [error(401, "Unauthorized")])
    let policy = try served([server])
    #expect(failure(of: policy).contains("set VLLM_API_KEY or OPENAI_API_KEY"))
    #expect(server.requests.map { $0.headers["authorization"] } == [nil])
  }

  @Test func `a stop closes the connections of what is under way`() throws {
    let streaming = Mutex(0)
    let closed = Moment()
    let server = try ScriptedServer { _, connection in
      connection.beginStream()
      connection.event(Connection.part(5))
      streaming.withLock { $0 += 1 }
      connection.waitForClose()
      closed.happen()
    }
    let policy = try served([server])
    policy.isStopWanted = { streaming.withLock { $0 } == 3 }
    #expect(throws: Stopped.self) { try draw(policy, [request([1], 0..<3)]) }
    #expect(policy.failure == nil)
    for _ in 0..<3 { closed.wait() }
  }

  @Test func `a report that stops closes the others`() throws {
    let closed = Moment()
    let others = DispatchSemaphore(value: 0)
    let server = try ScriptedServer { request, connection in
      guard request.seed > 0 else {
        others.wait()
        return connection.stream([5])
      }
      connection.beginStream()
      connection.event(Connection.part(5))
      others.signal()
      connection.waitForClose()
      closed.happen()
    }
    let policy = try served([server])
    #expect(throws: Stopped.self) {
      try policy.continuations(
        of: [request([1], 0..<2)], sampling: Sampling(), endTokens: [],
        progress: WorkProgress { _ throws(Stopped) in throw Stopped() })
    }
    closed.wait()
  }

  @Test func `nobody there is said, after the retries`() throws {
    let server = try ScriptedServer { _, _ in }
    server.stop()
    let clock = StillClock()
    let policy = try served([server], clock: clock)
    #expect(failure(of: policy).contains("cannot be reached"))
    #expect(clock.waited > 20)
  }
}
