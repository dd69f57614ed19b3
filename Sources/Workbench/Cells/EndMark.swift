/// Marks with which models end an answer, beside all of the form `<|…|>`.
private let endMarks = ["</s>", "<eos>", "<end_of_turn>", "<｜end▁of▁sentence｜>"]

/// The text without the mark that ends an answer, where it ends with one such as `<|im_end|>`.
public func withoutEndMark(_ text: String) -> String {
  if let mark = endMarks.first(where: text.hasSuffix) { return String(text.dropLast(mark.count)) }
  guard text.hasSuffix("|>"), let start = text.lastIndex(of: "<") else { return text }
  let inside = text[text.index(after: start)...].dropLast(2)
  let isName = inside.dropFirst().allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  return inside.first == "|" && inside.count > 1 && isName ? String(text[..<start]) : text
}
