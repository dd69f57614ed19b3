import LanguageModel
import Learning
import Testing

@Suite struct TaskVocabularyTests {
  let words = TaskVocabulary(modulus: 31)

  @Test func `a text of known words survives the way to tokens and back`() {
    let text = "20 *8 ?4 : *8 5 \n # c $"
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

  @Test func `words nobody knows are named once`() {
    #expect(words.unknownWords(in: "3 fish *2 fish 31") == ["fish", "31"])
  }
}
