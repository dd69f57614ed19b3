import LanguageModel
import Learning
import ModelFiles
import Tensors
import Testing
import Trajectories

@Suite struct TaskVocabularyTests {
  let words = TaskVocabulary(modulus: 31)

  @Test func `a text of known words survives the way to tokens and back`() {
    let text = "20 *8 ?4 : *8 5\n# c $"
    #expect(words.decode(words.encode(text)) == text)
    #expect(words.pieces(words.encode(text)).joined() == text)
  }

  @Test func `every word has an id of its own`() {
    #expect(Set(words.words).count == words.words.count)
    #expect(words.words.count == 68)
    #expect(words["$"].map { words.endTokens.contains($0) } == true)
  }

  @Test func `a larger modulus only adds words at the end`() {
    let larger = TaskVocabulary(modulus: 97).words
    #expect(Array(larger.prefix(words.words.count)) == words.words)
  }

  @Test func `white space between words does not matter but newlines are words`() {
    #expect(words.encode("  3   *2\t:\n") == words.encode("3 *2 : \n"))
    #expect(words.encode("3 \n").count == 2)
  }

  @Test func `the word-level tokenizer of the same words agrees`() throws {
    let tokenizer = try Tokenizer.wordLevel(
      vocabulary: words.words, endToken: TaskVocabulary.end, padToken: TaskVocabulary.padding)
    var random = Random(seed: 4)
    for name in [TaskName.chains, .countdown] {
      var choice = TaskChoice()
      choice.name = name
      choice.length = 3
      choice.hard = 2
      choice.answer = .letter
      let problem = try choice.makeTask().problem(id: "", random: &random)
      for text in [problem.prompt, try #require(problem.solution), "17 fish *2\n\n 4"] {
        let tokens = words.encode(text)
        #expect(tokenizer.encode(text) == tokens)
        #expect(tokenizer.pieces(tokens) == words.pieces(tokens))
        #expect(tokenizer.decode(tokens) == words.decode(tokens))
      }
      #expect(words.decode(words.encode(problem.prompt)) == problem.prompt)
      #expect(words.decode(words.encode(problem.solution ?? "")) == problem.solution)
    }
    #expect(tokenizer.endTokens == words.endTokens)
  }
}
