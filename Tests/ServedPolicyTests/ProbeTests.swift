import Foundation
import LanguageModel
import Synchronization
import Testing

@testable import ServedPolicy
@testable import ServerTesting

/// What asking finds out, of servers that answer as real ones did.
@Suite(.timeLimit(.minutes(2)))
struct ProbeTests {
  private func vllm(
    _ other: @escaping @Sendable (ScriptedServer.Request, Connection) -> Bool = { _, _ in false }
  ) throws -> ScriptedServer {
    try ScriptedServer { request, connection in
      guard !other(request, connection) else { return }
      let prompt = request.prompt
      switch request.path {
      case "/version": connection.replay("vllm-0.32.0/version")
      case "/v1/models": connection.replay("vllm-0.32.0/models")
      case "/tokenize": connection.replay("vllm-0.32.0/tokenize")
      case "/detokenize": connection.replay("vllm-0.32.0/detokenize")
      case "/v1/completions" where request.json["prompt_logprobs"] != nil:
        connection.replay("vllm-0.32.0/prompt_logprobs", about: prompt)
      case "/v1/completions" where request.json["n"] as? Int == 2:
        connection.replay("vllm-0.32.0/ids", about: prompt)
      case "/v1/completions" where request.json["temperature"] as? Double == 2:
        connection.replay("vllm-0.32.0/t2_logprob_at_2", about: prompt)
      case "/v1/completions": connection.replay("vllm-0.32.0/t2_same_logprob", about: prompt)
      default: connection.replay("vllm-0.32.0/no_such_path")
      }
    }
  }

  @Test func `vLLM`() throws {
    let server = try vllm()
    // The recorded ids are of a text other than the one asked about; the tokenizer here gives them.
    let theirs: [Token] = [36, 1232, 216, 35, 446, 216, 39, 1116]
    let coding = TextCoding(encode: { _ in theirs }, decode: { _ in nil })
    let (policy, found) = try ServedPolicy.connect(try link([server]), coding: coding)
    #expect(found.family == .vllm)
    #expect(found.version == "0.32.0")
    #expect(found.model == "smol")
    #expect(found.contextLength == 1024)
    #expect(found.fidelity == .ids)
    #expect(found.echoesIDs == true)
    #expect(found.choices == 2)
    #expect(found.logProbabilities == .raw)
    #expect(found.promptScores == .prompt)
    #expect(found.tokenizer == .equal)
    #expect(found.refusedFields == [])
    #expect(policy.contextLength == 1024)
    #expect(policy.vocabulary == Int(Token.max))
    let order = server.requests.map(\.path).reduce(into: [String]()) { paths, path in
      if paths.last != path { paths.append(path) }
    }
    #expect(order == ["/version", "/v1/models", "/v1/completions", "/tokenize"])
    #expect(
      found.lines.map(\.value) == [
        "vLLM 0.32.0", "smol", "1024 tokens", "token ids, echoed back equal", "several a request",
        "raw: before temperature and filters", "answers can be scored",
        "the same ids as here on a hostile text",
      ])
    let copy = try JSONDecoder().decode(
      ServerCapabilities.self, from: try JSONEncoder().encode(found))
    #expect(copy == found)
  }

  @Test func `a server whose log-probabilities are those of the drawing`() throws {
    let server = try vllm { request, connection in
      guard request.path == "/v1/completions", request.json["n"] as? Int == 1 else { return false }
      let isWarm = request.json["temperature"] as? Double == 2
      let value = request.json["top_k"] as? Int == 1 ? 0 : isWarm ? -2.5 : -1.5
      connection.answer(
        200,
        #"{"choices":[{"text":"x","finish_reason":"length","token_ids":[5],"logprobs":"#
          + #"{"token_logprobs":[\#(value)],"top_logprobs":[{"x":\#(value)}]}}]}"#)
      return true
    }
    let (_, found) = try ServedPolicy.connect(try link([server]))
    #expect(found.logProbabilities == .processed)
    #expect(found.echoesIDs == nil)
    #expect(found.fidelity == .ids)
    #expect(found.tokenizer == .inconsistent)
  }

  @Test func `a server that lies about ids is taken for one of text`() throws {
    let server = try vllm { request, connection in
      guard request.path == "/v1/completions", request.prompt != nil else { return false }
      connection.replay("vllm-0.32.0/t2_same_logprob", about: [7, 7, 7])
      return true
    }
    let coding = TextCoding(encode: { _ in [1] }, decode: { _ in "1" })
    let (_, found) = try ServedPolicy.connect(try link([server]), coding: coding)
    #expect(found.fidelity == .text)
    #expect(found.echoesIDs == false)
    #expect(!found.scoresPrompts)
    #expect(found.lines.contains { $0.value.contains("text only") })
    #expect(throws: ServerFailure.self) { try ServedPolicy.connect(try link([server])) }
  }

  @Test func `llama-cpp-python, which refuses ids`() throws {
    let server = try ScriptedServer { request, connection in
      let name = "llama-cpp-python-0.3.36"
      switch request.path {
      case "/v1/models": connection.replay("\(name)/models")
      case "/extras/tokenize": connection.replay("\(name)/extras_tokenize")
      case "/v1/completions" where request.prompt != nil: connection.replay("\(name)/ids")
      case "/v1/completions" where request.json["n"] as? Int == 2:
        connection.replay("\(name)/text_n3")
      case "/v1/completions": connection.replay("\(name)/text")
      default: connection.replay("\(name)/no_such_path")
      }
    }
    let coding = TextCoding(encode: { _ in [1] }, decode: { _ in "1" })
    let (policy, found) = try ServedPolicy.connect(try link([server]), coding: coding)
    #expect(found.family == .llamaCppPython)
    #expect(found.fidelity == .text)
    #expect(found.choices == 1)
    #expect(found.logProbabilities == .raw)
    #expect(!found.scoresPrompts)
    #expect(found.tokenizer == .different)
    #expect(throws: Stopped.self) {
      try policy.scores(of: [TokenRow(tokens: [1, 2], firstPredicted: 1)])
    }
    #expect(policy.failure != nil)
  }

  @Test func `transformers serve, which refuses what it does not know`() throws {
    let server = try ScriptedServer { request, connection in
      let name = "transformers-serve-5.19"
      let known: Set = ["model", "max_tokens", "prompt", "temperature", "seed", "stream"]
      let more: Set = ["n", "top_p", "logprobs", "presence_penalty", "frequency_penalty"]
      let unknown = Set(request.json.keys).subtracting(known).subtracting(more)
      switch request.path {
      case "/v1/models": connection.replay("\(name)/models")
      case "/v1/completions" where !unknown.isEmpty:
        let list = unknown.sorted().map { "'\($0)'" }.joined(separator: ", ")
        connection.answer(422, #"{"detail":"Unexpected fields in the request: {\#(list)}"}"#)
      case "/v1/completions" where request.prompt != nil: connection.replay("\(name)/plain_ids")
      case "/v1/completions": connection.replay("\(name)/plain_logprobs")
      default: connection.replay("\(name)/no_such_path")
      }
    }
    let coding = TextCoding(encode: { _ in [1] }, decode: { _ in "1" })
    let (_, found) = try ServedPolicy.connect(try link([server]), model: "MODEL", coding: coding)
    #expect(found.family == .other)
    #expect(found.fidelity == .text)
    #expect(found.logProbabilities == .unknown)
    #expect(found.refusedFields.contains("min_p"))
    #expect(found.refusedFields.contains("add_special_tokens"))
    #expect(found.lines.contains { $0.value.contains("top_k") })
    #expect(found.tokenizer == .unavailable)
  }

  @Test func `a model that is not there, and a key that is missing, are said at once`() throws {
    let server = try vllm()
    #expect(throws: ServerFailure.self) {
      try ServedPolicy.connect(try link([server]), model: "nobody")
    }
    let closed = try vllm { request, connection in
      guard request.path == "/v1/models" else { return false }
      connection.replay("vllm-0.32.0/unauthorised")
      return true
    }
    do {
      _ = try ServedPolicy.connect(try link([closed]))
      Issue.record("connected without a key")
    } catch {
      #expect("\(error)".contains("Unauthorized (set VLLM_API_KEY or OPENAI_API_KEY"))
    }
  }

  @Test func `every replica must serve the model`() throws {
    let first = try vllm()
    let second = try vllm { request, connection in
      guard request.path == "/v1/models" else { return false }
      connection.answer(200, #"{"data":[{"id":"another"}]}"#)
      return true
    }
    _ = try ServedPolicy.connect(try link([first, first]))
    #expect(throws: ServerFailure.self) { try ServedPolicy.connect(try link([first, second])) }
  }

  @Test func `an adapter is loaded by all, again in place, and used by its name`() throws {
    let loads = Mutex(0)
    let servers = try (0..<2).map { _ in
      try ScriptedServer { request, connection in
        switch request.path {
        case "/v1/load_lora_adapter" where request.json["load_inplace"] != nil:
          connection.answer(200, "Success: LoRA adapter 'a' added successfully.")
        case "/v1/load_lora_adapter":
          loads.withLock { $0 += 1 }
          let json = try? Recorded.json("vllm-0.32.0/lora_and_abort") as? [String: [String: Any]]
          connection.answer(400, json?["load_again"]?["response"] as? String ?? "")
        case "/v1/unload_lora_adapter": connection.answer(200, "Success")
        default: connection.stream([5])
        }
      }
    }
    let policy = try served(servers)
    try policy.useAdapter("a", at: "/adapters/a")
    #expect(loads.withLock { $0 } == 2)
    #expect(policy.model == "a")
    _ = try draw(policy, [request()])
    #expect(servers.flatMap(\.completions).map { $0.json["model"] as? String } == ["a"])
    try policy.dropAdapter("a")
    #expect(policy.model == "smol")
  }

  @Test func `the server's tokenizer is spoken to in its family's way`() throws {
    let server = try ScriptedServer { request, connection in
      let isEncoding = request.path.hasSuffix("/tokenize")
      let texts = ["/detokenize": request.json["model"] == nil ? "content" : "prompt"]
      let name = texts[request.path] ?? "text"
      connection.answer(200, isEncoding ? #"{"tokens":[4,5]}"# : #"{"\#(name)":"ab"}"#)
    }
    let paths: [ServerFamily: [String]] = [
      .vllm: ["/tokenize", "/detokenize"], .llamaServer: ["/tokenize", "/detokenize"],
      .llamaCppPython: ["/extras/tokenize", "/extras/detokenize"],
    ]
    for (family, expected) in paths {
      let link = try link([server])
      link.family = family
      let tokenizer = ServedTokenizer(link, model: "smol")
      #expect(try tokenizer.encode("ab") == [4, 5])
      #expect(try tokenizer.decode([4, 5]) == "ab")
      #expect(server.requests.suffix(2).map(\.path) == expected)
      let coding = tokenizer.coding
      let before = server.requests.count
      #expect(coding.encode("x") == coding.encode("x"))
      #expect(server.requests.count == before + 1)
    }
  }
}
