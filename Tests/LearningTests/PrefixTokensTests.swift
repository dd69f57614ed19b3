import Grading
import LanguageModel
import ModelFiles
import Tensors
import Testing
import Trajectories

@testable import Learning

private struct PlainCodec: TextCodec {
  let tokenizer: Tokenizer
  var endTokens: Set<Token> { tokenizer.endTokens }

  func encode(_ text: String) -> [Token] { tokenizer.encode(text) }
  func decode(_ tokens: [Token]) -> String { tokenizer.decode(tokens) }
  func pieces(_ tokens: [Token]) -> [String] { tokenizer.pieces(tokens) }
}

/// A byte-level tokenizer says one text in several ways; what a policy drew is not what the text
/// would be encoded as.
@Suite struct PrefixTokensTests {
  private struct Anything: ReasoningTask {
    func problem(id: String, prompt: String) -> Problem? { nil }
    func problem(id: String, random: inout Random) -> Problem {
      Problem(id: id, task: "any", prompt: "ab\n", reference: "", guessChance: 0)
    }
    func judge(_ response: String, to problem: Problem) -> Judgement {
      Judgement(reward: 1, chainCorrect: nil)
    }
    func examine(_ steps: [Step], of problem: Problem) -> [Step] { steps }
  }

  private func tokenizer() throws -> Tokenizer {
    let json = """
      {"added_tokens": [{"id": 0, "content": "$", "special": true}], "normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
       "post_processor": null, "decoder": {"type": "ByteLevel"},
       "model": {"type": "BPE", "vocab": {"a": 1, "b": 2, "ab": 3, "Ċ": 4, "Ã": 5, "©": 6, "Ã©": 7},
                 "merges": ["a b", "Ã ©"]}}
      """
    var tokenizer = try Tokenizer(parsing: Array(json.utf8), file: "tokenizer.json")
    tokenizer.endTokens = [0]
    return tokenizer
  }

  @Test func `a reset goes on from the very tokens that were drawn`() throws {
    let tokenizer = try tokenizer()
    let drawn: [Token] = [1, 2, 4, 5, 6, 1, 2, 4, 3, 4, 0]
    let shorter: [Token] = [3, 4, 7, 3, 4, 3, 4, 0]
    #expect(tokenizer.encode(tokenizer.decode(drawn)) == shorter)

    var prefixes: Set<[Token]> = []
    let policy = TablePolicy(vocabulary: 8) { prefix in
      prefixes.insert(prefix)
      return (0..<8).map { $0 == 0 ? 0 : -60 }
    }
    let task = Anything()
    let sampler = RolloutSampler(
      policy: policy, codec: PlainCodec(tokenizer: tokenizer), task: task, recipe: Recipe(),
      version: 0)
    var random = Random(seed: 0)
    let start = try sampler.start(of: task.problem(id: "p", random: &random))
    let whole = sampler.trajectory(
      id: "whole", from: start,
      Continuation(
        tokens: drawn, logProbabilities: drawn.map { _ in -1 }, truncated: false, seed: 1))
    #expect(whole.steps.map(\.start) == [0, 3, 8, 10])
    let branches = try sampler.branches(of: whole, at: 2, seeds: [1, 2], name: { "\($0)" })
    #expect(prefixes == [whole.promptTokens + drawn.prefix(8)])
    for branch in branches {
      #expect(branch.responseTokens == Array(drawn.prefix(8)) + [0])
      #expect(branch.text == "ab\néab\n$")
    }
  }
}
