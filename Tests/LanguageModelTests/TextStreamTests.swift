import Comparing
import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct TextStreamTests {
  private func tokenizer(_ name: String) throws -> Tokenizer {
    let folder = Fixtures.golden.appendingPathComponent("tokenizer/\(name)")
    return try Tokenizer(contentsOf: folder.appendingPathComponent("tokenizer.json"))
  }

  private func streamed(_ tokens: [Token], _ tokenizer: Tokenizer, skip: Bool) -> [String] {
    var stream = TextStream(tokenizer, skipSpecial: skip)
    let parts = tokens.map { stream.append($0) }
    return parts + [stream.finish()]
  }

  @Test(arguments: TokenizerTests.families + ["words"])
  func `text that comes token by token joins to the whole`(_ name: String) throws {
    let words = ["<pad>", "$", "\n", ":", "1", "the"]
    let tokenizer =
      try name == "words"
      ? Tokenizer.wordLevel(vocabulary: words, endToken: "$", padToken: "<pad>") : tokenizer(name)
    var random = Mutator(seed: 11)
    for _ in 0..<2000 {
      let tokens = (0..<random.below(12)).map { _ in
        random.below(20) == 0
          ? [Token.max, .min, -1, 100_000][random.below(4)]
          : Token(random.below(tokenizer.vocabularySize))
      }
      for skip in [false, true] {
        let whole = tokenizer.decode(tokens, skipSpecial: skip)
        expectEqual(bytes(streamed(tokens, tokenizer, skip: skip).joined()), bytes(whole))
      }
    }
  }

  @Test func `nothing that was shown is taken back`() throws {
    let tokenizer = try tokenizer("bpe-gpt2")
    let tokens = tokenizer.encode("é€𝄞")
    let parts = streamed(tokens, tokenizer, skip: false)
    #expect(parts.filter { !$0.isEmpty } == ["é", "€", "𝄞"])
    #expect(streamed(Array(tokens.dropLast()), tokenizer, skip: false).last == "\u{FFFD}")
  }
}
