import Comparing
import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// The tokenizer of a real model, whose files lie beside the repository where they lie at all.
@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: Fixtures.sharedTokenizer.path),
    "../shared/golden/tokenizer is not there"))
struct SharedTokenizerTests {
  private struct DecodingCase: Decodable {
    var ids: [Token]
    var decoded: String
    var decoded_skip_special: String
  }

  private func tokenizer() throws -> Tokenizer {
    try Tokenizer(
      contentsOf: Fixtures.sharedTokenizer.appendingPathComponent(
        "smollm2-tokenizer/tokenizer.json"))
  }

  @Test func `SmolLM2 texts become the reference tokens and come back`() throws {
    let tokenizer = try tokenizer()
    let rows = try TokenizerCase.rows(
      Fixtures.sharedTokenizer.appendingPathComponent("smollm2.jsonl"))
    #expect(rows.count == 443)
    for row in rows {
      #expect(tokenizer.encode(row.text, addSpecialTokens: true) == row.ids, "\(row.text)")
      if let plain = row.ids_special_as_text {
        let tokens = tokenizer.encode(row.text, addSpecialTokens: false, recogniseSpecial: false)
        #expect(tokens == plain)
      }
      expectEqual(bytes(tokenizer.decode(row.ids)), bytes(row.decoded))
      let shown = tokenizer.decode(row.ids, skipSpecial: true)
      expectEqual(bytes(shown), bytes(row.decoded_skip_special))
    }
  }

  @Test func `SmolLM2 tokens that end inside a character become the reference text`() throws {
    let tokenizer = try tokenizer()
    let url = Fixtures.sharedTokenizer.appendingPathComponent("smollm2-decode.jsonl")
    for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
      let row = try JSONDecoder().decode(DecodingCase.self, from: Data(line.utf8))
      expectEqual(bytes(tokenizer.decode(row.ids)), bytes(row.decoded))
      let shown = tokenizer.decode(row.ids, skipSpecial: true)
      expectEqual(bytes(shown), bytes(row.decoded_skip_special))
      expectEqual(bytes(tokenizer.pieces(row.ids).joined()), bytes(row.decoded))
    }
  }

  private struct OwnCase: Decodable {
    var text: String
    var parse_special: Bool
    var ids: [Token]
  }

  @Test func `SmolLM2 texts become the tokens that llama.cpp makes of them`() throws {
    let own = Fixtures.sharedTokenizer.appendingPathComponent("../../data/own")
    let tokenizer = try Tokenizer(
      contentsOf: own.appendingPathComponent("models/smollm2_tokenizer/tokenizer.json"))
    let url = own.appendingPathComponent("golden/smollm2/tokenize.jsonl")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 438)
    for line in lines {
      let row = try JSONDecoder().decode(OwnCase.self, from: Data(line.utf8))
      let tokens = tokenizer.encode(
        row.text, addSpecialTokens: false, recogniseSpecial: row.parse_special)
      #expect(tokens == row.ids, "\(row.text)")
    }
  }

  @Test func `SmolLM2 cuts digits and white space as its file says`() throws {
    let tokenizer = try tokenizer()
    let ids: [Token] = [1, 4093, 198, 35, 8866, 36]
    #expect(tokenizer.encode("<|im_start|>user\n3\n\n 4") == ids)
    #expect(tokenizer.pieces(ids) == ["<|im_start|>", "user", "\n", "3", "\n\n ", "4"])
  }
}
