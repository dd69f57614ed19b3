extension ChatRendering {
  /// The date in the template of Llama 3.1, which stands where none is passed.
  static let llamaDate = "26 Jul 2024"

  /// Llama 3: every turn after a header, white space around it cut off.
  var llama3: String { template.beginToken + llamaTurns(messages[...]) }

  /// Llama 3.1 and later without tools: a system turn always, with dates.
  func llama3(date: String) -> String {
    let system = systemMessage
    let dates = "Cutting Knowledge Date: December 2023\nToday Date: \(date)\n\n"
    return template.beginToken + ChatRendering.header("system") + dates
      + (system ?? "").strippedOfSpace + "<|eot_id|>"
      + llamaTurns(system == nil ? messages[...] : messages.dropFirst())
  }

  /// The day's date, which must have been passed.
  var dayOfToday: String {
    get throws {
      if let date = options.date { return date }
      throw ChatTemplateError(
        "This model's template says today's date; give the date to write, such as "
          + "\(ChatRendering.llamaDate), as prompt.date of a recipe or with --date, so that a run "
          + "can be repeated.")
    }
  }

  private func llamaTurns(_ turns: ArraySlice<ChatMessage>) -> String {
    let texts = turns.map {
      ChatRendering.header($0.role) + $0.content.strippedOfSpace + "<|eot_id|>"
    }
    return texts.joined() + (answers ? ChatRendering.header("assistant") : "")
  }

  private static func header(_ role: String) -> String {
    "<|start_header_id|>\(role)<|end_header_id|>\n\n"
  }
}
