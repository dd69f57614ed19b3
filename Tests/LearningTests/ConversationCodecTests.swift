import LanguageModel
import Learning
import Testing
import Trajectories

@Suite struct ConversationCodecTests {
  private struct Refused: Error {}
  private let base = TaskVocabulary(modulus: 10)

  @Test func `a turn's end ends a response beside the tokenizer's own`() throws {
    let codec = try ConversationCodec(base, turnEnd: 7) { "yes \($0) no" }
    #expect(codec.endTokens == [1, 7] && codec.endToken == 7)
    let problem = Problem(
      id: "a", task: "t", prompt: "3", reference: "3", guessChance: 0)
    #expect(codec.prompt(of: problem) == base.encode("yes 3 no"))
    let plain = try ConversationCodec(base) { $0 }
    #expect(plain.endTokens == [1] && plain.endToken == 1)
  }

  @Test func `a template that refuses a first question is told at once`() throws {
    #expect(throws: Refused.self) { try ConversationCodec(base) { _ in throw Refused() } }
  }
}
