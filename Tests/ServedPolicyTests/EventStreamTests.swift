import Foundation
import LanguageModel
import Testing

@testable import ServedPolicy
@testable import ServerTesting

struct EventStreamTests {
  private func events(_ text: String, piece: Int) -> [String] {
    var parser = EventStreamParser()
    var found: [Data] = []
    let bytes = Data(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      found += parser.read(bytes[start..<min(start + piece, bytes.count)])
    }
    if let last = parser.end() { found.append(last) }
    return found.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [1, 2, 3, 1000])
  func `events are found however their bytes are cut`(piece: Int) {
    let text =
      ": ping\n\ndata: {\"a\":1}\n\nevent: x\ndata:b\r\ndata:  c é\r\n\r\nid: 4\rdata: d\r\r"
      + "data:\n\n\n\ndata: last"
    #expect(events(text, piece: piece) == ["{\"a\":1}", "b\n c é", "d", "", "last"])
  }

  @Test func `interleaved choices are put together by their index`() throws {
    var reader = CompletionReader(prompt: [1], host: "a")
    reader.count = 2
    let parts = [
      Connection.part(5), Connection.part(7, index: 1), Connection.part(6),
      Connection.finish("length", index: 1), Connection.finish("stop"), "[DONE]",
    ]
    for part in parts {
      let early = try reader.read(Data("data: \(part)\n\n".utf8))
      #expect(early == nil)
    }
    let answer = try reader.end()
    #expect(answer.choices.map(\.tokens) == [[5, 6], [7]])
    #expect(answer.choices.map(\.finish) == ["stop", "length"])
    #expect(answer.choices.map(\.text) == ["t5 t6 ", "t7 "])
  }

  @Test func `llama-server's shape of log-probabilities gives ids`() throws {
    var reader = CompletionReader(prompt: [1], host: "a")
    let part =
      #"{"choices":[{"index":0,"text":"x","finish_reason":"stop","logprobs":{"content":["#
      + #"{"id":7,"token":"x","logprob":-0.5,"top_logprobs":[]},{"id":2,"logprob":-0.1}]}}]}"#
    _ = try reader.read(Data("data: \(part)\n\n".utf8))
    let answer = try reader.end()
    #expect(answer.choices[0].tokens == [7, 2])
    #expect(answer.choices[0].logProbabilities == [-0.5, -0.1])
  }

  @Test func `ids that are missing beside log-probabilities are noticed`() throws {
    var reader = CompletionReader(prompt: [1], host: "a")
    let part =
      #"{"choices":[{"index":0,"text":"x","finish_reason":"stop","logprobs":{"content":["#
      + #"{"id":7,"logprob":-0.5}]}}],"usage":{"completion_tokens":3}}"#
    _ = try reader.read(Data("data: \(part)\n\n".utf8))
    #expect(throws: ServerFailure.self) { try reader.end() }
  }

  @Test func `what is no completion is said`() {
    var reader = CompletionReader(prompt: [1], host: "a")
    #expect(throws: ServerFailure.self) { try reader.read(Data("data: hello\n\n".utf8)) }
    #expect(throws: ServerFailure.self) { try reader.end() }
  }

  @Test func `the bodies of errors that servers write give their sentence`() {
    let bodies = [
      #"{"error":{"message":"m","code":400}}"#: "m", #"{"detail":"m"}"#: "m",
      #"{"error":"m"}"#: "m", #"{"object":"error","message":"m","code":400}"#: "m",
      "m\n": "m", #"{"detail":[{"loc":["body"],"msg":"m"}]}"#: #"[{"loc":["body"],"msg":"m"}]"#,
    ]
    for (body, words) in bodies { #expect(ServerFailure.sentence(in: Data(body.utf8)) == words) }
  }

  @Test func `a wait is read in seconds, milliseconds or as a date`() throws {
    #expect(RetryRule.wait(askedForIn: ["retry-after": "3"]) == 3)
    #expect(RetryRule.wait(askedForIn: ["retry-after-ms": "250", "retry-after": "3"]) == 0.25)
    let date = ["retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"]
    #expect(RetryRule.wait(askedForIn: date, now: Date(timeIntervalSince1970: 20)) == 40)
    #expect(RetryRule.wait(askedForIn: [:]) == nil)
  }

  @Test func `an address is read with or without its path, and holds no key`() throws {
    #expect(try ServerAddress("http://a:8000").api == "http://a:8000/v1")
    #expect(try ServerAddress("http://a:8000/v1/").root == "http://a:8000")
    let below = try ServerAddress("https://a/x/v1").url("/tokenize")
    #expect(below.absoluteString == "https://a/x/tokenize")
    for wrong in ["a:8000", "ftp://a", "http://user:sk-1@a", "http://a?key=1", ""] {
      #expect(throws: ServerFailure.self) { try ServerAddress(wrong) }
    }
  }
}
