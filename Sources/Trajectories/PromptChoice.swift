/// How a problem is put to a policy.
public struct PromptChoice: Codable, Equatable, Sendable {
  /// Whether a model's chat template is used.
  public var chat = ChatUse.auto
  /// What the system turn says; empty leaves it to the model's template.
  public var system = ""
  /// Problems that are shown with their worked answers before the question, `;` between them.
  public var examples = ""

  /// The defaults.
  public init() {}

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
