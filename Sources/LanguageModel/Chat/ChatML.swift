extension ChatRendering {
  /// ChatML: every turn between its markers, and a default system message where there is one.
  var chatML: String {
    var text = ""
    if systemMessage == nil, let message = template.defaultSystemMessage {
      text += turn("system", message)
    }
    for message in messages { text += turn(message.role, message.content) }
    return answers ? text + ChatRendering.answer : text
  }

  /// One turn of ChatML.
  func turn(_ role: String, _ content: String) -> String {
    "<|im_start|>\(role)\n\(content)<|im_end|>\n"
  }

  /// The header of an answer in ChatML.
  static let answer = "<|im_start|>assistant\n"
}
