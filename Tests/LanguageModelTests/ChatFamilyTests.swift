import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// Conversations that transformers (4.57.6 and 5.23.0, equal) wrote with the templates of eight
/// families; here templates that do the same in other words write them.
@Suite struct ChatFamilyTests {
  private struct Row: Decodable {
    var family: String
    var begin: String
    var end: String
    var system: String?
    var messages: [ChatMessage]
    var answers: Bool
    var continues: Bool
    var thinks: Bool?
    var date: String?
    var text: String?
  }

  /// The file of each family's template, and the words that it has in place of others.
  private static let families: [String: (file: String, words: [String: String])] = [
    "chatml": ("chatml", [:]), "qwq": ("qwq", [:]),
    "qwen3": ("qwen3", ["ALWAYS": "false"]), "qwen3-thinking": ("qwen3", ["ALWAYS": "true"]),
    "llama3": ("llama3", ["DATES": "none"]), "llama3.1": ("llama3", ["DATES": "known"]),
    "llama3.2": ("llama3", ["DATES": "today"]),
    "deepseek-r1-distill": ("deepseek-r1-distill", [:]),
  ]

  private func template(
    _ family: String, begin: String = "<s>", end: String = "</s>", system: String = ""
  ) throws -> ChatTemplate {
    let (file, words) = try #require(Self.families[family])
    let url = Fixtures.golden.appendingPathComponent("chat/\(file).jinja")
    var source = try String(contentsOf: url, encoding: .utf8)
    for (word, other) in words.merging(["DEFAULT": system], uniquingKeysWith: { $1 }) {
      source = source.replacingOccurrences(of: word, with: other)
    }
    return try ChatTemplate(source, specialTokens: ["bos_token": begin, "eos_token": end])
  }

  @Test func `every family is written as its own template writes it`() throws {
    let url = Fixtures.golden.appendingPathComponent("chat.jsonl")
    let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Row.self, from: Data($0.utf8))
    }
    #expect(rows.count == 606 && Set(rows.map(\.family)) == Set(Self.families.keys))
    for row in rows {
      let template = try template(
        row.family, begin: row.begin, end: row.end, system: row.system ?? "")
      let text = try? template.render(
        row.messages, addGenerationPrompt: row.answers, continueFinalMessage: row.continues,
        options: ChatOptions(thinks: row.thinks, date: row.date))
      #expect(text.map(bytes) == row.text.map(bytes), "\(row)")
    }
  }

  private func refusal(
    _ family: String, _ messages: [ChatMessage], answers: Bool = true, continues: Bool = false,
    _ options: ChatOptions = ChatOptions()
  ) throws -> String {
    do {
      _ = try template(family).render(
        messages, addGenerationPrompt: answers, continueFinalMessage: continues, options: options)
    } catch let error as ChatTemplateError { return error.description }
    return ""
  }

  @Test func `what a template cannot say is refused with a sentence`() throws {
    #expect(try refusal("chatml", []).contains("no message"))
    #expect(try refusal("chatml", [.user("a")], continues: true).contains("choose one"))
    #expect(try refusal("llama3.2", [.user("a")]).contains("today's date"))
    let thinking = ChatOptions(thinks: true)
    #expect(try refusal("llama3", [.user("a")], thinking).contains("no such switch"))
    #expect(try refusal("qwen3", [.user("a")], thinking).isEmpty)
    let thought = [ChatMessage.assistant("<think>a</think>b")]
    #expect(
      try refusal("deepseek-r1-distill", thought, answers: false, continues: true)
        .contains("cannot be continued"))
  }
}
