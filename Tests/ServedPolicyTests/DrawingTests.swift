import Foundation
import LanguageModel
import Synchronization
import Testing

@testable import ServedPolicy
@testable import ServerTesting

@Suite(.timeLimit(.minutes(2)))
struct DrawingTests {
  @Test func `ids go out and come back with their log-probabilities`() throws {
    let server = try ScriptedServer { _, connection in connection.stream([5, 6, 7]) }
    let policy = try served([server])
    let (answers, reports) = try draw(policy, [request([1, 2, 3], 9..<10)])
    let expected = Continuation(
      tokens: [5, 6, 7], logProbabilities: [-0.5, -0.6, -0.7], truncated: true, seed: 9)
    #expect(answers == [[expected]])
    #expect(reports.map(\.finished) == [1])
    #expect(server.completions.map(\.prompt) == [[1, 2, 3]])
    #expect(policy.parameters.count == 0)
  }

  @Test func `everything that changes the drawing is sent, in the names of the family`() throws {
    let server = try ScriptedServer { _, connection in connection.stream([5]) }
    var sampling = Sampling()
    sampling.temperature = 0.7
    sampling.topP = 0.95
    sampling.minP = 0.05
    let names: [ServerFamily: String] = [
      .vllm: "repetition_penalty", .sglang: "repetition_penalty", .llamaServer: "repeat_penalty",
    ]
    for (family, penalty) in names {
      let policy = try served([server], family: family)
      _ = try? draw(policy, [request([1], 3..<4)], sampling: sampling, endTokens: [2])
      let body = try #require(server.requests.last?.json)
      #expect(body["temperature"] as? Double == 0.7)
      #expect(body["top_p"] as? Double == 0.95)
      #expect(body["min_p"] as? Double == 0.05)
      #expect(body["top_k"] as? Int == (family == .sglang ? -1 : 0))
      #expect(body[penalty] as? Int == 1)
      #expect(body["seed"] as? Int == 3)
      let isNative = family == .llamaServer
      #expect(server.requests.last?.path == (isNative ? "/completion" : "/v1/completions"))
      #expect(body[isNative ? "n_predict" : "max_tokens"] as? Int == 4)
      #expect(body[isNative ? "n_probs" : "logprobs"] as? Int == 1)
      #expect(body["n"] as? Int == (isNative ? nil : 1))
      #expect(body["stream"] as? Bool == !isNative)
      let stops = body["stop_token_ids"] as? [Int]
      #expect(stops == (family == .llamaServer ? nil : [2]))
    }
  }

  @Test func `every rollout is asked for with its own seed and answered in its place`() throws {
    let server = try ScriptedServer { request, connection in connection.stream([request.seed]) }
    let policy = try served([server])
    let requests = [request([1], 10..<30), request([2], 30..<40)]
    let (answers, reports) = try draw(policy, requests)
    #expect(answers.map { $0.map(\.tokens) } == requests.map { $0.seeds.map { [Token($0)] } })
    #expect(reports.count == 30)
    #expect(reports.last?.total == 30)
  }

  @Test func `32 requests are under way at first`() throws {
    let arrived = Mutex(0)
    let all = DispatchSemaphore(value: 0)
    let server = try ScriptedServer { _, connection in
      let number = arrived.withLock { count in
        count += 1
        return count
      }
      // Nobody is answered before 32 are there; were fewer sent at once, this would not end.
      if number == 32 { for _ in 0..<32 { all.signal() } }
      if number <= 32 { all.wait() }
      connection.stream([5])
    }
    let (answers, _) = try draw(try served([server]), [request([1], 0..<40)])
    #expect(answers[0].count == 40)
  }

  @Test func `an end token ends a rollout even if the server goes on, and it hears of it`() throws {
    let closed = Moment()
    let server = try ScriptedServer { _, connection in
      connection.beginStream()
      for token in [5, 2, 6] { connection.event(Connection.part(token)) }
      connection.waitForClose()
      closed.happen()
    }
    let (answers, _) = try draw(
      try served([server], family: .other), [request()], endTokens: [2])
    #expect(answers[0][0].tokens == [5, 2])
    #expect(answers[0][0].logProbabilities == [-0.5, -0.2])
    #expect(!answers[0][0].truncated)
    closed.wait()
  }

  @Test func `a first byte that comes late is waited for`() throws {
    let second = Moment()
    let server = try ScriptedServer { request, connection in
      if request.seed == 0 { second.wait() }
      connection.stream([request.seed])
    }
    var heard: [Int] = []
    let answers = try served([server]).continuations(
      of: [request([1], 0..<2)], sampling: Sampling(), endTokens: [],
      progress: WorkProgress { report in
        heard.append(report.rollout)
        second.happen()
      })
    #expect(answers[0].map(\.tokens) == [[0], [1]])
    #expect(heard == [1, 0])
  }

  @Test func `the likeliest token counts as certain, and what raw values mean is said`() throws {
    let server = try ScriptedServer { _, connection in connection.stream([5]) }
    let policy = try served([server], meaning: .raw)
    let (answers, _) = try draw(policy, [request()], sampling: .greedy)
    #expect(answers[0][0].logProbabilities == [0])
    #expect(policy.logProbabilityNote(.greedy) == nil)
    #expect(policy.logProbabilityNote(Sampling()) == nil)
    var warm = Sampling()
    warm.temperature = 0.7
    #expect(policy.logProbabilityNote(warm)?.contains("before temperature") == true)
    #expect(try served([server], meaning: .scaled).logProbabilityNote(warm) == nil)
    warm.topK = 5
    #expect(try served([server], meaning: .scaled).logProbabilityNote(warm) != nil)
    #expect(try served([server], meaning: .processed).logProbabilityNote(warm) == nil)
  }

  @Test func `a prefix that fills the context is answered with nothing`() throws {
    let server = try ScriptedServer { _, connection in connection.stream([5]) }
    let policy = try served([server])
    let full = request([Token](repeating: 1, count: 1024))
    let (answers, reports) = try draw(policy, [full])
    #expect(answers[0][0].tokens.isEmpty)
    #expect(answers[0][0].truncated)
    #expect(reports.count == 1)
    #expect(server.requests.isEmpty)
  }

  @Test func `the prompt's log-probabilities score an answer`() throws {
    let server = try ScriptedServer { request, connection in
      let rows = (request.prompt ?? []).map { #"{"\#($0)":{"logprob":-0.\#($0)}}"# }
      let all = (["null"] + rows.dropFirst()).joined(separator: ",")
      connection.answer(
        200,
        #"{"choices":[{"index":0,"text":"x","finish_reason":"length","prompt_logprobs":[\#(all)]}]}"#
      )
    }
    let policy = try served([server])
    let scores = policy.score([
      TokenRow(tokens: [1, 2, 3, 4], firstPredicted: 2), TokenRow(tokens: [1], firstPredicted: 1),
    ])
    #expect(scores[0].logProbabilities == [-0.3, -0.4])
    #expect(scores[0].entropies.allSatisfy { $0.isNaN })
    #expect(scores[1].logProbabilities.isEmpty)
    #expect(policy.failure == nil)
    let warm = policy.score([TokenRow(tokens: [1, 2], firstPredicted: 1)], temperature: 2)
    #expect(warm[0].logProbabilities.allSatisfy { $0.isNaN })
    #expect(policy.failure != nil)
  }

  @Test func `an echo scores an answer as well`() throws {
    let server = try ScriptedServer { _, connection in
      connection.answer(
        200,
        #"{"choices":[{"index":0,"text":"x","finish_reason":"length","token_ids":[9],"#
          + #""logprobs":{"token_logprobs":[null,-0.2,-0.3,-0.9]}}]}"#)
    }
    let policy = try served([server], family: .sglang, promptScores: .echo(drawing: 1))
    let scores = policy.score([TokenRow(tokens: [1, 2, 3], firstPredicted: 1)])
    #expect(scores[0].logProbabilities == [-0.2, -0.3])
    #expect(server.completions[0].json["echo"] as? Bool == true)
    #expect(server.completions[0].json["max_tokens"] as? Int == 1)
  }

  @Test func `a rollout that ends at once is empty, not unknown`() throws {
    let server = try ScriptedServer { _, connection in connection.stream([], finish: "stop") }
    let (answers, _) = try draw(try served([server]), [request()])
    #expect(answers[0][0].tokens.isEmpty)
    #expect(!answers[0][0].truncated)
  }

  @Test func `llama-server tells the ids inside a character, too`() throws {
    let server = try ScriptedServer { _, connection in
      connection.answer(
        200,
        #"{"index":0,"content":"é x","tokens":[5,6,7,2],"stop":true,"stop_type":"eos","#
          + #""tokens_evaluated":3,"completion_probabilities":[{"id":6,"logprob":-0.6},"#
          + #"{"id":7,"logprob":-0.7},{"id":2,"logprob":-0.2}]}"#)
    }
    let policy = try served([server], family: .llamaServer)
    let (answers, _) = try draw(policy, [request()], endTokens: [2])
    let drawn = answers[0][0]
    #expect(drawn.tokens == [5, 6, 7, 2])
    #expect(drawn.logProbabilities[0].isNaN)
    #expect(drawn.logProbabilities[1...] == [-0.6, -0.7, -0.2])
    #expect(!drawn.truncated)
    #expect(policy.cost == ServedCost(requests: 1, promptTokens: 3, completionTokens: 4))
  }

  @Test func `where only text is taken, text goes and is cut into tokens here`() throws {
    let server = try ScriptedServer { request, connection in
      #expect(request.json["prompt"] as? String == "1 2 3")
      connection.beginStream()
      connection.event(
        #"{"choices":[{"index":0,"text":"7 8","logprobs":{"tokens":["7 8"],"#
          + #""token_logprobs":[-0.5]},"finish_reason":"stop"}]}"#)
      connection.endStream()
    }
    let coding = TextCoding(
      encode: { $0.split(separator: " ").compactMap { Token($0) } },
      decode: { $0.map { "\($0)" }.joined(separator: " ") })
    let policy = try served([server], family: .llamaCppPython, fidelity: .text, coding: coding)
    let (answers, _) = try draw(policy, [request()], endTokens: [2])
    #expect(answers[0][0].tokens == [7, 8, 2])
    #expect(answers[0][0].logProbabilities.allSatisfy { $0.isNaN })
    #expect(!answers[0][0].truncated)
  }
}
