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

/// The turns of a conversation, whatever they hold, and the tools that the model may call.
public struct ChatConversation: Sendable {
  /// Objects with `role`, mostly `content`, and perhaps `tool_calls` or `reasoning_content`.
  let messages: [JSON]
  /// An array of tools as JSON schemas; nil where there are none.
  let tools: JSON?

  /// Whether there are tools.
  public var hasTools: Bool { tools?.array?.isEmpty == false }
  /// Whether the model spoke last, so that no answer is to come.
  public var endsWithAnswer: Bool { messages.last?["role"]?.string == "assistant" }

  /// A conversation of turns that only say something.
  public init(_ messages: [ChatMessage]) {
    self.messages = messages.map { ["role": .string($0.role), "content": .string($0.content)] }
    tools = nil
  }

  /// Reads a conversation: an array of messages, or an object with `messages` and perhaps `tools`.
  ///
  /// As in transformers, what is null in a message counts as not given, and what was thought is found
  /// under `reasoning_content` by whichever of its names it was given.
  ///
  /// - Parameters:
  ///   - bytes: JSON.
  ///   - file: Named in errors.
  /// - Throws: `ModelFileError` where it is none.
  public init(parsing bytes: [UInt8], file: String) throws {
    let json = try JSONReader.read(bytes, file: file)
    guard let messages = (json["messages"] ?? json).array,
      messages.allSatisfy({ $0["role"]?.string != nil })
    else {
      throw ModelFileError(
        file: file,
        problem: "it is no conversation; write a list of messages with ‘role’ and ‘content’, or an "
          + "object with ‘messages’ and ‘tools’.")
    }
    if let tools = json["tools"], !tools.isNull, tools.array == nil {
      throw ModelFileError(file: file, problem: "‘tools’ is no list of JSON schemas.")
    }
    self.messages = messages.map(ChatConversation.normal)
    tools = json["tools"].flatMap { $0.isNull ? nil : $0 }
  }

  private init(messages: [JSON], tools: JSON?) { (self.messages, self.tools) = (messages, tools) }

  private static func normal(_ message: JSON) -> JSON {
    var result = JSON.object((message.members ?? []).filter { !$0.value.isNull })
    let names = ["reasoning_content", "thinking", "reasoning"]
    if let thought = names.lazy.compactMap({ result[$0] }).first {
      if result["thinking"] == nil { result.set("thinking", thought) }
      result.set("reasoning_content", thought)
    }
    return result
  }

  /// With a mark at the end of the last message, and what that message said before.
  func marking(_ mark: String) throws -> (conversation: ChatConversation, content: String) {
    guard var last = messages.last, let content = last["content"] else {
      throw ChatTemplateError("The last message has no content to go on with.")
    }
    if let text = content.string {
      last.set("content", .string(text + mark))
      let marked = ChatConversation(messages: messages.dropLast() + [last], tools: tools)
      return (marked, text)
    }
    guard var parts = content.array,
      let index = parts.lastIndex(where: { $0["text"]?.string != nil }),
      let text = parts[index]["text"]?.string
    else { throw ChatTemplateError("The last message has no text to go on with.") }
    parts[index].set("text", .string(text + mark))
    last.set("content", .array(parts))
    let marked = ChatConversation(messages: messages.dropLast() + [last], tools: tools)
    return (marked, text)
  }
}

/// What is wrong with a conversation or with the wish how to write it, as a sentence.
public struct ChatTemplateError: Error, Equatable, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String

  /// An error that says this.
  public init(_ description: String) { self.description = description }
}
