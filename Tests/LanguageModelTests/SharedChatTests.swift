import Foundation
import LanguageModel
import Testing

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
    let template = try ChatTemplate(recognising: source, beginToken: "", endToken: "<|im_end|>")
    let url = shared.appendingPathComponent("smollm2-chatml.jsonl")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 20)
    for line in lines {
      let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
      let text = try template.render(
        row.messages, addGenerationPrompt: row.add_generation_prompt,
        continueFinalMessage: row.continue_final_message)
      #expect(bytes(text) == bytes(row.text))
      #expect(tokenizer.encode(text) == row.ids)
    }
  }
}
