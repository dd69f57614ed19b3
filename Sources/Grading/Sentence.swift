/// What a sentence says the answer is: of several numbers the one that is stated, not the one that
/// is denied, that others would say, that bounds a range, or that is a year.
struct Sentence {
  private let clauses: [Clause]

  /// A part of a sentence that states one thing.
  struct Clause {
    var text: String
    /// Whether it says what is not so, what others say, or why.
    var isAside: Bool
  }

  /// Cuts a sentence into its clauses.
  ///
  /// Verdicts are words that deny nothing here, such as “no” where it is asked for.
  init(_ text: String, verdicts: Set<String> = []) {
    clauses = Self.clauses(of: Self.first(of: text), verdicts)
  }

  private init(whole text: String) { clauses = Self.clauses(of: text) }

  /// The clauses that say what is so, in order.
  var statements: [String] { clauses.filter { !$0.isAside }.map(\.text) }

  /// The number of a sentence that follows “the answer is”: in the first clause that holds one.
  var stated: String? {
    // “5, but in fact 6” means the latter.
    let corrected = statements.dropFirst().last { clause in
      let words = Self.words(of: clause)
      return words.first == "but" && clause.contains(where: \.isNumber)
        && words.contains { Self.corrections.contains($0) }
    }
    for clause in corrected.map({ [$0] }) ?? statements
    where clause.contains(where: { $0.isLetter || $0.isNumber }) {
      if let found = StatedNumber.text(in: Self.pieces(of: clause), isStated: true) {
        return found.isEmpty ? nil : found
      }
    }
    return nil
  }

  private static let corrections: Set<String> = [
    "correct", "actually", "really", "right", "true", "fact", "should", "actual",
  ]

  /// The number on which a text ends: in the last clause of its last sentence that holds one.
  static func atEnd(of text: String) -> String? {
    let lines = text.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
    for line in lines.suffix(3).reversed() {
      for sentence in sentences(of: String(line.suffix(2000))).reversed() {
        for clause in Sentence(whole: sentence).clauses.reversed() {
          if clause.isAside { continue }
          if let found = StatedNumber.text(in: pieces(of: clause.text), isStated: false) {
            return found.isEmpty ? nil : found
          }
        }
        // Whoever only denies a number says none.
        if sentence.contains(where: \.isNumber) { return nil }
      }
    }
    return nil
  }

  /// Without “Answer:”, “Final answer:” and the like at the start.
  static func withoutLabel(_ text: String, besides more: Set<String> = []) -> String {
    let bare = WrittenAnswer(text).unwrapped
    guard let colon = bare.firstIndex(of: ":"), bare[..<colon].count <= 20,
      bare[..<colon].allSatisfy({ $0.isLetter || $0 == " " || $0 == "*" }),
      bare[..<colon].contains(where: \.isLetter)
    else { return text }
    let words = bare[..<colon].lowercased().split(separator: " ")
    guard words.allSatisfy({ labels.contains(String($0)) || more.contains(String($0)) }) else {
      return text
    }
    return String(bare[bare.index(after: colon)...])
  }

  private static let labels: Set<String> = [
    "answer", "final", "the", "result", "solution", "total", "ans", "value", "correct", "option",
    "choice", "therefore", "so", "thus", "hence",
  ]
}

// Cutting.
extension Sentence {
  /// The sentences of a line; a point within a number or a short word ends none.
  static func sentences(of line: String, isNumbered: Bool = true) -> [String] {
    var found: [String] = []
    var current = ""
    let characters = Array(line)
    for (place, character) in characters.enumerated() {
      current.append(character)
      let isEnd =
        ".!?。".contains(character)
        && (place + 1 == characters.count || characters[place + 1].isWhitespace)
      let isFactorial = character == "!" && place > 0 && characters[place - 1].isNumber
      let isNumbering =
        isNumbered && character == "." && current.allSatisfy { $0.isNumber || ". ".contains($0) }
      if isEnd, !isFactorial, !isNumbering {
        found.append(current)
        current = ""
      }
    }
    if current.contains(where: { !$0.isWhitespace }) { found.append(current) }
    return found
  }

  /// The first sentence.
  static func first(of text: String) -> String {
    sentences(of: text, isNumbered: false).first ?? text
  }

  /// Words before which a new clause begins.
  private static let joints: Set<String> = [
    "but", "because", "since", "so", "therefore", "thus", "hence", "which", "while", "whereas",
    "although", "though", "instead", "rather", "however", "not", "leaving", "where", "when", "if",
    "unless", "as", "making", "giving", "it's", "it’s", "leaves", "then",
  ]
  /// Words that make a clause an aside where it begins with them.
  private static let reasons: Set<String> = [
    "because", "since", "although", "though", "instead", "rather", "where", "when", "if", "unless",
    "whereas", "while", "given", "as",
  ]
  private static let denials: Set<String> = [
    "not", "isn't", "isn’t", "cannot", "can't", "can’t", "never", "neither", "nor", "wrong",
    "incorrect", "won't", "aren't", "doesn't", "wasn't", "excluding", "except", "rules", "ruled",
    "ruling", "eliminate", "eliminates", "eliminated", "eliminating", "couldn't", "wouldn't",
    "shouldn't", "false", "impossible", "rejected", "discard", "without", "isn", "isnt", "none",
    "don't", "don’t", "no",
  ]
  private static let mistaken: Set<String> = [
    "tempting", "distractor", "naive", "naively", "mistake", "mistakenly", "wrongly", "guess",
    "guessed", "attempt", "misread",
  ]
  private static let speakers: Set<String> = [
    "some", "others", "other", "many", "people", "students", "student", "someone", "everyone",
    "you",
    "one", "most", "they", "we", "i", "he", "she",
  ]
  /// What others do; of oneself only what one did before is taken back.
  private static let opinions: Set<String> = [
    "say", "says", "think", "thinks", "believe", "believes", "answer", "answers", "expect",
    "assume", "claim", "claims", "suppose",
  ]
  private static let retracted: Set<String> = ["said", "thought", "assumed", "believed", "guessed"]

  /// Whether a clause tells what others say, or what was thought before.
  private static func isOpinion(_ words: [String]) -> Bool {
    if words.contains(where: { mistaken.contains($0) }) { return true }
    guard let speaker = words.firstIndex(where: { speakers.contains($0) }) else { return false }
    let following = words[(speaker + 1)...].prefix(4)
    if following.contains(where: { retracted.contains($0) }) { return true }
    return !["i", "we"].contains(words[speaker]) && following.contains { opinions.contains($0) }
  }

  private static func clauses(
    of sentence: String, _ verdicts: Set<String> = []
  ) -> [Clause] {
    var parts: [String] = []
    var current = ""
    func close() {
      if current.contains(where: { !$0.isWhitespace }) { parts.append(current) }
      current = ""
    }
    let words = pieces(of: sentence)
    for (place, word) in words.enumerated() {
      let bare = word.lowercased().filter { $0.isLetter || $0 == "'" || $0 == "’" }
      // “is not 5” belongs together; “5, not 6” and “8 but 9” do not.
      let startsClause =
        joints.contains(bare) && !(bare == "not" && endsInVerb(current))
        && !(bare == "as" && place > 0
          && ["well", "times", "many", "much", "far", "such"].contains(
            words[place - 1].lowercased()))
        && !(bare == "so" && place > 0 && words[place - 1].lowercased() == "or")
      if startsClause, !current.isEmpty { close() }
      current += (current.isEmpty ? "" : " ") + word
      let next = place + 1 < words.count ? words[place + 1] : ""
      if word.count > 1 || ",;—–".contains(word), let last = word.last,
        ";—–".contains(last) || last == "," && !isList(word, next)
      {
        close()
      }
    }
    close()
    return parts.reduce(into: []) { clauses, part in
      // “not (A), (B)”: what is alone behind a comma is denied with what stands before.
      let isItem = clauses.last?.isAside == true && part.split(separator: " ").count == 1
      clauses.append(Clause(text: part, isAside: isItem || isAside(part, verdicts)))
    }
  }

  /// The words of a sentence; a formula between dollars stays whole.
  private static func pieces(of sentence: String) -> [String] {
    let closed = sentence.replaced("\\(", with: "$").replaced("\\)", with: "$")
      .replaced("\\[", with: "$").replaced("\\]", with: "$").replaced("$$", with: "$")
    var result: [String] = []
    var current = ""
    let characters = Array(closed)
    var place = 0
    while place < characters.count {
      if characters[place] == "$", let end = formulaEnd(characters, from: place) {
        current += String(characters[place...end])
        place = end + 1
        continue
      }
      if characters[place].isWhitespace {
        if !current.isEmpty { result.append(current) }
        current = ""
      } else {
        current.append(characters[place])
      }
      place += 1
    }
    return current.isEmpty ? result : result + [current]
  }

  /// The dollar that closes a formula; nil where the dollar is one of money.
  private static func formulaEnd(_ text: [Character], from start: Int) -> Int? {
    if start > 0, text[start - 1] == "\\" { return nil }
    guard let end = text[(start + 1)...].firstIndex(of: "$"), end > start + 1 else { return nil }
    let inside = text[(start + 1)..<end]
    // `$240 / 6 = $40` are amounts: a digit follows either dollar.
    let isMoney =
      inside.first?.isASCIIDigit == true && end + 1 < text.count
      && text[end + 1].isASCIIDigit
    let isProse =
      !inside.contains("\\")
      && inside.split(separator: " ").contains {
        $0.count > 3 && $0.allSatisfy(\.isLetter)
      }
    return isMoney || isProse ? nil : end
  }

  /// Whether a comma stands between the members of a list of numbers: `1, 2`.
  private static func isList(_ word: String, _ next: String) -> Bool {
    guard let first = next.first(where: { !"$(-".contains($0) }) else { return false }
    return word.contains(where: \.isASCIIDigit) && first.isASCIIDigit
  }

  private static func endsInVerb(_ clause: String) -> Bool {
    let last = clause.split(separator: " ").last?.lowercased() ?? ""
    return [
      "is", "was", "are", "be", "does", "do", "can", "could", "should", "would", "will", "it's",
    ]
    .contains(last)
  }

  private static func isAside(_ clause: String, _ verdicts: Set<String>) -> Bool {
    let words = words(of: clause)
    guard let first = words.first else { return false }
    // “If he pays 50 he has 50 − 30 = 20” ends on what follows.
    let isReason = reasons.contains(first) && !(first == "if" && clause.contains("="))
    if isReason || isOpinion(words) { return true }
    // “no more than 5” bounds, “without doubt” and “no doubt” do not deny.
    return words.enumerated().contains { place, word in
      if ["without", "no"].contains(word), place + 1 < words.count,
        ["doubt", "question", "matter", "wonder", "more", "less", "fewer"].contains(
          words[place + 1])
      {
        return false
      }
      guard !verdicts.contains(word), denials.contains(word) else { return false }
      // “= 40 are not in the club” and “40 who do not” tell of those that were counted.
      let counted =
        clause.contains("=") || words[..<place].contains { ["who", "that"].contains($0) }
      return !counted || ["wrong", "incorrect", "false"].contains(word)
    }
  }

  private static func words(of text: String) -> [String] {
    text.lowercased().split { !($0.isLetter || $0 == "'" || $0 == "’") }.map(String.init)
  }
}
