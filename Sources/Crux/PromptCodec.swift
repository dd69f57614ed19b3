import Foundation
import LanguageModel
import Learning
import Trajectories

extension LoadedModel {
  /// Text to tokens and back as a recipe wants it: a conversation where the model has a template.
  func codec(for recipe: Recipe) throws -> any TextCodec {
    let plain = TokenizerCodec(self)
    guard recipe.prompt.chat == .auto else { return plain }
    let examples = try recipe.prompt.workedExamples(of: try recipe.task.makeTask())
    guard let template = try chatTemplate else {
      guard examples.isEmpty, recipe.prompt.system.isEmpty else {
        throw Complaint(
          "The model in \(folder.path) has no chat template, so prompt.system and "
            + "prompt.examples have no place; leave them empty or take a chat model.")
      }
      return plain
    }
    return ConversationCodec(plain) { question in
      template.render(recipe.prompt.conversation(examples, question: question))
    }
  }
}

extension PromptChoice {
  /// The turns before an answer.
  fileprivate func conversation(
    _ examples: [WorkedExample], question: String
  ) -> [ChatMessage] {
    let opening = system.isEmpty ? [] : [ChatMessage(role: "system", content: system)]
    let shown = examples.flatMap {
      [
        ChatMessage(role: "user", content: $0.question),
        ChatMessage(role: "assistant", content: $0.answer),
      ]
    }
    return opening + shown + [ChatMessage(role: "user", content: question)]
  }
}

// INTERIM until the chat templates are merged.
struct ChatMessage { var role: String; var content: String }
struct InterimTemplate {
  func render(_ messages: [ChatMessage]) -> String {
    var text = ""
    if messages.first?.role != "system" {
      text +=
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    }
    for m in messages { text += "<|im_start|>\(m.role)\n\(m.content)<|im_end|>\n" }
    return text + "<|im_start|>assistant\n"
  }
}
extension LoadedModel {
  var chatTemplate: InterimTemplate? {
    get throws { tokenizer.token(for: "<|im_start|>") == nil ? nil : InterimTemplate() }
  }
}
