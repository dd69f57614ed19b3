import Comparing
import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// The chat template of a real model, whose files lie beside the repository or nowhere.
@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: Fixtures.sharedTokenizer.path),
    "../shared/golden/tokenizer is not there"))
struct SharedChatTests {
  private struct Row: Decodable {
    var messages: [ChatMessage]
    var add_generation_prompt: Bool
    var continue_final_message: Bool
    var text: String
    var ids: [Token]
  }

  @Test func `SmolLM2 conversations become the reference text and tokens`() throws {
    let shared = Fixtures.sharedTokenizer
    let tokenizer = try Tokenizer(folder: shared.appendingPathComponent("smollm2-tokenizer"))
    let source = try String(
      contentsOf: shared.appendingPathComponent("smollm2-chat-template.jinja"), encoding: .utf8)
    let template = try ChatTemplate(source)
    let url = shared.appendingPathComponent("smollm2-chatml.jsonl")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 20)
    for line in lines {
      let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
      let text = try template.render(
        row.messages, addGenerationPrompt: row.add_generation_prompt,
        continueFinalMessage: row.continue_final_message)
      expectEqual(bytes(text), bytes(row.text))
      #expect(tokenizer.encode(text) == row.ids)
    }
  }

  @Test func `a conversation becomes tokens from what lies beside the tokenizer`() throws {
    let shared = Fixtures.sharedTokenizer
    let template = try String(
      contentsOf: shared.appendingPathComponent("smollm2-chat-template.jinja"), encoding: .utf8)
    let whole = shared.appendingPathComponent("smollm2-tokenizer/tokenizer.json")
    let settings: [Any] = [
      template,
      [["name": "tool_use", "template": "?"], ["name": "default", "template": template]],
    ]
    for entry in settings {
      try Fixtures.withFolder { folder in
        try FileManager.default.createSymbolicLink(
          at: folder.appendingPathComponent("tokenizer.json"), withDestinationURL: whole)
        let settings: [String: Any] = [
          "chat_template": entry, "tokenizer_class": "GPT2Tokenizer", "eos_token": "<|im_end|>",
        ]
        try JSONSerialization.data(withJSONObject: settings)
          .write(to: folder.appendingPathComponent("tokenizer_config.json"))
        let tokenizer = try Tokenizer(folder: folder)
        let tokens = try tokenizer.encode(
          [.system("s"), .user("Hi")], addGenerationPrompt: true)
        #expect(
          tokens == [1, 9690, 198, 99, 2, 198, 1, 4093, 198, 26843, 2, 198, 1, 520, 9531, 198])
        #expect(tokenizer.cautions.contains { $0.contains("GPT2Tokenizer") })
      }
    }
  }
}
