public import LanguageModel

/// How a model writes a conversation as one text: its own template, a program in Jinja.
///
/// It is run as it is written, with the settings of transformers (`trim_blocks`, `lstrip_blocks`,
/// `tojson` without escapes for HTML, `break` and `continue`, `generation` blocks), and within
/// bounds: see `TemplateRenderer`. It reads no clock and no file.
public struct ChatTemplate: Sendable {
  private let statements: [TemplateStatement]
  /// The texts of special tokens by the names that templates have for them, such as `bos_token`.
  private let specialTokens: [String: String]
  /// The variable by which the template is told whether to think; nil where it does not ask.
  public private(set) var thinkingSwitch: String?

  /// Reads a template.
  ///
  /// - Parameters:
  ///   - source: The template.
  ///   - specialTokens: The texts of special tokens by names such as `bos_token`.
  ///   - file: Named in the error.
  /// - Throws: `ModelFileError` with the line, where the template cannot be read or has blocks that
  ///   Crux does not run.
  public init(
    _ source: String, specialTokens: [String: String] = [:], file: String = "chat_template"
  ) throws {
    let advice =
      " Give prompts that are written out, markers and all, and say that no template is to be used "
      + "(prompt.chat = off)."
    guard source.utf8.count <= ChatTemplate.greatestSize else {
      throw ModelFileError(
        file: file,
        problem: "the chat template has more than \(ChatTemplate.greatestSize) bytes."
          + advice)
    }
    do {
      statements = try TemplateParser.statements(of: source)
    } catch let error as TemplateError {
      throw ModelFileError(
        file: file,
        problem: "line \(error.line ?? 1) of the chat template: \(error.problem)." + advice)
    }
    self.specialTokens = specialTokens
    thinkingSwitch = ["enable_thinking", "thinking"].first {
      source.contains($0) && minds($0)
    }
  }

  /// The greatest size of a template in bytes; the longest known ones have a tenth of it.
  private static let greatestSize = 1 << 17

  /// Whether the template writes something else where a variable is true than where it is false.
  private func minds(_ name: String) -> Bool {
    for messages in [[ChatMessage.user("a")], [.system("b"), .user("a")]] {
      let texts = [true, false].map { value in
        var variables = variables(ChatConversation(messages), answers: true)
        variables[name] = .bool(value)
        let date = ChatOptions(date: "26 Jul 2024")
        return try? TemplateRenderer.text(
          of: statements, globals: variables.merging(dates(date)) { $1 })
      }
      if texts[0] != texts[1] { return true }
    }
    return false
  }

  /// The conversation as the text that the model was trained on.
  ///
  /// Turn it into tokens without adding special ones: where a text begins with one, the template
  /// writes it itself.
  ///
  /// - Parameters:
  ///   - conversation: The turns, the first one first, and tools.
  ///   - addGenerationPrompt: Whether the header of an answer follows.
  ///   - continueFinalMessage: Whether the text stops where the last message's content does, so
  ///     that the model goes on with that message. Not both.
  ///   - options: What the template lets one choose.
  /// - Returns: The text.
  /// - Throws: `ChatTemplateError` where the template cannot say that, with its line.
  public func render(
    _ conversation: ChatConversation, addGenerationPrompt: Bool,
    continueFinalMessage: Bool = false, options: ChatOptions = ChatOptions()
  ) throws -> String {
    guard !conversation.messages.isEmpty else {
      throw ChatTemplateError("The conversation has no message; give it at least one.")
    }
    guard continueFinalMessage else {
      return try text(of: conversation, answers: addGenerationPrompt, options)
    }
    guard !addGenerationPrompt else {
      throw ChatTemplateError(
        "A text cannot both go on with the last message and begin a new answer; choose one.")
    }
    let (marked, content) = try conversation.marking(ChatTemplate.mark)
    return try ChatTemplate.cut(text(of: marked, answers: false, options), content)
  }

  /// The same for turns that only say something.
  public func render(
    _ messages: [ChatMessage], addGenerationPrompt: Bool, continueFinalMessage: Bool = false,
    options: ChatOptions = ChatOptions()
  ) throws -> String {
    try render(
      ChatConversation(messages), addGenerationPrompt: addGenerationPrompt,
      continueFinalMessage: continueFinalMessage, options: options)
  }

  private func text(
    of conversation: ChatConversation, answers: Bool, _ options: ChatOptions
  ) throws -> String {
    var variables = variables(conversation, answers: answers)
    if let thinks = options.thinks {
      guard let thinkingSwitch else {
        throw ChatTemplateError(
          "Thinking cannot be switched on or off: this model's chat template has no such switch.")
      }
      variables[thinkingSwitch] = .bool(thinks)
    }
    variables.merge(dates(options)) { $1 }
    let bounds = TemplateBounds(
      messages: conversation.messages.count,
      size: ["messages", "tools"].reduce(0) { $0 + (variables[$1]?.size.count ?? 0) })
    do {
      return try TemplateRenderer.text(of: statements, globals: variables, bounds: bounds)
    } catch let error as TemplateError {
      throw ChatTemplateError(
        error.isRefusal
          ? "The model's chat template refuses this conversation: \(error.problem)"
          : "The model's chat template cannot write this conversation: \(error.problem) "
            + "(line \(error.line ?? 1) of the template).")
    }
  }

  private func variables(
    _ conversation: ChatConversation, answers: Bool
  ) -> [String: TemplateValue] {
    var variables = specialTokens.mapValues { TemplateValue.text($0) }
    variables["messages"] = .list(conversation.messages.map { TemplateValue($0) })
    variables["tools"] = conversation.tools.map { TemplateValue($0) } ?? .none
    variables["documents"] = TemplateValue.none
    variables["add_generation_prompt"] = .bool(answers)
    return variables
  }

  /// The day's date, which must have been passed: a run can be repeated only where no clock is read.
  private func dates(_ options: ChatOptions) -> [String: TemplateValue] {
    let now = TemplateFunction("strftime_now") { renderer, arguments in
      let format = try arguments.requiredCharacters(0, "format")
      try renderer.reserve(format.count * 10)
      guard let text = options.date, let date = ChatDate(text) else {
        throw TemplateError(
          "it says today's date; give the date to write, such as 26 Jul 2024, as prompt.date of a "
            + "recipe or with --date, so that a run can be repeated")
      }
      return .string(try date.text(format))
    }
    var variables = ["strftime_now": TemplateValue.function(now)]
    if let date = options.date { variables["date_string"] = .text(date) }
    return variables
  }

  // MARK: Going on with a message

  /// Stands where the last message ends; the space shows whether the template cuts white space off.
  private static let mark = "\u{1}\u{2} "

  private static func cut(_ text: String, _ content: String) throws -> String {
    let (scalars, mark) = ([Unicode.Scalar](text), [Unicode.Scalar](mark))
    guard let end = scalars.last(mark.dropLast()),
      scalars.first([Unicode.Scalar](content).stripped()) != nil
    else {
      throw ChatTemplateError(
        "The last message cannot be continued: this model's template leaves out a part of it, "
          + "such as what stands before </think>.")
    }
    let before = Array(scalars[..<end])
    return (scalars.has(mark, at: end) ? before : before.stripped(start: false)).asString
  }
}

/// What a template lets one choose.
public struct ChatOptions: Equatable, Sendable {
  /// Whether the model is to think first, where the template has a switch; nil leaves the template's
  /// default.
  public var thinks: Bool?
  /// The date that templates write which say what day it is, as in `26 Jul 2024`.
  public var date: String?

  /// Choices; nil is the template's default.
  public init(thinks: Bool? = nil, date: String? = nil) {
    self.thinks = thinks
    self.date = date
  }
}

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
