import Foundation
import Learning
import ModelFiles
import Trajectories

extension LoadedModel {
  /// Text to tokens and back as a recipe wants it: a conversation where the model has a template.
  func codec(for recipe: Recipe) throws -> any TextCodec {
    let plain = TokenizerCodec(self)
    guard recipe.prompt.chat == .auto else { return plain }
    let examples =
      try recipe.prompt.exampleTexts.isEmpty
      ? [] : recipe.prompt.workedExamples(of: try recipe.makeProblems())
    guard tokenizer.hasChatTemplate else {
      guard examples.isEmpty, !recipe.prompt.needsTemplate else {
        throw Complaint(
          "The model in \(folder.path) has no chat template, so prompt.system, prompt.examples, "
            + "prompt.thinking and prompt.date have no place; leave them as they are by "
            + "themselves or take a chat model.")
      }
      return plain
    }
    let template = try tokenizer.readChatTemplate()
    let prompt = recipe.prompt
    let turnEnd = tokenizer.turnEnd(of: template, options: prompt.options)
    return try ConversationCodec(plain, turnEnd: turnEnd) { question in
      try template.render(
        prompt.conversation(examples, question: question), addGenerationPrompt: true,
        options: prompt.options)
    }
  }
}

extension PromptChoice {
  /// What the recipe chooses of a template.
  fileprivate var options: ChatOptions {
    ChatOptions(
      thinks: thinking == .auto ? nil : thinking == .on, date: date.isEmpty ? nil : date)
  }

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
