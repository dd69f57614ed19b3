/// One turn of a conversation.
public struct ChatMessage: Equatable, Sendable, Codable {
  /// Who speaks: `system`, `user` or `assistant`.
  public var role: String
  /// What is said.
  public var content: String

  /// A turn with both given.
  public init(role: String, content: String) {
    self.role = role
    self.content = content
  }

  /// What sets the stage, before all other turns.
  public static func system(_ content: String) -> ChatMessage {
    ChatMessage(role: "system", content: content)
  }

  /// What the person says.
  public static func user(_ content: String) -> ChatMessage {
    ChatMessage(role: "user", content: content)
  }

  /// What the model says.
  public static func assistant(_ content: String) -> ChatMessage {
    ChatMessage(role: "assistant", content: content)
  }
}

/// What is wrong with a conversation or with the wish how to write it, as a sentence.
public struct ChatTemplateError: Error, Equatable, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String

  /// An error that says this.
  public init(_ description: String) { self.description = description }
}
