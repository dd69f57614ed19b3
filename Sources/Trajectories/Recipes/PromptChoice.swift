/// How a problem is put to a policy.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct PromptChoice: Equatable, Sendable {
  public var chat = ChatUse.auto
  public var system = ""
  public var examples = ""
  public var thinking = Thinking.auto
  public var date = ""

  /// The defaults.
  public init() {}

  /// Whether something is chosen that only a chat template can say.
  public var needsTemplate: Bool { !system.isEmpty || thinking != .auto || !date.isEmpty }

  /// The problems of `examples`, each without white space about it.
  public var exampleTexts: [String] {
    examples.split(separator: ";").map { part in
      let kept = part.drop(while: \.isWhitespace)
      return String(kept.reversed().drop(while: \.isWhitespace).reversed())
    }.filter { !$0.isEmpty }
  }
}

extension PromptChoice {
  static let keys: [RecipeKey] = [
    .word("prompt.chat", \.prompt.chat, "Whether a model's chat template is used."),
    .text(
      "prompt.system", \.prompt.system, "a text",
      "What the system turn says; empty leaves it to the model's template.", read: .chat),
    .text(
      "prompt.examples", \.prompt.examples, "problems",
      "Problems that are shown with their worked answers before the question, ; between them.",
      read: .chat),
    .word(
      "prompt.thinking", \.prompt.thinking,
      "Whether a model with a switch for thinking thinks before it answers.", read: .chat),
    .text(
      "prompt.date", \.prompt.date, "a text",
      "The date that templates write which say the day, such as 26 Jul 2024; empty for none.",
      read: .chat),
  ]
}

/// Whether a model's chat template is used.
public enum ChatUse: String, Codable, CaseIterable, Equatable, Sendable {
  /// Where the model has one.
  case auto
  /// Never: the policy reads the problem's text alone.
  case off
}

/// Whether a model with a switch for thinking thinks before it answers.
public enum Thinking: String, Codable, CaseIterable, Equatable, Sendable {
  /// As the model's template does by itself.
  case auto
  /// It thinks.
  case on
  /// It answers at once.
  case off
}

extension Recipe {
  /// What does not fit about the prompt.
  var promptContradictions: [String] {
    guard prompt.chat == .off, prompt.needsTemplate || !prompt.exampleTexts.isEmpty else {
      return []
    }
    return [
      "prompt.chat is \"off\", so prompt.system, prompt.examples, prompt.thinking and prompt.date "
        + "would not be read; leave them out or set prompt.chat to \"auto\"."
    ]
  }
}

extension RecipeKey.Reading {
  fileprivate static let chat = RecipeKey.Reading(
    "where the model has a chat template and prompt.chat is auto"
  ) { $0.prompt.chat == .auto }
}
