import Foundation

/// The answer in a longer text.
///
/// Looked for in this order: the last `\boxed{…}` or `\fbox{…}` that is not empty (several with only
/// commas between them are one list), an `answer` in a JSON object, what the last
/// `<answer>…</answer>` holds, what follows the last `####`, what follows the last “answer is” or
/// “Answer:”, the whole text where it is short enough to be an answer, and the last line. What stands
/// in `<think>…</think>` is not looked at, unless there is nothing else.
public struct ExtractedAnswer: Equatable, Sendable {
  /// Where an answer was found.
  public enum Place: String, Codable, Sendable {
    case boxed, json, tagged, hashes, said, whole, line
  }

  /// The answer as it stands there.
  public let text: String
  /// Where it was found.
  public let place: Place
  /// The end of the response, without its thinking.
  let response: String

  /// Characters at the end of a response in which the answer is looked for.
  private static let reach = 1 << 16

  /// Finds the answer of a response.
  public init(of response: String) {
    let text = Self.afterThinking(String(response.suffix(Self.reach)))
    self.response = text
    let found: (String, Place)? =
      Self.boxed(in: text).map { ($0, .boxed) } ?? Self.member(of: text).map { ($0, .json) }
      ?? Self.tagged(in: text).map { ($0, .tagged) }
      ?? Self.afterHashes(in: text).map { ($0, .hashes) }
      ?? StatedAnswer.passage(in: text).map { ($0, .said) }
    let whole = text.trimmed(while: \.isWhitespace)
    if let found {
      (self.text, place) = found
    } else if whole.count <= 200, !whole.contains("\n"), AnswerEquivalence.isReadable(whole) {
      (self.text, place) = (whole, .whole)
    } else {
      (self.text, place) = (Self.lastLine(of: whole), .line)
    }
  }

  /// What may be the answer, in the form of a reference.
  ///
  /// That is the text as it stands where it can be read, else what a sentence says the answer is. What
  /// stands in a box and cannot be read is nothing.
  func candidates(like reference: String) -> [String] {
    if AnswerEquivalence.isEquivalent(text, to: reference) { return [text] }
    let bare = Sentence.withoutLabel(text, besides: ["a"])
    if bare != text, WrittenAnswer(bare).isMathematics { return [bare] }
    if WrittenAnswer(text).isMathematics { return [text] }
    if place == .boxed { return [] }
    if place == .line { return Sentence.atEnd(of: response).map { [$0] } ?? [] }
    return Sentence(text).stated.map { [$0] } ?? []
  }

  /// The answer in few words, to be shown, counted and agreed with.
  public var shown: String {
    if AnswerEquivalence.isReadable(text) || place == .boxed { return WrittenAnswer(text).text }
    let letter = ChoiceAnswer.letter(of: self).map { String($0) }
    return candidates(like: "").first ?? letter ?? WrittenAnswer(text).text
  }
}

// Where the answer stands.
extension ExtractedAnswer {
  private static func afterThinking(_ text: String) -> String {
    guard let end = text.places(of: "</think>").last else { return text }
    let rest = String(text[end.upperBound...])
    return rest.contains { !$0.isWhitespace } ? rest : text
  }

  /// What the last boxes hold that are not empty, those joined that have only a comma or “and”
  /// between them; nothing where the last one is never closed.
  static func boxed(in text: String) -> String? {
    var contents: [String] = []
    var end: String.Index?
    let places = (text.places(of: "\\boxed") + text.places(of: "\\fbox")).sorted {
      $0.lowerBound < $1.lowerBound
    }
    // Only the last ones can be the answer.
    for range in places.suffix(16) {
      guard let (inside, after) = group(in: text, from: range.upperBound) else { continue }
      guard let after else {
        (contents, end) = ([""], nil)
        continue
      }
      if inside.allSatisfy({ $0.isWhitespace || $0 == "$" || $0 == "." }) { continue }
      let isJoined = end.map { $0 <= range.lowerBound && isJoint(text[$0..<range.lowerBound]) }
      if isJoined != true { contents = [] }
      contents.append(inside)
      end = after
    }
    if let end, isTakenBack(text[end...]) { return nil }
    return contents.isEmpty ? nil : contents.joined(separator: ", ")
  }

  /// Whether the words after a box say that it is wrong.
  private static func isTakenBack(_ rest: Substring) -> Bool {
    let words = rest.prefix(100).lowercased().split { !$0.isLetter && $0 != "'" }.prefix(6)
    return words.contains { $0 == "wrong" || $0 == "incorrect" } && !words.contains("not")
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

  /// The text in the braces that begin here and the place after them, nil where they are not
  /// closed; without braces a number.
  private static func group(
    in text: String, from start: String.Index
  ) -> (inside: String, after: String.Index?)? {
    var place = start
    while place < text.endIndex, text[place].isWhitespace { place = text.index(after: place) }
    guard place < text.endIndex else { return nil }
    guard text[place] == "{" else {
      let digits = text[place...].prefix { $0.isASCIIDigit }
      return digits.isEmpty ? nil : (String(digits), digits.endIndex)
    }
    let first = text.index(after: place)
    var depth = 0
    let limit = text.index(first, offsetBy: 4 * MathScanner.lengthLimit, limitedBy: text.endIndex)
    var isEscaped = false
    while place < limit ?? text.endIndex {
      if text[place] == "{", !isEscaped { depth += 1 }
      if text[place] == "}", !isEscaped { depth -= 1 }
      isEscaped = text[place] == "\\" && !isEscaped
      if depth == 0 { return (String(text[first..<place]), text.index(after: place)) }
      place = text.index(after: place)
    }
    return ("", nil)
  }

  private static func afterHashes(in text: String) -> String? {
    guard let mark = text.places(of: "####").last else { return nil }
    let line = text[mark.upperBound...].drop { $0.isWhitespace || ":*#".contains($0) }
      .prefix { !$0.isNewline }
    return line.contains { $0.isLetter || $0.isNumber || "∞∅<>()[]{}".contains($0) }
      ? String(line) : nil
  }

  private static func lastLine(of text: String) -> String {
    text.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } }
      .map(String.init) ?? ""
  }
}

/// Whether a text that stops anywhere holds an answer all the same.
public enum CutOffAnswer {
  /// What might have come next: more of a number or word, more of a line, the end of a box.
  private static let continuations = ["7", " 7", "x", "7}"]

  /// Whether there is an answer that is marked as one and that no continuation would change.
  public static func isComplete(in text: String) -> Bool {
    let rest = text.places(of: "</think>").last.map { text[$0.upperBound...] } ?? text[...]
    guard String(rest).places(of: "<think>").isEmpty else { return false }
    let found = ExtractedAnswer(of: text)
    switch found.place {
    // An object is read only where it is closed.
    case .json: return true
    case .boxed, .tagged, .hashes, .said:
      return continuations.allSatisfy {
        let next = ExtractedAnswer(of: text + $0)
        return next.place == found.place && next.shown == found.shown
      }
    case .whole, .line: return false
    }
  }
}

extension ExtractedAnswer {
  /// The `answer` (or `final_answer`, `result`) of the last JSON object in a text.
  static func member(of text: String) -> String? {
    guard text.contains("{"), text.contains("\"") else { return nil }
    guard let end = text.lastIndex(of: "}") else { return nil }
    var tries = 0
    var place = end
    while place > text.startIndex, tries < 16 {
      place = text.index(before: place)
      guard text[place] == "{" else { continue }
      tries += 1
      let data = Data(text[place...end].utf8)
      guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
        continue
      }
      return answer(in: object)
    }
    return nil
  }

  private static func answer(in object: [String: Any]) -> String? {
    for key in ["answer", "final_answer", "finalAnswer", "result"] {
      switch object[key] {
      case let text as String: return text
      case let number as NSNumber: return number.description
      default: continue
      }
    }
    return nil
  }
}
