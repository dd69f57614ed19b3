/// A multiple choice: the letter of a reference, and what each letter stands for.
struct ChoiceAnswer {
  private let wanted: Character?
  private let options: [String]

  /// The choice of a reference such as `B` or `(B)`.
  init(_ reference: String, options: [String]) {
    wanted = WrittenAnswer(ExtractedAnswer.boxed(in: reference) ?? reference).choice
    self.options = options
  }

  /// Whether an answer settles on the letter, or says the text of that choice and no other's.
  func isSaid(by found: ExtractedAnswer) -> Bool {
    guard let wanted else { return false }
    if let letter = Self.letter(of: found) { return letter == wanted }
    for clause in Self.clauses(of: found) {
      guard let chosen = option(in: WrittenAnswer(clause).words) else { continue }
      guard let first = Character("A").asciiValue, let letter = wanted.asciiValue else {
        return false
      }
      return Int(letter) - Int(first) == chosen
    }
    return false
  }

  /// The letter that an answer settles on; nil where it names none, or leaves two open.
  static func letter(of found: ExtractedAnswer) -> Character? {
    if let letter = WrittenAnswer(found.text).choiceOfAnyCase { return letter }
    if let letter = ChoiceLetter.label(of: WrittenAnswer(found.text).unwrapped) { return letter }
    for clause in clauses(of: found) {
      if isUndecided(WrittenAnswer(clause).words) { return nil }
      let bare = Sentence.withoutLabel(clause)
      if let letter = WrittenAnswer(bare).choiceOfAnyCase ?? ChoiceLetter.letter(in: bare) {
        return letter
      }
    }
    return nil
  }

  /// What is stated: after “the answer is” the first clause counts, else the last.
  private static func clauses(of found: ExtractedAnswer) -> [String] {
    if found.place != .line, found.place != .whole {
      let text = found.text.replaced("\\text{", with: "{")
      return Sentence(text).statements
    }
    let sentences = Sentence.sentences(of: String(found.text.suffix(2000)))
    return sentences.reversed().flatMap { Sentence($0).statements.reversed() }
  }

  /// Whether a text names two letters with nothing between them but “and” or “or”.
  private static func isUndecided(_ words: [String]) -> Bool {
    words.indices.dropFirst().dropLast().contains { place in
      let (before, after) = (words[place - 1], words[place + 1])
      return ["or", "and"].contains(words[place]) && before != after
        && [before, after].allSatisfy { $0.count == 1 && $0 >= "a" && $0 <= "p" }
    }
  }

  /// The only choice whose text words are, or on which they end; nil where another is mentioned too.
  private func option(in words: [String]) -> Int? {
    guard !words.isEmpty else { return nil }
    let fitting = options.indices.filter { WrittenAnswer(options[$0]).words == words }
    if !fitting.isEmpty { return fitting.count == 1 ? fitting[0] : nil }
    let mentioned = options.indices.filter { option in
      let own = WrittenAnswer(options[option]).words
      guard !own.isEmpty, own.count <= words.count else { return false }
      return (0...words.count - own.count).contains {
        words[$0..<$0 + own.count].elementsEqual(own)
      }
    }
    guard mentioned.count == 1, WrittenAnswer(options[mentioned[0]]).isWords else { return nil }
    let own = WrittenAnswer(options[mentioned[0]]).words
    return words.suffix(own.count).elementsEqual(own) ? mentioned[0] : nil
  }
}
