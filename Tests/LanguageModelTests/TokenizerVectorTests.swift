import Foundation
import LanguageModel
import Testing

/// The test vectors of llama.cpp's tokenizers, which lie beside the repository or nowhere.
@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: TokenizerVectorTests.folder.path),
    "../shared/data/own/tokenizer_vectors is not there"))
struct TokenizerVectorTests {
  static let folder = Fixtures.sharedTokenizer.deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("data/own/tokenizer_vectors")

  private func rows(_ name: String) throws -> [(text: String, ids: [Token])] {
    func text(_ kind: String) throws -> String {
      let url = Self.folder.appendingPathComponent("ggml-vocab-\(name).gguf.\(kind)")
      return try String(contentsOf: url, encoding: .utf8)
    }
    let texts = try text("inp").components(separatedBy: "\n__ggml_vocab_test__\n")
    let lines = try text("out").components(separatedBy: "\n")
    return zip(texts, lines).map { text, line in
      (text, line.split(separator: " ").compactMap { Token($0) })
    }
  }

  @Test func `the GPT-2 vocabulary of a GGUF gives the reference tokens`() throws {
    let url = Self.folder.appendingPathComponent("ggml-vocab-gpt-2.gguf")
    let tokenizer = try Tokenizer(GGUF(contentsOf: url))
    let rows = try rows("gpt-2")
    #expect(rows.count > 40)
    for row in rows { #expect(tokenizer.encode(row.text) == row.ids, "\(row.text)") }
  }
}
