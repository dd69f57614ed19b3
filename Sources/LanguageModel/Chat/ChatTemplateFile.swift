import Foundation

extension Tokenizer {
  /// The chat template that came with the tokenizer: from a file of its own or a GGUF, else from
  /// `tokenizer_config.json`, where the one called `default` counts; nil where there is none.
  var chatTemplateText: String? {
    if let chatTemplate { return String(decoding: chatTemplate, as: UTF8.self) }
    let entry = settings["chat_template"]
    let named = entry?.array?.first { $0["name"]?.string == "default" }
    return entry?.string ?? named?["template"]?.string
  }

  /// Whether a chat template came with the tokenizer, known to Crux or not.
  public var hasChatTemplate: Bool { chatTemplateText != nil }

  /// How the model's conversations are written, from the template that came with it.
  ///
  /// - Throws: `ModelFileError` where there is no template, or none that Crux knows.
  public func recognisedChatTemplate() throws -> ChatTemplate {
    guard let text = chatTemplateText else {
      throw ModelFileError(
        file: "chat_template",
        problem:
          "the model has none, so it may be no chat model; give prompts that are written out, "
          + "markers and all, and say that no template is to be used (prompt.chat = off).")
    }
    return try ChatTemplate(
      recognising: text, beginToken: textOfToken("bos_token", beginToken),
      endToken: textOfToken("eos_token", endTokens.min()))
  }

  /// The text of a token that the settings name, else that of the token; empty where there is none.
  private func textOfToken(_ key: String, _ token: Token?) -> String {
    settings[key]?.string ?? settings[key]?["content"]?.string
      ?? token.flatMap {
        vocabulary.texts.indices.contains(Int($0)) ? vocabulary.texts[Int($0)] : nil
      }
      ?? ""
  }

  /// The tokens of a conversation; what the text begins and ends with is the template's matter.
  ///
  /// - Throws: `ModelFileError` where the model's template is not known, `ChatTemplateError` where it
  ///   cannot say that.
  public func encode(
    _ messages: [ChatMessage], addGenerationPrompt: Bool, continueFinalMessage: Bool = false,
    options: ChatOptions = ChatOptions()
  ) throws -> [Token] {
    let text = try recognisedChatTemplate().render(
      messages, addGenerationPrompt: addGenerationPrompt,
      continueFinalMessage: continueFinalMessage, options: options)
    return encode(text)
  }
}
