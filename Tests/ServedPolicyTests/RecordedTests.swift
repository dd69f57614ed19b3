import Foundation
import LanguageModel
import Testing

@testable import ServedPolicy

/// Whole answers of real servers.
struct RecordedTests {
  private func read(_ name: String, isStream: Bool = false) throws -> CompletionAnswer {
    let recorded = try Recorded(name)
    var reader = CompletionReader(prompt: recorded.prompt.map { Token($0) }, host: "a")
    reader.isStream = isStream
    _ = try reader.read(Data(recorded.body.utf8))
    return try reader.end()
  }

  /// vLLM's own answers to one question differ in their last digits.
  private func distance(_ first: [Float], _ second: [Float]) -> Float {
    zip(first, second).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test func `two choices of vLLM, with ids, log-probabilities and cost`() throws {
    let answer = try read("vllm-0.32.0/ids")
    #expect(answer.choices.count == 2)
    #expect(answer.choices[0].tokens == [788, 634, 7132, 4261, 28, 665, 416, 325])
    #expect(answer.choices[0].logProbabilities.first == -2.7084928)
    #expect(answer.choices[0].prompt?.count == 29)
    #expect(answer.choices[0].finish == "length")
    #expect(answer.cost == TokenCost(prompt: 29, cached: 0, completion: 16))
  }

  @Test func `vLLM's stream of two choices gives what its whole answer gives`() throws {
    let whole = try read("vllm-0.32.0/ids")
    let stream = try read("vllm-0.32.0/stream", isStream: true)
    #expect(stream.choices.count == 2)
    for (streamed, choice) in zip(stream.choices, whole.choices) {
      #expect(streamed.tokens == choice.tokens.map { Array($0.prefix(3)) })
      #expect(streamed.logProbabilities.count == 3)
      #expect(distance(streamed.logProbabilities, choice.logProbabilities) < 1e-5)
    }
  }

  @Test func `the prompt's log-probabilities are the same in both of vLLM's ways`() throws {
    let named = try read("vllm-0.32.0/prompt_logprobs").choices[0]
    let echoed = try Recorded("vllm-0.32.0/echo_score")
    var reader = CompletionReader(prompt: echoed.prompt.map { Token($0) }, host: "a")
    reader.isStream = false
    reader.isEcho = true
    _ = try reader.read(Data(echoed.body.utf8))
    let echo = try reader.end().choices[0]
    let count = echoed.prompt.count
    let scores = try #require(named.promptScores(.prompt, count: count))
    #expect(scores.count == count - 1)
    let others = try #require(echo.promptScores(.echo(drawing: 0), count: count))
    #expect(distance(scores, others) < 1e-4)
  }

  @Test func `the stream of llama-cpp-python and that of transformers are whole`() throws {
    let llama = try read("llama-cpp-python-0.3.36/text_stream", isStream: true)
    #expect(llama.choices.map(\.tokens) == [nil])
    #expect(llama.choices[0].text == "3 - 9")
    #expect(llama.choices[0].logProbabilities.count == 4)
    let transformers = try read("transformers-serve-5.19/plain_stream", isStream: true)
    #expect(!transformers.choices[0].text.isEmpty)
  }

  @Test(arguments: [
    ("vllm-0.32.0/bad_id", "Token id 99999999 is out of vocabulary"),
    ("vllm-0.32.0/no_such_model", "The model `nobody` does not exist."),
    ("vllm-0.32.0/unauthorised", "Unauthorized"),
    ("vllm-0.32.0/too_long", "maximum context length is 1024"),
    ("vllm-0.32.0/no_such_path", "Not Found"),
    ("llama-cpp-python-0.3.36/unauthorised", "Invalid API key"),
    ("llama-cpp-python-0.3.36/ids", "Input should be a valid string"),
    ("llama-cpp-python-0.3.36/text_list", "500"),
    ("transformers-serve-5.19/ids", "Unexpected fields in the request"),
    ("transformers-serve-5.19/plain_ids", "prompt must be a string."),
    ("transformers-serve-5.19/models", "Internal Server Error"),
  ])
  func `the sentence of a refusal is the server's`(name: String, words: String) throws {
    let recorded = try Recorded(name)
    let failure = ServerFailure(
      status: recorded.status, body: Data(recorded.body.utf8), host: "a")
    #expect(failure.description.contains(words))
    #expect(failure.description.count < 500)
  }
}
