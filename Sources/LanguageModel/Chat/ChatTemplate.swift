/// How a family of models writes a conversation as one text.
///
/// A model's template is a program in Jinja. Crux runs none: it recognises the templates of the
/// families it knows, whole, and writes what they write. One that differs in anything that could
/// show is not recognised.
public struct ChatTemplate: Equatable, Sendable {
  /// The family whose layout is written.
  public let family: ChatFamily
  /// The system message that stands where a conversation has none; nil where there is no such.
  public let defaultSystemMessage: String?
  /// The text of the token that begins a text, which some families write themselves.
  public let beginToken: String
  /// The text of the token that ends a turn, which some families take from the tokenizer.
  public let endToken: String

  /// A family's layout, chosen by hand.
  ///
  /// - Parameters:
  ///   - family: The family.
  ///   - defaultSystemMessage: Written where a conversation has no system message.
  ///   - beginToken: Text of the tokenizer's `bos_token`; empty where it has none.
  ///   - endToken: Text of the tokenizer's `eos_token`; empty where it has none.
  public init(
    family: ChatFamily, defaultSystemMessage: String? = nil, beginToken: String = "",
    endToken: String = ""
  ) {
    self.family = family
    self.defaultSystemMessage = defaultSystemMessage
    self.beginToken = beginToken
    self.endToken = endToken
  }

  /// The conversation as the text that the model was trained on.
  ///
  /// Turn it into tokens without adding special ones: where a text begins with one, the family
  /// writes it itself.
  ///
  /// - Parameters:
  ///   - messages: The turns, the first one first.
  ///   - addGenerationPrompt: Whether the header of an answer follows.
  ///   - continueFinalMessage: Whether the text stops where the last message's content does, so
  ///     that the model goes on with that message. Not both.
  ///   - options: What the template lets one choose.
  /// - Returns: The text.
  /// - Throws: `ChatTemplateError` where the family cannot say that.
  public func render(
    _ messages: [ChatMessage], addGenerationPrompt: Bool, continueFinalMessage: Bool = false,
    options: ChatOptions = ChatOptions()
  ) throws -> String {
    guard var last = messages.last else {
      throw ChatTemplateError("The conversation has no message; give it at least one.")
    }
    try family.check(messages, options)
    guard continueFinalMessage else {
      return try family.text(
        ChatRendering(
          template: self, messages: messages, answers: addGenerationPrompt, options: options))
    }
    guard !addGenerationPrompt else {
      throw ChatTemplateError(
        "A text cannot both go on with the last message and begin a new answer; choose one.")
    }
    last.content += ChatTemplate.mark
    let text = try family.text(
      ChatRendering(
        template: self, messages: messages.dropLast() + [last], answers: false, options: options))
    return try ChatTemplate.cut(text, messages.last?.content ?? "")
  }

  /// Stands where the last message ends; the space shows whether the family cuts white space off.
  private static let mark = "\u{1}\u{2} "

  private static func cut(_ text: String, _ content: String) throws -> String {
    let bytes = Array(text.utf8)
    guard let start = bytes.lastIndex(of: 1), bytes[start...].starts(with: [1, 2]),
      content.isEmpty || text.utf8Contains(content.strippedOfSpace)
    else {
      throw ChatTemplateError(
        "The last message cannot be continued: this model's template leaves out a part of it, "
          + "such as what stands before </think>.")
    }
    let before = String(decoding: bytes[..<start], as: UTF8.self)
    return bytes[start...].starts(with: mark.utf8) ? before : before.strippedOfSpaceAtEnd
  }
}

/// What a template lets one choose.
public struct ChatOptions: Equatable, Sendable {
  /// Whether the model is to think first, where the family has a switch; nil leaves the family's
  /// default.
  public var thinks: Bool?
  /// The date that families write which say what day it is, as in `26 Jul 2024`.
  public var date: String?

  /// Choices; nil is the family's default.
  public init(thinks: Bool? = nil, date: String? = nil) {
    self.thinks = thinks
    self.date = date
  }
}

/// All that a family needs to write a conversation.
struct ChatRendering {
  /// The texts of the model.
  var template: ChatTemplate
  /// The turns, at least one.
  var messages: [ChatMessage]
  /// Whether the header of an answer follows.
  var answers: Bool
  /// What was chosen.
  var options: ChatOptions

  /// The content of the first message where it is a system message; nil elsewhere.
  var systemMessage: String? {
    messages.first.flatMap { $0.role == "system" ? $0.content : nil }
  }
}
