import Trajectories

/// Messages as chat templates take them, in the spellings that dumps have.
enum Conversation {
  /// The messages of a prompt; a text is one message of the user.
  static func messages(
    _ value: DumpValue, _ name: String
  ) throws(DumpFault) -> [DumpedMessage] {
    if let text = value.text { return [DumpedMessage(role: .user, content: text)] }
    guard let list = value.list else { throw .ofWrongKind(name) }
    var messages: [DumpedMessage] = []
    for message in list { messages.append(try self.message(message, name)) }
    return messages
  }

  /// The segments of a response; a text is one segment of the policy.
  static func segments(
    _ value: DumpValue, _ name: String
  ) throws(DumpFault) -> [DumpedSegment] {
    if let text = value.text { return [DumpedSegment(role: .assistant, text: text)] }
    return segments(try messages(value, name))
  }

  /// Messages as segments; a line ends each but the last.
  static func segments(_ messages: [DumpedMessage]) -> [DumpedSegment] {
    messages.indices.map { index in
      var text = messages[index].content
      if index < messages.count - 1, !text.hasSuffix("\n") { text += "\n" }
      return DumpedSegment(role: messages[index].role, text: text)
    }
  }

  /// Where the response of a conversation begins: at the first message of the policy.
  ///
  /// With `last`, at the last one: what a model is taught or asked for.
  static func split(
    _ messages: [DumpedMessage], last: Bool = false
  ) -> (prompt: [DumpedMessage], response: [DumpedMessage]) {
    let place =
      last
      ? messages.lastIndex { $0.role == .assistant }
      : messages.firstIndex { $0.role == .assistant }
    let cut = place ?? messages.count
    return (Array(messages[..<cut]), Array(messages[cut...]))
  }

  /// A prompt as text.
  static func text(_ messages: [DumpedMessage]) -> String {
    messages.map(\.content).joined(separator: "\n")
  }

  private static func message(
    _ value: DumpValue, _ name: String
  ) throws(DumpFault) -> DumpedMessage {
    guard value.isObject else { throw .ofWrongKind(name) }
    let role = value["role"]?.text ?? value["from"]?.text ?? ""
    let content = (value["content"] ?? value["value"]).map(text) ?? ""
    return DumpedMessage(
      role: DumpedRole(word: role), content: reasoning(value) + content + calls(value))
  }

  /// A text, or parts of text and reasoning; what is no text is named in brackets.
  private static func text(_ content: DumpValue) -> String {
    if let text = content.text { return text }
    return (content.list ?? [content]).map { part in
      if let text = part.text ?? part["text"]?.text { return text }
      if let reasoning = part["reasoning"]?.text ?? part["thinking"]?.text {
        return thought(reasoning)
      }
      return part["type"]?.text.map { "[\($0)]" } ?? ""
    }.joined()
  }

  private static func reasoning(_ message: DumpValue) -> String {
    let key = ["reasoning_content", "reasoning"].first { message[$0]?.text?.isEmpty == false }
    return key.flatMap { message[$0]?.text }.map(thought) ?? ""
  }

  private static func thought(_ text: String) -> String { "<think>\n\(text)\n</think>\n\n" }

  /// Calls of tools, one a line.
  private static func calls(_ message: DumpValue) -> String {
    (message["tool_calls"]?.list ?? []).map { call in
      let function = call["function"]
      let name = function?["name"]?.text ?? function?.text ?? call["name"]?.text ?? "tool"
      let arguments = function?["arguments"] ?? call["arguments"]
      return "\n\(name)(\(arguments?.written ?? ""))"
    }.joined()
  }
}

extension DumpValue {
  /// It as JSON, near enough to be read by a person.
  var written: String {
    if let words = text ?? words { return words }
    if let members {
      let parts = members.map { "\"\($0.name)\": \($0.value.quoted)" }
      return "{" + parts.joined(separator: ", ") + "}"
    }
    return list.map { "[" + $0.map(\.quoted).joined(separator: ", ") + "]" } ?? "null"
  }

  private var quoted: String { text.map { "\"\($0)\"" } ?? written }
}
