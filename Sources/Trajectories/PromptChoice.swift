/// How a problem is put to a policy.
public struct PromptChoice: Codable, Equatable, Sendable {
  /// Whether a model's chat template is used.
  public var chat = ChatUse.auto
  /// What the system turn says; empty leaves it to the model's template.
  public var system = ""
  /// Problems that are shown with their worked answers before the question, `;` between them.
  public var examples = ""
  /// Whether a model with a switch for thinking thinks before it answers.
  public var thinking = Thinking.auto
  /// The date that templates write which say the day, such as 26 Jul 2024; empty for none.
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
