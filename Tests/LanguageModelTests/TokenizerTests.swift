import Comparing
import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// One row of the reference texts.
struct TokenizerCase: Decodable, Sendable {
  var text: String
  var pieces: [String]?
  var ids: [Token]
  var ids_without_special_tokens: [Token]?
  var ids_special_as_text: [Token]?
  var decoded: String
  var decoded_skip_special: String

  /// The rows of a file of JSON lines.
  static func rows(_ url: URL) throws -> [TokenizerCase] {
    try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(TokenizerCase.self, from: Data($0.utf8))
    }
  }
}

/// Strings as bytes, for Swift calls canonically equivalent ones equal.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct TokenizerTests {
  static let families = ["bpe-gpt2", "bpe-qwen2", "bpe-llama3"]

  private func tokenizer(_ name: String) throws -> Tokenizer {
    let folder = Fixtures.golden.appendingPathComponent("tokenizer/\(name)")
    return try Tokenizer(contentsOf: folder.appendingPathComponent("tokenizer.json"))
  }

  private func rows(_ name: String) throws -> [TokenizerCase] {
    let folder = Fixtures.golden.appendingPathComponent("tokenizer/\(name)")
    let rows = try TokenizerCase.rows(folder.appendingPathComponent("cases.jsonl"))
    #expect(rows.count == 100)
    return rows
  }

  @Test(arguments: families)
  func `a text becomes the reference tokens`(_ name: String) throws {
    let tokenizer = try tokenizer(name)
    for row in try rows(name) {
      #expect(tokenizer.encode(row.text, addSpecialTokens: true) == row.ids, "\(row.text)")
      #expect(tokenizer.encode(row.text) == row.ids_without_special_tokens, "\(row.text)")
    }
  }

  @Test(arguments: families)
  func `tokens become the reference text, and their pieces join to it`(_ name: String) throws {
    let tokenizer = try tokenizer(name)
    for row in try rows(name) {
      expectEqual(bytes(tokenizer.decode(row.ids)), bytes(row.decoded))
      let shown = tokenizer.decode(row.ids, skipSpecial: true)
      expectEqual(bytes(shown), bytes(row.decoded_skip_special))
      let pieces = tokenizer.pieces(row.ids)
      #expect(pieces.count == row.ids.count)
      expectEqual(bytes(pieces.joined()), bytes(row.decoded))
    }
  }

  @Test(arguments: families)
  func `a text is cut where the reference cuts it`(_ name: String) throws {
    let tokenizer = try tokenizer(name)
    for row in try rows(name) {
      guard let expected = row.pieces else { continue }
      let pieces = tokenizer.preTokens(of: row.text)
      #expect(pieces.map(spell) == expected, "\(row.text)")
    }
  }

  private func spell(_ piece: String) -> String {
    let shown = Array(33...126) + Array(161...172) + Array(174...255)
    var letters: [UInt8: UInt32] = [:]
    for byte in shown { letters[UInt8(byte)] = UInt32(byte) }
    var next: UInt32 = 256
    for byte in UInt8.min...UInt8.max where letters[byte] == nil {
      letters[byte] = next
      next += 1
    }
    var text = ""
    for byte in piece.utf8 {
      letters[byte].flatMap(Unicode.Scalar.init).map { text.unicodeScalars.append($0) }
    }
    return text
  }

  @Test func `a very long word is merged in reasonable time`() throws {
    let tokenizer = try tokenizer("bpe-gpt2")
    let text = String(repeating: "hethe", count: 40_000)
    #expect(tokenizer.decode(tokenizer.encode(text)) == text)
  }

  @Test func `an added token gets the id that the reference gives it`() throws {
    /// `added` are texts with the ids that the file says.
    func tokenizer(_ added: [(String, Int)], gap: Bool = false) throws -> Tokenizer {
      let json: [String: Any] = [
        "added_tokens": added.map { ["id": $0.1, "content": $0.0, "special": true] },
        "model": [
          "type": "WordLevel", "vocab": ["the": 0, "cat": 1, "dog": gap ? 3 : 2],
          "unk_token": "the",
        ],
      ]
      return try Tokenizer(
        parsing: [UInt8](JSONSerialization.data(withJSONObject: json)), file: "tokenizer.json")
    }
    // The vocabulary's id counts, the next id is given in order, a text is added once.
    let clash = try tokenizer([("cat", 7), ("new", 9), ("new", 10), ("last", 3)])
    #expect(clash.token(for: "cat") == 1)
    #expect(clash.token(for: "new") == 3)
    #expect(clash.token(for: "last") == 4)
    #expect(clash.vocabularySize == 5)
    #expect(clash.cautions.count == 4)
    #expect(clash.cautions[0].contains("‘cat’ is token 1 and not 7"))
    #expect(clash.encode("newcat") == [3, 1])
    #expect(try tokenizer([("new", 3), ("last", 4)]).cautions.isEmpty)
    // Where ids have gaps, what the file says is all there is.
    let gap = try tokenizer([("new", 2), ("last", 9)], gap: true)
    #expect(gap.token(for: "new") == 2 && gap.token(for: "last") == 9)
    #expect(
      Fixtures.problem { _ = try tokenizer([("new", 3)], gap: true) }.contains("both token 3"))
  }

  @Test func `special tokens can be left as text`() throws {
    let tokenizer = try tokenizer("bpe-qwen2")
    let text = "<|im_end|><think>"
    #expect(tokenizer.encode(text) == [341, 342])
    let plain = tokenizer.encode(text, addSpecialTokens: false, recogniseSpecial: false)
    #expect(plain.last == 342)
    #expect(!plain.contains(341))
    #expect(tokenizer.decode(plain) == text)
  }

  @Test func `a character over several tokens shows once it is complete`() throws {
    let tokenizer = try tokenizer("bpe-gpt2")
    let tokens = tokenizer.encode("é€𝄞")
    let pieces = tokenizer.pieces(tokens)
    #expect(pieces.count > 3)
    #expect(pieces.filter { !$0.isEmpty } == ["é", "€", "𝄞"])
    #expect(tokenizer.pieces(Array(tokens.dropLast())).joined() == "é€\u{FFFD}")
    #expect(tokenizer.pieces([9999, -1]) == ["", ""])
  }
}
