import Foundation
import LanguageModel
import Testing

/// Conversations that transformers (4.57.6 and 5.23.0, equal) wrote with the families' templates.
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

  private func rows() throws -> [Row] {
    let url = Fixtures.golden.appendingPathComponent("chat.jsonl")
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Row.self, from: Data($0.utf8))
    }
  }

  @Test func `every family writes what its template writes, and refuses what that refuses`() throws
  {
    let rows = try rows()
    #expect(Set(rows.map(\.family)) == Set(ChatFamily.allCases.map(\.rawValue)))
    for row in rows {
      let family = try #require(ChatFamily(rawValue: row.family))
      let template = ChatTemplate(
        family: family, defaultSystemMessage: row.system, beginToken: row.begin,
        endToken: row.end)
      let text = try? template.render(
        row.messages, addGenerationPrompt: row.answers, continueFinalMessage: row.continues,
        options: ChatOptions(thinks: row.thinks, date: row.date))
      #expect(text.map(bytes) == row.text.map(bytes), "\(row)")
    }
  }

  private func refusal(
    _ family: ChatFamily, _ messages: [ChatMessage], answers: Bool = true, continues: Bool = false,
    _ options: ChatOptions = ChatOptions()
  ) -> String {
    do {
      _ = try ChatTemplate(family: family).render(
        messages, addGenerationPrompt: answers, continueFinalMessage: continues, options: options)
    } catch let error as ChatTemplateError { return error.description } catch {}
    return ""
  }

  @Test func `what a template cannot say is refused with a sentence`() {
    let tool = ChatMessage(role: "tool", content: "4")
    #expect(refusal(.chatML, [tool]).contains("has the role ‘tool’"))
    #expect(refusal(.chatML, []).contains("no message"))
    #expect(refusal(.chatML, [.user("a")], continues: true).contains("choose one"))
    #expect(refusal(.llama32, [.user("a")]).contains("today's date"))
    #expect(refusal(.llama3, [.user("a")], ChatOptions(thinks: true)).contains("no such switch"))
    let thought = [ChatMessage.assistant("<think>a</think>b")]
    #expect(
      refusal(.deepSeekDistilled, thought, answers: false, continues: true)
        .contains("cannot be continued"))
  }
}
