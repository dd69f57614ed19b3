/// The answer in a longer text.
///
/// Looked for in this order: the last `\boxed{…}` (several with only commas between them are one
/// list), an `answer` in a JSON object, what the last `<answer>…</answer>` holds, what follows the
/// last `####`, what follows the last “answer
/// is” or “Answer:”, the whole text where it is short enough to be an answer, the last formula
/// between dollars, and the last line. What stands in `<think>…</think>` is not looked at, unless
/// there is nothing else.
public struct ExtractedAnswer: Equatable, Sendable {
  /// Where an answer was found.
  public enum Place: String, Codable, Sendable {
    case boxed, json, tagged, hashes, said, whole, formula, line
  }

  /// The answer as it stands there.
  public let text: String
  /// Where it was found.
  public let place: Place

  /// Characters at the end of a response in which the answer is looked for.
  private static let reach = 1 << 16

  /// Finds the answer of a response.
  public init(of response: String) {
    let text = Self.afterThinking(String(response.suffix(Self.reach)))
    let found: (String, Place)? =
      Self.boxed(in: text).map { ($0, .boxed) } ?? Self.member(of: text).map { ($0, .json) }
      ?? Self.tagged(in: text).map { ($0, .tagged) }
      ?? Self.after(["####"], in: text, wholeLine: true).map { ($0, .hashes) }
      ?? Self.said(in: text).map { ($0, .said) }
    let whole = text.trimmed(while: \.isWhitespace)
    if let found {
      (self.text, place) = found
    } else if whole.count <= 200, !whole.contains("\n"), AnswerEquivalence.isReadable(whole) {
      (self.text, place) = (whole, .whole)
    } else if let formula = Self.formula(in: whole) {
      (self.text, place) = (formula, .formula)
    } else {
      (self.text, place) = (Self.lastLine(of: whole), .line)
    }
  }

  /// Whether this is the reference, as `AnswerEquivalence` has it.
  ///
  /// In a sentence the last number counts where the reference is a number, and the last word where
  /// it is a word.
  public func matches(_ reference: String) -> Bool {
    let wanted = Self.boxed(in: reference) ?? reference
    if AnswerEquivalence.isEquivalent(text, to: wanted) { return true }
    if WrittenAnswer(wanted).choice != nil {
      return ChoiceLetter.letter(in: text).map { String($0) }
        .map { AnswerEquivalence.isEquivalent($0, to: wanted) } ?? false
    }
    guard !AnswerEquivalence.isReadable(text) else { return false }
    return SentenceEnd.answer(of: text, like: wanted)
      .map { AnswerEquivalence.isEquivalent($0, to: wanted) } ?? false
  }
}

// Where the answer stands.
extension ExtractedAnswer {
  private static func afterThinking(_ text: String) -> String {
    guard let end = text.places(of: "</think>").last else { return text }
    let rest = String(text[end.upperBound...])
    return rest.contains { !$0.isWhitespace } ? rest : text
  }

  /// What the last boxes hold, those joined that have only a comma or “and” between them.
  static func boxed(in text: String) -> String? {
    var contents: [String] = []
    var end: String.Index?
    // Only the last ones can be the answer.
    for range in text.places(of: "\\boxed").suffix(16) {
      guard let (inside, after) = group(in: text, from: range.upperBound) else { continue }
      if let end, end <= range.lowerBound, !isJoint(text[end..<range.lowerBound]) { contents = [] }
      contents.append(inside)
      end = after
    }
    return contents.isEmpty ? nil : contents.joined(separator: ", ")
  }

  /// What the last `<answer>…</answer>` holds.
  static func tagged(in text: String) -> String? {
    guard let end = text.places(of: "</answer>").last,
      let start = text.places(of: "<answer>").last(where: { $0.upperBound <= end.lowerBound })
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound]).trimmed(while: \.isWhitespace)
  }

  private static func isJoint(_ between: Substring) -> Bool {
    let words = between.split { $0.isWhitespace || ",;$".contains($0) }
    return words.allSatisfy { $0.lowercased() == "and" || $0.lowercased() == "or" }
  }

  /// The text in the braces that begin here; up to the end where they are not closed.
  private static func group(in text: String, from start: String.Index) -> (String, String.Index)? {
    var place = start
    while place < text.endIndex, text[place].isWhitespace { place = text.index(after: place) }
    guard place < text.endIndex, text[place] == "{" else { return nil }
    let first = text.index(after: place)
    var depth = 0
    let limit = text.index(first, offsetBy: 4 * MathScanner.lengthLimit, limitedBy: text.endIndex)
    while place < limit ?? text.endIndex {
      if text[place] == "{" { depth += 1 }
      if text[place] == "}" { depth -= 1 }
      if depth == 0 { return (String(text[first..<place]), text.index(after: place)) }
      place = text.index(after: place)
    }
    return nil
  }

  /// What follows “answer is” or “Answer:”, up to the end of the sentence.
  private static func said(in text: String) -> String? {
    let marks = [
      "answer is", "answer is:", "answer:", "answer :", "answer should be", "answer must be",
      "answer would be", "answer =", "answer**:", "answer:**",
    ]
    return after(marks, in: text, wholeLine: false)
  }

  /// What follows the last of these marks on its line, whatever the case of the marks.
  private static func after(_ marks: [String], in text: String, wholeLine: Bool) -> String? {
    let lower = text.lowercased()
    // Lower case may have other lengths in some scripts; then the marks are looked for as they are.
    let searched = lower.count == text.count ? lower : text
    let ends = marks.flatMap { searched.places(of: $0).map(\.upperBound) }
    guard let end = ends.max() else { return nil }
    let distance = searched.distance(from: searched.startIndex, to: end)
    let rest = text.dropFirst(distance).drop { $0.isWhitespace || ":*".contains($0) }
    let line = rest.prefix { !$0.isNewline }
    let found = wholeLine ? String(line) : sentence(line)
    let isEmpty = !found.contains { $0.isLetter || $0.isNumber || "∞∅<>()[]{}".contains($0) }
    return isEmpty ? nil : found
  }

  /// Up to a full stop that ends a sentence.
  private static func sentence(_ line: Substring) -> String {
    var previous: Character?
    for place in line.indices {
      let next = line.index(after: place)
      if line[place] == ".", next < line.endIndex, line[next].isWhitespace, previous != nil {
        return String(line[..<place])
      }
      previous = line[place]
    }
    return String(line)
  }

  /// The last text between dollars or `\(…\)`.
  static func formula(in text: String) -> String? {
    let closed = text.replaced("\\(", with: "$").replaced("\\)", with: "$")
      .replaced("\\[", with: "$").replaced("\\]", with: "$").replaced("$$", with: "$")
      .replaced("\\$", with: "")
    let parts = closed.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count >= 3 else { return nil }
    let formulas = stride(from: 1, to: parts.count - (parts.count % 2 == 0 ? 1 : 0), by: 2)
      .filter { !isMoney(parts[$0], before: parts[$0 + 1]) }.map { parts[$0] }
    return formulas.last { $0.contains { $0.isLetter || $0.isNumber } && $0.count <= 1000 }
      .map(String.init)
  }

  /// Whether two dollar signs are amounts, no fences: `$240 / 6 = $40`.
  private static func isMoney(_ part: Substring, before next: Substring) -> Bool {
    part.first?.isASCIIDigit == true && next.first?.isASCIIDigit == true
  }

  private static func lastLine(of text: String) -> String {
    text.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } }
      .map(String.init) ?? ""
  }
}
