import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct WordLevelTests {
  static let words =
    ["<pad>", "$", "\n", ":", "#", "a", "yes", "+1", "-2", "*3", "+", "-", "*", "=", "?v"]
    + (0..<31).map(String.init)

  private func tokenizer() throws -> Tokenizer {
    try .wordLevel(vocabulary: Self.words, endToken: "$", padToken: "<pad>")
  }

  @Test func `a prompt and its answer come back as they were`() throws {
    let tokenizer = try tokenizer()
    let text = "17 *3 +1 ?v :\n*3 20\n+1 21\n# 21 $"
    let tokens = tokenizer.encode(text)
    #expect(tokens.count == 15)
    #expect(tokenizer.decode(tokens) == text)
    #expect(tokenizer.pieces(tokens).joined() == text)
    #expect(tokenizer.decode(tokens, skipSpecial: true) == "17 *3 +1 ?v :\n*3 20\n+1 21\n# 21")
    #expect(tokens.last.map { tokenizer.endTokens.contains($0) } == true)
  }

  @Test func `every sequence of tokens comes back through its text`() throws {
    let tokenizer = try tokenizer()
    for first in 0..<Token(Self.words.count) {
      for second in 0..<Token(Self.words.count) {
        let tokens = [2, first, second, 2, 2, first]
        #expect(tokenizer.encode(tokenizer.decode(tokens)) == tokens)
      }
    }
  }

  @Test func `spaces about newlines and marks do not matter`() throws {
    let tokenizer = try tokenizer()
    #expect(tokenizer.encode("1 : \n 2 $") == tokenizer.encode("1:\n2 $"))
    #expect(tokenizer.encode("3 - 2 = 1") != tokenizer.encode("3 -2 = 1"))
  }

  @Test func `a word that is not known becomes padding and is named`() throws {
    let tokenizer = try tokenizer()
    #expect(tokenizer.encode("1 four 2") == [16, 0, 17])
    #expect(tokenizer.unknownPieces(in: "1 four 2 99 four") == ["four", "99"])
  }

  @Test func `a list with a word twice or with a space is refused`() {
    func problem(_ words: [String]) -> String {
      Fixtures.problem {
        _ = try Tokenizer.wordLevel(vocabulary: words, endToken: "$", padToken: "<pad>")
      }
    }
    #expect(problem(["$", "<pad>", "a", "a"]).contains("twice"))
    #expect(problem(["$", "<pad>", "a b"]).contains("cannot be a word"))
    #expect(problem(["$"]).contains("not in the vocabulary"))
  }
}
