/// An answer in words: a verdict, a name, or words in their order.
struct WordsAnswer {
  private let wanted: [String]
  private let joined: String

  /// The words of a reference.
  init(_ reference: String) {
    let written = WrittenAnswer(ExtractedAnswer.boxed(in: reference) ?? reference)
    wanted = written.words
    joined = written.joinedWords
  }

  /// Whether an answer is those words, a sentence that begins or ends with them as its verdict, or a
  /// list of them.
  func isSaid(by found: ExtractedAnswer) -> Bool {
    guard !wanted.isEmpty else { return false }
    let written = WrittenAnswer(Sentence.withoutLabel(found.text))
    if written.joinedWords == joined { return true }
    if wanted.count > 1, isListed(in: found) { return true }
    if found.place != .line, found.place != .whole {
      guard let first = statements(of: found.text).first else { return isDenied(found.text) }
      return isVerdict(first) || isDenied(found.text)
    }
    let last = Sentence.sentences(of: String(found.text.suffix(2000))).last ?? found.text
    if startsWithVerdict(found.text) { return true }
    guard let clause = statements(of: last).last else { return isDenied(last) }
    return isVerdict(clause) || isDenied(last)
  }

  /// The clauses that say what is so; what stands in brackets is left out.
  private func statements(of text: String) -> [String] {
    var depth = 0
    let open = text.filter { character in
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      return depth == 0 && character != ")"
    }
    let isEmpty = !open.contains(where: \.isLetter)
    return Sentence(isEmpty ? text : open, verdicts: Set(wanted)).statements
  }

  /// Whether a clause ends on the words, or begins with the only one and a comma.
  private func isVerdict(_ clause: String) -> Bool {
    let words = WrittenAnswer(clause).words
    guard words.count >= wanted.count else { return false }
    if words == wanted || startsWithVerdict(clause) { return true }
    let before = words.dropLast(wanted.count).last ?? ""
    // Of several words the sentence may hold more: “date, apple” is no “apple”.
    guard wanted.count == 1 || Self.leading.contains(before) else { return false }
    return words.suffix(wanted.count).elementsEqual(wanted) && !Self.negations.contains(before)
      && !(wanted.count == 1 && words.count > 12 && Self.verdicts.contains(wanted[0]))
  }

  /// Whether a text begins as “Yes, because …” or “No: …” does.
  private func startsWithVerdict(_ text: String) -> Bool {
    guard wanted.count == 1 else { return false }
    let rest = text.drop { !$0.isLetter }
    let word = rest.prefix { $0.isLetter }
    guard word.lowercased() == wanted[0] else { return false }
    let after = rest.dropFirst(word.count).drop { $0 == "*" || $0 == "\"" || $0 == "}" }
    let next = after.first ?? "."
    if ",.:;!—–".contains(next) { return !Self.changesItsMind(after) }
    let following = after.split { !$0.isLetter }.first?.lowercased() ?? ""
    let isVerdict = Self.verdicts.contains(wanted[0])
    return after.first == " "
      && (["because", "since", "as"].contains(following)
        || isVerdict && ["it", "they", "he", "she", "this", "that"].contains(following))
  }

  /// “Yes, … so no” is no yes.
  private static func changesItsMind(_ rest: Substring) -> Bool {
    let words = rest.lowercased().split { !$0.isLetter }
    return ["wait", "actually", "however", "rather"].contains { mark in
      words.contains { $0 == mark }
    }
  }

  private static let leading: Set<String> = [
    "is", "are", "was", "were", "be", "has", "have", "to", "as", "the", "a", "an", "by", "equals",
    "becomes", "list", "order", "words", "follows", "therefore", "thus", "so", "it", "called",
  ]
  private static let verdicts: Set<String> = ["yes", "no", "true", "false"]
  private static let negations: Set<String> = ["not", "isn", "never", "no", "t", "isnt", "non"]

  /// “not valid” for “invalid”.
  private func isDenied(_ text: String) -> Bool {
    guard wanted.count == 1, let prefix = ["in", "un"].first(where: { wanted[0].hasPrefix($0) })
    else { return false }
    let positive = String(wanted[0].dropFirst(prefix.count))
    let words = WrittenAnswer(text).words
    guard positive.count > 3, words.last == positive else { return false }
    return words.dropLast().last == "not"
  }

  /// Whether the answer is a list of the words, numbered or not, on one line or on several.
  private func isListed(in found: ExtractedAnswer) -> Bool {
    let text =
      found.place == .said
      ? StatedAnswer.after(found.response).map { String($0) } ?? "" : found.text
    let lines = (found.place == .line ? found.response : text)
      .split(whereSeparator: \.isNewline).map { $0.trimmed }.filter { !$0.isEmpty }
    guard let last = lines.last else { return false }
    let ending = last.drop { !$0.isLetter }
    let words = WrittenAnswer(Self.withoutNumbering(ending)).words
    if words == wanted
      || lines.first.map({ WrittenAnswer(Self.withoutNumbering($0)).words }) == wanted
    {
      return true
    }
    if let colon = last.lastIndex(of: ":") {
      if WrittenAnswer(Self.withoutNumbering(last[last.index(after: colon)...])).words == wanted {
        return true
      }
    }
    let items = lines.suffix(while: Self.isItem)
    return items.flatMap { WrittenAnswer(Self.withoutNumbering($0)).words } == wanted
  }

  /// Whether a line is an item of a list: a number or a dash first, or a single word.
  private static func isItem(_ line: Substring) -> Bool {
    let isMarked = withoutNumbering(line).count < line.count
    return isMarked || !line.contains(" ") && !line.contains(":")
  }

  /// Without `1.`, `2)`, `-` and `*` before the items, wherever they stand.
  private static func withoutNumbering(_ line: Substring) -> String {
    line.split { $0 == " " || $0 == "," }.filter { word in
      let isMark = word == "-" || word == "*" || word == "•" || word == "->" || word == "and"
      let digits = word.prefix { $0.isASCIIDigit || $0 == "(" }
      let isNumber = !digits.isEmpty && [".", ")", ":", ""].contains(word.dropFirst(digits.count))
      return !isMark && !isNumber
    }.joined(separator: " ")
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var rest = drop(while: \.isWhitespace)
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest
  }
}

extension Array {
  /// The longest end of the list whose members all fulfil a condition.
  fileprivate func suffix(while condition: (Element) -> Bool) -> ArraySlice<Element> {
    let start = lastIndex { !condition($0) }.map { $0 + 1 } ?? startIndex
    return self[start...]
  }
}

/// An answer in signs alone, such as brackets in their order.
struct SignsAnswer {
  private let wanted: [Character]

  /// The signs of a reference.
  init(_ reference: String) { wanted = Self.bare(reference) }

  /// Whether an answer is those signs, or a sentence that ends on them and on no others before.
  func isSaid(by found: ExtractedAnswer) -> Bool {
    let isText = found.text.hasPrefix("\\text{") && found.text.hasSuffix("}")
    let said = Self.bare(isText ? String(found.text.dropFirst(6).dropLast()) : found.text)
    if said == wanted || Self.signs(said) == wanted { return true }
    let words = found.text.split(whereSeparator: \.isWhitespace)
    let isSigns = { (word: Substring) in word.allSatisfy { !$0.isLetter && !$0.isNumber } }
    guard let end = words.lastIndex(where: { word in !isSigns(word) }) else { return false }
    return Self.signs(Self.bare(words[(end + 1)...].joined())) == wanted
  }

  private static func bare(_ text: String) -> [Character] {
    text.filter { !$0.isWhitespace && !",`\"'“”$\\".contains($0) }.map { $0 }
  }

  /// Without a full stop and the signs of emphasis around.
  private static func signs(_ text: [Character]) -> [Character] {
    String(text).trimmed { ".:*_".contains($0) }.map { $0 }
  }
}
