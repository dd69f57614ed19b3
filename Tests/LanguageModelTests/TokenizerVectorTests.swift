import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// The test vectors of llama.cpp's tokenizers, which lie beside the repository or nowhere.
@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: Fixtures.tokenizerVectors.path),
    "../shared/data/own/tokenizer_vectors is not there"))
struct TokenizerVectorTests {
  private func rows(_ name: String) throws -> [(text: String, ids: [Token])] {
    func text(_ kind: String) throws -> String {
      let url = Fixtures.tokenizerVectors.appendingPathComponent("ggml-vocab-\(name).gguf.\(kind)")
      return try String(contentsOf: url, encoding: .utf8)
    }
    let texts = try text("inp").components(separatedBy: "\n__ggml_vocab_test__\n")
    let lines = try text("out").components(separatedBy: "\n")
    return zip(texts, lines).map { text, line in
      (text, line.split(separator: " ").compactMap { Token($0) })
    }
  }

  // Only one of the vocabularies lies there; CRUX_VOCABULARIES may name a folder with the others.
  private func vocabulary(_ name: String) -> URL? {
    let other = ProcessInfo.processInfo.environment["CRUX_VOCABULARIES"]
    let folders =
      [Fixtures.tokenizerVectors] + [other].compactMap { $0 }.map { URL(fileURLWithPath: $0) }
    return folders.map { $0.appendingPathComponent("ggml-vocab-\(name).gguf") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  @Test(arguments: ["gpt-2", "qwen2", "llama-bpe"])
  func `the vocabulary of a GGUF gives the reference tokens`(_ name: String) throws {
    guard let url = vocabulary(name) else {
      #expect(name != "gpt-2")
      return
    }
    let tokenizer = try Tokenizer(GGUF(contentsOf: url))
    let rows = try rows(name)
    #expect(rows.count > 40)
    for row in rows { #expect(tokenizer.encode(row.text) == row.ids, "\(row.text)") }
  }
}
