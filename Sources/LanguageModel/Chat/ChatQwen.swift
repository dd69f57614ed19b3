extension ChatRendering {
  /// QwQ: of answers before the last message, what was thought is left out; the answer to come
  /// begins with thinking.
  var qwq: String {
    var text = ""
    for (index, message) in messages.enumerated() {
      let isEarlier = message.role == "assistant" && index + 1 < messages.count
      let content = isEarlier ? message.content.afterLast("</think>") : message.content
      text += turn(message.role, isEarlier ? content.stripped(of: ["\n"], end: false) : content)
    }
    return answers ? text + ChatRendering.answer + "<think>\n" : text
  }

  /// Qwen3 without tools: what was thought stays only in answers after the last question.
  ///
  /// - Parameter begin: Begins the answer to come.
  /// - Returns: The text.
  func qwen3(begin: String) -> String {
    // Without any question the template takes all messages as older than one.
    let question = messages.lastIndex(where: isQuestion) ?? messages.count - 1
    var text = ""
    for (index, message) in messages.enumerated() {
      guard message.role == "assistant" else {
        text += turn(message.role, message.content)
        continue
      }
      let (thought, said) = message.content.thoughtAndSaid
      let isLast = index + 1 == messages.count
      if index > question, isLast || !thought.isEmpty {
        let thought = thought.stripped(of: ["\n"])
        let said = said.stripped(of: ["\n"], end: false)
        text += turn(message.role, "<think>\n\(thought)\n</think>\n\n\(said)")
      } else {
        text += turn(message.role, said)
      }
    }
    return answers ? text + ChatRendering.answer + begin : text
  }

  private func isQuestion(_ message: ChatMessage) -> Bool {
    let bytes = Array(message.content.utf8)
    let isResponse =
      bytes.starts(with: Array("<tool_response>".utf8))
      && bytes.reversed().starts(with: "</tool_response>".utf8.reversed())
    return message.role == "user" && !isResponse
  }
}

extension String {
  /// What stands between `<think>` and the first `</think>`, and what follows the last `</think>`.
  fileprivate var thoughtAndSaid: (thought: String, said: String) {
    guard utf8Contains("</think>") else { return ("", self) }
    let said = afterLast("</think>").stripped(of: ["\n"], end: false)
    let before = beforeFirst("</think>").stripped(of: ["\n"], start: false)
    return (before.afterLast("<think>").stripped(of: ["\n"], end: false), said)
  }
}
