/// What a response to a sum says.
struct SumAnswer {
  /// The response without the text of its end token.
  let text: String

  /// A response; the text of an end token such as `<|im_end|>` or `</s>` may stand at its end.
  init(_ response: String) { text = Self.withoutEnd(response) }

  /// The number after the last `Answer:`, or the whole response where it has no such mark.
  ///
  /// reasoning-gym's rule holds for it: a whole number with or without sign, leading zeros and a
  /// decimal part of zeros, and nothing else beside white space.
  var value: Int? {
    let parts = TaskVocabulary.split(text).map(String.init)
    let words = parts.filter { $0 != TaskVocabulary.newline }
    let said = words.lastIndex(of: Sum.marker).map { words[($0 + 1)...] } ?? words[...]
    guard said.count == 1, let word = said.first else { return nil }
    return Self.number(word)
  }

  /// Whether the response is that solution word for word.
  func isSolution(_ solution: String) -> Bool {
    var words = TaskVocabulary.split(text)
    while words.last == "\n" { words.removeLast() }
    return words == TaskVocabulary.split(solution)
  }

  private static func number(_ word: String) -> Int? {
    let digits = word.first == "+" || word.first == "-" ? word.dropFirst() : word[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy(isDigit),
      parts.count < 2 || parts[1].allSatisfy({ $0 == "0" }), let whole = Int(parts[0])
    else { return nil }
    return word.first == "-" ? -whole : whole
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  /// The text before an end token's; the text as it is where it ends otherwise.
  static func withoutEnd(_ text: String) -> String {
    if text.hasSuffix("</s>") { return String(text.dropLast(4)) }
    guard text.hasSuffix("|>") else { return text }
    var start = text.endIndex
    while start > text.startIndex {
      text.formIndex(before: &start)
      guard text[start] == "<" else { continue }
      let next = text.index(after: start)
      return text[next...].hasPrefix("|") ? String(text[..<start]) : text
    }
    return text
  }
}
