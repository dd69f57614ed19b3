import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct ChatTemplateTests {
  private struct Row: Decodable {
    var template: String
    var text: String?
  }

  /// Templates with every construct, and what transformers 5.24 (jinja2 3.1.6) wrote with them:
  /// `render_jinja_template([messages], tools=tools, chat_template=template,
  /// add_generation_prompt=True, bos_token="<s>", eos_token="</s>")` on 26 Jul 2024; null where it
  /// raised.
  private static func rows() throws -> [Row] {
    let url = Fixtures.golden.appendingPathComponent("chat/constructs.jsonl")
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Row.self, from: Data($0.utf8))
    }
  }

  private static func conversation() throws -> ChatConversation {
    let url = Fixtures.golden.appendingPathComponent("chat/constructs-conversation.json")
    return try ChatConversation(parsing: Array(Data(contentsOf: url)), file: "here")
  }

  private func text(_ source: String, _ conversation: ChatConversation) throws -> String {
    try ChatTemplate(source, specialTokens: ["bos_token": "<s>", "eos_token": "</s>"])
      .render(conversation, addGenerationPrompt: true, options: ChatOptions(date: "2024-07-26"))
  }

  @Test func `every construct writes what Jinja writes, and what Jinja refuses is refused`() throws
  {
    let (rows, conversation) = try (Self.rows(), Self.conversation())
    #expect(rows.count == 142)
    for row in rows {
      let text = try? self.text(row.template, conversation)
      #expect(text.map(bytes) == row.text.map(bytes), "\(row.template)")
    }
  }

  /// What is wrong with a template or what it does, as it is told.
  private func problem(_ source: String) -> String {
    do { _ = try text(source, try Self.conversation()) } catch { return "\(error)" }
    return ""
  }

  @Test(arguments: [
    ("a\n{% include 'x' %}", "line 2", "{% include %}"),
    ("\n\n{% for m in messages recursive %}{% endfor %}", "line 3", "recursive"),
    ("{% if tools %}\n{{ 1 }}", "line 2", "lacks its end: elif or else or endif"),
    ("{{ 1 }}\n{# never closed", "line 2", "#}"), ("{{ 'a }}", "line 1", "string is not closed"),
    ("a\n\n{{ messages | xmlattr }}", "line 3", "the filter ‘xmlattr’"),
    ("{{ 1 is prime }}", "line 1", "the test ‘prime’"),
    ("\n{{ messages.append(1) }}", "line 2", "would change a list"),
    ("\n{{ nope.x }}", "line 2", "‘nope’, which is not defined, has no ‘x’"),
    ("{{ 1 + 'a' }}", "line 1", "‘+’ cannot stand between a whole number and a string"),
    ("{{ raise_exception('roles must alternate') }}", "refuses", "roles must alternate"),
    ("{{ strftime_now('%Q') }}", "line 1", "%Q"),
    ("{% macro m(n) %}{{ m(n) }}{% endmacro %}\n{{ m(1) }}", "line 1", "nested too deep"),
    (
      "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "line 1",
      "steps"
    ),
    (
      "{% set n = namespace(s='ab') %}\n{% for i in range(99) %}{% set n.s = n.s * 2 %}{% endfor %}",
      "line 2", "a text has more than"
    ),
    (
      "{% set n = namespace(s=[1]) %}{% for i in range(99) %}{% set n.s = [n.s, n.s] %}{% endfor %}",
      "line 1", "too large or nested too deep"
    ),
    ("{{ 'a' | center(999999999) }}", "line 1", "characters"),
    ("{{ 'a'.replace('', 'b' * 99999) * 99999 }}", "line 1", "characters"),
    ("{{ 2 ** 99 }}", "line 1", "larger than Crux reckons with"),
    (String(repeating: "{% if 1 %}", count: 99), "line 1", "nested more than"),
    (
      "{{ \(String(repeating: "[", count: 99))\(String(repeating: "]", count: 99)) }}", "line 1",
      "nested more than"
    ),
    ("{{ " + String(repeating: "1 + ", count: 999) + "1 }}", "line 1", "parts in a row"),
  ])
  func `what cannot be done is told with its line`(_ source: String, _ line: String, _ what: String)
  {
    let problem = self.problem(source)
    #expect(problem.contains(line) && problem.contains(what), "\(problem)")
  }

  @Test func `any template is run or refused with a sentence`() throws {
    let (rows, conversation) = try (Self.rows(), Self.conversation())
    var (mutator, written) = (Mutator(seed: 17), 0)
    for index in 0..<4000 {
      let whole = Array(rows[index % rows.count].template.utf8)
      let source = String(decoding: mutator.mutated(whole), as: UTF8.self)
      do {
        _ = try text(source, conversation)
        written += 1
      } catch is ModelFileError {} catch is ChatTemplateError {}
    }
    #expect(written > 400 && written < 3600)
  }

  @Test func `a switch for thinking is found by what it does`() throws {
    let says = "{{ enable_thinking }}"
    #expect(try ChatTemplate("{{ 'on' if enable_thinking }}").thinkingSwitch == "enable_thinking")
    #expect(try ChatTemplate("{{ 'on' if thinking }}").thinkingSwitch == "thinking")
    #expect(try ChatTemplate("{# enable_thinking #}").thinkingSwitch == nil)
    #expect(try ChatTemplate("{% set enable_thinking = 1 %}" + says).thinkingSwitch == nil)
    let only = "{% if messages[0].role == 'system' %}\(says){% endif %}"
    #expect(try ChatTemplate(only).thinkingSwitch == "enable_thinking")
  }

  @Test(arguments: [
    ("26 Jul 2024", "2024-07-26 Friday 208"), ("July 4, 1999", "1999-07-04 Sunday 185"),
    ("2024-02-29", "2024-02-29 Thursday 060"), ("1 january 2000", "2000-01-01 Saturday 001"),
  ])
  func `a date is written as the template asks`(_ date: String, _ text: String) throws {
    let template = try ChatTemplate("{{ strftime_now('%F %A %j') }}")
    let options = ChatOptions(date: date)
    #expect(try template.render([.user("a")], addGenerationPrompt: true, options: options) == text)
  }

  @Test(arguments: [nil, "soon", "31 Feb 2024", "2024-13-01"] as [String?])
  func `a template that asks for the date is given none but the one passed`(_ date: String?) throws
  {
    let template = try ChatTemplate("{{ strftime_now('%F') }}")
    #expect(throws: ChatTemplateError.self) {
      try template.render(
        [.user("a")], addGenerationPrompt: true, options: ChatOptions(date: date))
    }
  }

  @Test func `a conversation is read with its tools, and null counts as not given`() throws {
    let template = try ChatTemplate(
      "{{ tools | length }}{{ messages[0].content is defined }}{{ messages[0].reasoning_content }}")
    let json = #"{"messages": [{"role": "a", "content": null, "thinking": "t"}], "tools": [1]}"#
    let conversation = try ChatConversation(parsing: Array(json.utf8), file: "here")
    #expect(try template.render(conversation, addGenerationPrompt: true) == "1Falset")
    for wrong in ["{}", "[1]", #"{"messages": [{"role": "a"}], "tools": 1}"#, "["] {
      let problem = Fixtures.problem {
        _ = try ChatConversation(parsing: Array(wrong.utf8), file: "here")
      }
      #expect(problem.hasPrefix("here: "))
    }
  }

  @Test(
    arguments: [
      ("bpe-qwen2", "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n", 341),
      ("bpe-qwen2", "{{ m.role }}: {{ m.content }}\n", nil),
      ("bpe-qwen2", "{{ m.content }} {{ eos_token }}", 339),
      ("bpe-llama3", "{{ m.role }}\n{{ m.content | trim }}<|eot_id|>", 341),
      ("bpe-llama3", "{{ m.content }}\nbye<|eot_id|>", nil),
      ("bpe-llama3", "{{ raise_exception('a') if m.role != 'system' }}", nil),
      (
        "bpe-llama3",
        "{{ raise_exception('a') if messages[0].role != 'system' }}{{ m.content }}<|eot_id|>", 341
      ),
    ] as [(String, String, Token?)])
  func `the token that ends a turn is the special one after an answer`(
    _ folder: String, _ turn: String, _ end: Token?
  ) throws {
    let url = Fixtures.golden.appendingPathComponent("tokenizer/\(folder)")
    let tokenizer = try Tokenizer(folder: url)
    let source = "{% for m in messages %}\(turn){% endfor %}"
    let template = try ChatTemplate(source, specialTokens: ["eos_token": "<|endoftext|>"])
    #expect(tokenizer.turnEnd(of: template) == end)
  }

  @Test func `a model without a template says what to do instead`() throws {
    let url = Fixtures.golden.appendingPathComponent("tokenizer/bpe-gpt2")
    let tokenizer = try Tokenizer(folder: url)
    #expect(!tokenizer.hasChatTemplate)
    let problem = Fixtures.problem { _ = try tokenizer.readChatTemplate() }
    #expect(problem.contains("prompt.chat = off"))
  }
}
