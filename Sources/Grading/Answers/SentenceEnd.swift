/// What a sentence ends on, for texts that set their answer apart in no other way.
enum SentenceEnd {
  /// The last formula between dollars, else the last number or words, whichever the reference is.
  static func answer(of text: String, like reference: String) -> String? {
    let isNumber = reference.contains { $0.isASCIIDigit } && !reference.contains { $0 == "=" }
    if let formula = ExtractedAnswer.formula(in: text),
      !isNumber || formula.contains(where: \.isASCIIDigit)
    {
      return formula
    }
    if WrittenAnswer(reference).isWords { return words(of: text, like: reference) }
    return number(of: text)
  }

  /// The last number, a fraction or percentage taken whole; digits within a word are none.
  static func number(of text: String) -> String? {
    let characters = Array(text)
    var found: String?
    var place = 0
    while place < characters.count {
      guard let end = numberEnd(characters, from: place) else {
        place += 1
        continue
      }
      found = String(characters[place..<end])
      place = end
    }
    return found
  }

  /// The end of the number that begins here; nil where none does.
  private static func numberEnd(_ text: [Character], from start: Int) -> Int? {
    var place = start
    if isSign(text[place]), start == 0 || !isPartOfWord(text[start - 1]) { place += 1 }
    guard place < text.count, text[place].isASCIIDigit,
      start == 0 || !isPartOfWord(text[start - 1])
    else { return nil }
    while place < text.count, joins(text, at: place) { place += 1 }
    if place < text.count, text[place] == "%" { place += 1 }
    return place
  }

  private static func isSign(_ character: Character) -> Bool {
    character == "-" || character == "−"
  }

  private static func isPartOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private static func joins(_ text: [Character], at place: Int) -> Bool {
    if text[place].isASCIIDigit { return true }
    guard ".,/:".contains(text[place]), place + 1 < text.count else { return false }
    return text[place + 1].isASCIIDigit
  }

  /// As many last words as the reference has.
  static func words(of text: String, like reference: String) -> String? {
    let count = WrittenAnswer(reference).words.count
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "'" }
    guard WrittenAnswer(reference).isWords, count > 0, words.count >= count else { return nil }
    return words.suffix(count).joined(separator: " ")
  }
}
