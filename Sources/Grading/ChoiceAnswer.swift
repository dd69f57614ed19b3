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

/// Finds the letter of a multiple choice in a response.
public enum ChoiceLetter {
  /// The letter that a text settles on: `(B)`, `**B**`, `option B`, `B. because…`, else a capital
  /// letter that stands alone at its end; nil where it names none.
  public static func letter(in text: String) -> Character? {
    let characters = Array(text)
    let alone = characters.indices.filter { isAlone(characters, at: $0) }
    let bracketed = alone.filter { isBracketed(characters, at: $0) }
    // “A” and “I” are words too: without brackets they count only at an end or after “option”.
    let sure = alone.filter { place in
      characters[place] != "A" && characters[place] != "I"
        || place == alone.first && startsAnswer(characters, at: place)
        || isLast(characters, at: place) || isSubject(characters, at: place)
        || isNamed(characters, at: place)
    }.filter { !isCompared(characters, at: $0) }
    // A list of the choices settles on none.
    if isList(characters, alone) { return nil }
    let place = bracketed.last ?? sure.first { startsAnswer(characters, at: $0) } ?? sure.last
    return place.map { Character(characters[$0].uppercased()) }
  }

  private static func isAlone(_ text: [Character], at place: Int) -> Bool {
    guard ("A"..."T").contains(text[place]) else { return false }
    let before = place == 0 ? " " : text[place - 1]
    let after = place + 1 == text.count ? " " : text[place + 1]
    return !isPartOfWord(before) && !isPartOfWord(after) && after != "'" && after != "’"
  }

  private static func isPartOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "\\+-=^".contains(character)
  }

  private static func isBracketed(_ text: [Character], at place: Int) -> Bool {
    place > 0 && place + 1 < text.count && "([{*".contains(text[place - 1])
      && ")]}*".contains(text[place + 1])
  }

  /// Whether nothing but signs stands before it and a sign or the end after it.
  private static func startsAnswer(_ text: [Character], at place: Int) -> Bool {
    guard !text[..<place].contains(where: { $0.isLetter || $0.isNumber }) else { return false }
    return place + 1 == text.count || !text[place + 1].isWhitespace
      || !text[(place + 1)...].contains(where: \.isLetter)
  }

  /// Whether three letters or more are labelled with their choices: `A) 5 B) 6 C) 7`.
  private static func isList(_ text: [Character], _ places: [Int]) -> Bool {
    let labelled = places.filter { place in
      place + 2 < text.count && ").:".contains(text[place + 1]) && text[place + 2] == " "
    }
    return Set(labelled.map { text[$0] }).count > 2
  }

  /// The letter before the text of its choice, `(B) It is not red`, whatever that text says; nil where
  /// a text begins otherwise, or goes on about the letter.
  static func label(of text: String) -> Character? {
    let characters = Array(text.drop { " *\"".contains($0) })
    let place = characters.first == "(" ? 1 : 0
    guard place + 2 < characters.count, isAlone(characters, at: place),
      ").:".contains(characters[place + 1]) || characters[place + 1] == "*"
    else { return nil }
    let alone = characters.indices.filter { isAlone(characters, at: $0) }
    let next = characters[(place + 2)...].split { !$0.isLetter }.first.map {
      String($0).lowercased()
    }
    guard !isList(characters, alone), let next,
      !["is", "isn", "was", "cannot", "can", "and", "or", "not", "would", "are", "has"].contains(
        next)
    else { return nil }
    return characters[place]
  }

  /// Whether “option” or “choice” stands before it.
  private static func isNamed(_ text: [Character], at place: Int) -> Bool {
    let before = text[..<place].split { !$0.isLetter }.last.map { String($0).lowercased() }
    return ["option", "choice", "answer", "letter"].contains(before ?? "")
  }

  /// Whether “is” or “because” follows: “A is right”, not “A dog”.
  private static func isSubject(_ text: [Character], at place: Int) -> Bool {
    guard text[place] == "A" else { return false }
    let next = text[(place + 1)...].split(separator: " ").first.map { String($0).lowercased() }
    return ["is", "because", "since", "seems"].contains(next ?? "")
  }

  /// Whether the letter is what another is preferred to: “C over D”, “C rather than D”.
  private static func isCompared(_ text: [Character], at place: Int) -> Bool {
    let before = text[..<place].split(separator: " ").last.map { String($0).lowercased() }
    return ["over", "than", "unlike", "versus"].contains(before ?? "")
  }

  private static func isLast(_ text: [Character], at place: Int) -> Bool {
    !text[(place + 1)...].contains { $0.isLetter || $0.isNumber }
  }
}
