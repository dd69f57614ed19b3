public import LanguageModel

extension Tokenizer {
  /// The chat template that came with the tokenizer: from a file of its own or a GGUF, else from
  /// `tokenizer_config.json`, where the one called `default` counts; nil where there is none.
  var chatTemplateText: String? {
    if let chatTemplate { return String(decoding: chatTemplate, as: UTF8.self) }
    let entry = settings["chat_template"]
    return entry?.string ?? namedTemplate("default")
  }

  private func namedTemplate(_ name: String) -> String? {
    settings["chat_template"]?.array?.first { $0["name"]?.string == name }?["template"]?.string
  }

  /// Whether a chat template came with the tokenizer, whatever it says.
  public var hasChatTemplate: Bool { chatTemplateText != nil }

  /// How the model's conversations are written: the template that came with it.
  ///
  /// - Parameter usesTools: Whether a template of its own for tools counts first, where there is one.
  /// - Returns: The template.
  /// - Throws: `ModelFileError` where there is no template, or one that cannot be run.
  public func readChatTemplate(usesTools: Bool = false) throws -> ChatTemplate {
    let own = usesTools && chatTemplate == nil ? namedTemplate("tool_use") : nil
    guard let text = own ?? chatTemplateText else {
      throw ModelFileError(
        file: "chat_template",
        problem:
          "the model has none, so it may be no chat model; give prompts that are written out, "
          + "markers and all, and say that no template is to be used (prompt.chat = off).")
    }
    return try ChatTemplate(text, specialTokens: specialTokenTexts)
  }

  /// The texts of the special tokens, by the names that the settings have for them.
  private var specialTokenTexts: [String: String] {
    let names = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"].map { $0 + "_token" }
    let known = ["bos_token": beginToken, "eos_token": endTokens.min(), "pad_token": padToken]
    var texts: [String: String] = [:]
    for name in names {
      texts[name] =
        settings[name]?.string ?? settings[name]?["content"]?.string
        ?? known[name].flatMap { $0 }.flatMap { token in
          vocabulary.texts.indices.contains(Int(token)) ? vocabulary.texts[Int(token)] : nil
        }
    }
    return texts
  }

  /// The tokens of a conversation; what the text begins and ends with is the template's matter.
  ///
  /// - Throws: `ModelFileError` where the model's template cannot be run, `ChatTemplateError` where it
  ///   cannot say that.
  public func encode(
    _ messages: [ChatMessage], addGenerationPrompt: Bool, continueFinalMessage: Bool = false,
    options: ChatOptions = ChatOptions()
  ) throws -> [Token] {
    let text = try readChatTemplate().render(
      messages, addGenerationPrompt: addGenerationPrompt,
      continueFinalMessage: continueFinalMessage, options: options)
    return encode(text)
  }

  /// The special token that a template writes at the end of an answer; nil where it writes none.
  ///
  /// - Parameters:
  ///   - template: The model's template.
  ///   - options: What it lets one choose.
  /// - Returns: The token.
  public func turnEnd(of template: ChatTemplate, options: ChatOptions = ChatOptions()) -> Token? {
    let answer = "It is 4."
    let texts = [[ChatMessage.user("2 + 2")], [.system("Be brief."), .user("2 + 2")]].lazy
      .compactMap {
        try? template.render(
          $0 + [.assistant(answer)], addGenerationPrompt: false, options: options)
      }
    guard let text = texts.first.map([Unicode.Scalar].init) else { return nil }
    let wanted = [Unicode.Scalar](answer)
    guard let place = text.last(wanted) else { return nil }
    for token in encode(text.dropFirst(place + wanted.count).asString) {
      if vocabulary.special.contains(token) { return token }
      guard decode([token]).unicodeScalars.allSatisfy(\.isPythonSpace) else { return nil }
    }
    return nil
  }
}
