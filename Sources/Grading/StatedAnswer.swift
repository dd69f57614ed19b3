/// Where a text says “the answer is …”, “Answer: …” or “Final answer - …”.
enum StatedAnswer {
  /// What follows the last such words, to the end of the sentence; nil where there are none.
  static func passage(in text: String) -> String? {
    after(text).map { rest in
      let said = rest.drop { $0.isWhitespace || ":*=_".contains($0) }
      let corrected = said.split(whereSeparator: \.isNewline).prefix(4).flatMap {
        Sentence.sentences(of: String($0.prefix(1000)), isNumbered: false)
      }.dropFirst().last(where: takesBack)
      return corrected ?? Sentence.first(of: String(said.prefix { !$0.isNewline }))
    }
  }

  /// Whether a sentence takes back what was said before, as “Wait, it is 6” does.
  private static func takesBack(_ sentence: String) -> Bool {
    let first = sentence.lowercased().split { !$0.isLetter }.first ?? ""
    return ["wait", "actually", "correction", "sorry", "oops", "hmm"].contains(first)
      && (sentence.contains(where: \.isNumber) || ChoiceLetter.letter(in: sentence) != nil)
  }

  /// All that follows the last such words.
  static func after(_ text: String) -> Substring? {
    let characters = Array(text)
    var place = characters.count - 6
    var tries = 0
    while place >= 0, tries < 64 {
      if isAnswer(characters, at: place) {
        tries += 1
        if let start = start(characters, after: place + 6), !isOfOthers(characters, before: place),
          saysSomething(characters, from: start)
        {
          return text.dropFirst(start)
        }
      }
      place -= 1
    }
    return nil
  }

  private static let word = Array("answer")

  private static func isAnswer(_ text: [Character], at place: Int) -> Bool {
    guard text[place] == "a" || text[place] == "A" else { return false }
    return zip(word, text[place..<place + 6]).allSatisfy { $0 == Character($1.lowercased()) }
  }

  /// Words that may stand between “answer” and what it is.
  private static let verbs: Set<String> = ["is", "be", "are", "was", "equals"]

  private static let denials: Set<String> = [
    "not", "isn't", "isn’t", "can't", "can’t", "cannot", "never", "wasn't", "couldn't", "shouldn't",
    "won't", "neither",
  ]

  /// Where the answer begins: after a colon, a dash, an equals sign or a verb that comes within a few
  /// words on the same line.
  private static func start(_ text: [Character], after end: Int) -> Int? {
    var place = end
    var word = ""
    var words = 0
    while place < text.count, words <= 8, !text[place].isNewline {
      let character = text[place]
      if character.isLetter || character == "'" || character == "’" {
        word.append(character)
      } else {
        if !word.isEmpty {
          words += 1
          // “seems to be”, “must be” and “turns out to be” end on the same verb.
          if denials.contains(word.lowercased()) { return end }
          if verbs.contains(word.lowercased()) { return place }
        }
        word = ""
        if character == ":" || character == "=" { return place + 1 }
        let isDash = "-–—".contains(character)
        if isDash, words == 0, place + 1 < text.count, text[place + 1] == " " { return place + 1 }
        guard character == " " || "*_()`".contains(character) else { return nil }
      }
      place += 1
    }
    return nil
  }

  private static let others: Set<String> = [
    "wrong", "incorrect", "tempting", "common", "naive", "intuitive", "obvious", "possible",
    "their", "his", "her", "other", "check", "verify", "checking", "verifying", "false", "no",
    "previous", "first", "initial", "not", "original", "would", "say", "says", "said",
  ]

  /// Whether the words before speak of an answer that is not meant.
  private static func isOfOthers(_ text: [Character], before place: Int) -> Bool {
    let start = max(0, place - 60)
    let clause = text[start..<place].reversed().prefix { !".;:,!?\n".contains($0) }
    let words = String(clause.reversed()).lowercased().split { !$0.isLetter }
    return words.suffix(4).contains { others.contains(String($0)) }
  }

  private static func saysSomething(_ text: [Character], from start: Int) -> Bool {
    let line = text[start...].drop { $0.isWhitespace || ":*=_".contains($0) }
      .prefix { !$0.isNewline }
    return line.contains { $0.isLetter || $0.isNumber || "∞∅<>()[]{}".contains($0) }
  }
}
