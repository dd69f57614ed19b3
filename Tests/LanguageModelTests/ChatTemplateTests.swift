import Foundation
import LanguageModel
import Testing

@Suite struct ChatTemplateTests {
  /// ChatML, written as loosely as it may be.
  private static let template = """
    {#- every turn -#}
    {%- for message in messages -%}
      {%- if loop.first and messages[0].role != "system" -%}
        {{- "<|im_start|>system\\nBe brief.<|im_end|>\\n" -}}
      {%- endif -%}
      {{- "<|im_start|>" ~ message["role"] + '\\n' -}}
      {{- message.content -}}{{- "<|im_end|>\\n" -}}
    {%- endfor -%}
    {%- if add_generation_prompt -%}
      {{- "<|im_start|>assistant\\n" -}}
    {%- endif -%}
    """

  private func recognised(_ source: String) throws -> ChatTemplate {
    try ChatTemplate(recognising: source, beginToken: "<s>", endToken: "</s>", file: "here")
  }

  @Test func `a template is recognised however it is laid out`() throws {
    let template = try recognised(Self.template)
    #expect(template.family == .chatML)
    #expect(template.defaultSystemMessage == "Be brief.")
    let text = try template.render([.user("Hi")], addGenerationPrompt: true)
    #expect(
      text == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        + "<|im_start|>assistant\n")
  }

  @Test(arguments: [
    ("\\nBe brief", " Be brief"),
    ("<|im_end|>\\n\" -}}\n{%- endfor", "<|im_end|>\" -}}\n{%- endfor"),
    ("message.content", "message.content | trim"), ("loop.first and ", ""), ("!=", "=="),
    ("assistant\\n\" -}}\n{%- endif", "assistant\\n\" }}\n{% endif"),
    ("~ message", "~ ' ' ~ message"),
    ("\"<|im_start|>\" ~", "\"<|im_begin|>\" ~"), ("{%- endfor -%}", "{%- endfor -%}."),
    ("{#- every turn -#}", "{% raw %}{% endraw %}"), ("{%- endif -%}", "{%- endif -%}\\x41"),
  ])
  func `a template that would write anything else is refused`(_ from: String, _ to: String) {
    let changed = Self.template.replacingOccurrences(of: from, with: to)
    #expect(changed != Self.template)
    let problem = Fixtures.problem { _ = try recognised(changed) }
    #expect(problem.hasPrefix("here: this chat template is none of those that Crux knows"))
  }

  @Test func `any template is recognised or refused with a sentence`() throws {
    var mutator = Mutator(seed: 17)
    let whole = Array(Self.template.utf8)
    let said = try recognised(Self.template).render([.user("Hi")], addGenerationPrompt: true)
    var known = 0
    for _ in 0..<50_000 {
      let source = String(decoding: mutator.mutated(whole), as: UTF8.self)
      do {
        let template = try recognised(source)
        let text = try template.render([.user("Hi")], addGenerationPrompt: true)
        let own = template.defaultSystemMessage ?? ""
        #expect(text.replacingOccurrences(of: own, with: "Be brief.") == said)
        known += 1
      } catch is ModelFileError {}
    }
    #expect(known > 100 && known < 25_000)
  }

  @Test func `a model without a known template says what to do instead`() throws {
    let url = Fixtures.golden.appendingPathComponent("tokenizer/bpe-gpt2")
    let tokenizer = try Tokenizer(folder: url)
    #expect(!tokenizer.hasChatTemplate)
    let problem = Fixtures.problem { _ = try tokenizer.recognisedChatTemplate() }
    #expect(problem.contains("prompt.chat = off"))
  }
}
