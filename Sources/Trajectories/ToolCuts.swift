/// Where calls of tools and their results end in a text.
///
/// Known are the closing tags of Hermes and Qwen, Llama, Mistral and harmony, those of agents that
/// search or run code, and fenced blocks of code, which are calls and results at once.
enum ToolCuts {
  private static let marks = [
    "</tool_call>", "</tool_response>", "</function_calls>", "</function_results>", "</function>",
    "[/TOOL_CALLS]", "[/TOOL_RESULTS]", "<|eom_id|>", "<|call|>", "</search>", "</information>",
    "</result>", "</code>", "</execution_result>", "</python>", "</interpreter>",
  ]

  /// Offsets after each, the newlines that follow included; rising.
  static func all(in bytes: [UInt8]) -> [Int] {
    var found = Set(CodeBlocks.all(in: bytes).map { newlines(bytes, from: $0.span.upperBound) })
    for place in bytes.indices
    where bytes[place] == UInt8(ascii: "<")
      || bytes[place] == UInt8(ascii: "[")
    {
      for mark in marks where bytes.holds(mark, at: place) {
        found.insert(newlines(bytes, from: place + mark.utf8.count))
      }
    }
    return found.sorted()
  }

  private static func newlines(_ bytes: [UInt8], from start: Int) -> Int {
    var end = start
    while end < bytes.count, bytes[end] == Sign.newline { end += 1 }
    return end
  }
}
