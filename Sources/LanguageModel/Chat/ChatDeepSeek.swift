extension ChatRendering {
  /// The models distilled from DeepSeek-R1: the last system message first, then the turns; what was
  /// thought is left out, and the answer to come begins with thinking.
  var deepSeekDistilled: String {
    var text = template.beginToken + (messages.last { $0.role == "system" }?.content ?? "")
    for message in messages {
      switch message.role {
      case "user": text += "<｜User｜>" + message.content
      case "assistant":
        text += "<｜Assistant｜>" + message.content.afterLast("</think>") + "<｜end▁of▁sentence｜>"
      default: break
      }
    }
    return answers ? text + "<｜Assistant｜><think>\n" : text
  }
}
