/// The families of chat templates that Crux writes.
public enum ChatFamily: String, CaseIterable, Sendable {
  /// `<|im_start|>role … <|im_end|>`, as SmolLM2, Qwen2, Qwen2.5 and others have it.
  case chatML = "chatml"
  /// Qwen3 with a switch for thinking.
  case qwen3 = "qwen3"
  /// Qwen3 that always thinks.
  case qwen3Thinking = "qwen3-thinking"
  /// QwQ, which always thinks.
  case qwq = "qwq"
  /// Llama 3.
  case llama3 = "llama3"
  /// Llama 3.1 and 3.3, which say a date.
  case llama31 = "llama3.1"
  /// Llama 3.2, which says the day's date.
  case llama32 = "llama3.2"
  /// The models that DeepSeek-R1 was distilled into.
  case deepSeekDistilled = "deepseek-r1-distill"

  /// Refuses roles that the template drops or treats in a way of its own, and a switch that it has
  /// not.
  func check(_ messages: [ChatMessage], _ options: ChatOptions) throws {
    guard options.thinks == nil || self == .qwen3 else {
      throw ChatTemplateError(
        "Thinking cannot be switched on or off: the chat template \(rawValue) has no such switch.")
    }
    let known = ["system", "user", "assistant"]
    for message in messages where !known.contains(message.role) {
      throw ChatTemplateError(
        "A message has the role \(quoted(message.role)); Crux writes system, user and assistant.")
    }
  }

  /// The conversation as this family writes it.
  func text(_ chat: ChatRendering) throws -> String {
    switch self {
    case .chatML: chat.chatML
    case .qwen3: chat.qwen3(begin: chat.options.thinks == false ? "<think>\n\n</think>\n\n" : "")
    case .qwen3Thinking: chat.qwen3(begin: "<think>\n")
    case .qwq: chat.qwq
    case .llama3: chat.llama3
    case .llama31: chat.llama3(date: chat.options.date ?? ChatRendering.llamaDate)
    case .llama32: chat.llama3(date: try chat.dayOfToday)
    case .deepSeekDistilled: chat.deepSeekDistilled
    }
  }
}
