/// The number on which a text ends.
enum SentenceEnd {
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
}
