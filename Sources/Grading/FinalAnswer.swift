/// What a free text ends on, compared with a reference as people write both.
///
/// The answer is what the last `\boxed{…}` holds, else what follows the last `####`, else the last
/// line. Where the reference is a number the last number of that counts: `1,234`, `$1234` and
/// `1234.0` are the same; where it holds none, the last number of the whole text counts. Any other
/// reference must stand in the answer as whole words, whatever the case.
public struct FinalAnswer: Equatable, Sendable {
  /// The answer in few words, to be shown and to be compared with.
  public let text: String
  private let place: String
  private let whole: String

  /// Reads the end of a text.
  public init(of response: String) {
    whole = response
    let said = Self.boxed(in: response) ?? Self.marked(in: response)
    place = said ?? Self.lastLine(of: response)
    // A sentence is about its number; what was set apart is the answer as it stands.
    let number = said == nil ? Self.numbers(in: place).last?.text : nil
    text = number ?? Self.plain(place)
  }

  /// Whether this is the reference.
  public func matches(_ reference: String) -> Bool {
    let wanted = Self.plain(reference)
    guard !wanted.isEmpty else { return false }
    if let number = Self.number(wanted) {
      let last = Self.numbers(in: place).last ?? Self.numbers(in: whole).last
      return last.map { abs($0.value - number) <= 1e-9 * max(1, abs(number)) } ?? false
    }
    return Self.holds(Self.words(of: place), Self.words(of: wanted))
  }

  /// 1 where the answer is the reference, else 0; of the steps nothing can be said.
  static func judge(_ response: String, reference: String) -> Judgement {
    let answer = FinalAnswer(of: response)
    // A first answer that said nothing agrees with others that say nothing.
    let right = reference.isEmpty ? answer.text.isEmpty : answer.matches(reference)
    return Judgement(reward: right ? 1 : 0, chainCorrect: nil)
  }
}

// Where the answer stands.
extension FinalAnswer {
  private static func boxed(in text: String) -> String? {
    guard let start = lastEnd(of: "\\boxed{", in: text) else { return nil }
    var depth = 1
    var end = start
    while end < text.endIndex {
      if text[end] == "{" { depth += 1 }
      if text[end] == "}" { depth -= 1 }
      if depth == 0 { return String(text[start..<end]) }
      end = text.index(after: end)
    }
    return nil
  }

  private static func marked(in text: String) -> String? {
    guard let start = lastEnd(of: "####", in: text) else { return nil }
    return String(text[start...].prefix { !$0.isNewline })
  }

  private static func lastLine(of text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline)
    return lines.last { $0.contains { !$0.isWhitespace } }.map(String.init) ?? ""
  }

  /// The place after the last occurrence of a mark.
  private static func lastEnd(of mark: String, in text: String) -> String.Index? {
    var found: String.Index?
    var rest = text[...]
    while let first = rest.firstIndex(of: mark.first ?? " ") {
      rest = rest[first...]
      if rest.hasPrefix(mark) { found = text.index(first, offsetBy: mark.count) }
      rest = rest.dropFirst()
    }
    return found
  }
}

// Numbers and words.
extension FinalAnswer {
  private static func number(_ text: String) -> Double? {
    let found = numbers(in: text)
    guard found.count == 1, let only = found.first else { return nil }
    // “12 apples” and “5 %” ask for the number, “route 66” and “2x” for what stands there.
    let rest = text.drop { $0.isNumeral || $0 == "-" || $0 == "−" || $0 == "," || $0 == "." }
    let isUnit = rest.first.map { $0 == " " || $0 == "%" } ?? true
    return rest.count < text.count && isUnit && words(of: text).count <= 2 ? only.value : nil
  }

  /// The numbers of a text in order; a minus after a letter, a digit or a bracket is no sign.
  private static func numbers(in text: String) -> [(text: String, value: Double)] {
    var found: [(String, Double)] = []
    let characters = Array(text)
    var place = 0
    while place < characters.count {
      guard characters[place].isNumeral else {
        place += 1
        continue
      }
      let start = place
      while place < characters.count, joins(characters, at: place) { place += 1 }
      let digits = String(characters[start..<place].filter { $0 != "," })
      let sign = isNegative(characters, before: start) ? "-" : ""
      if let value = Double(sign + digits) { found.append((sign + digits, value)) }
    }
    return found
  }

  /// Whether a character belongs to a number: a digit, or a point or comma between two digits.
  private static func joins(_ characters: [Character], at place: Int) -> Bool {
    if characters[place].isNumeral { return true }
    guard characters[place] == "." || characters[place] == "," else { return false }
    return place + 1 < characters.count && characters[place + 1].isNumeral
  }

  private static func isNegative(_ characters: [Character], before start: Int) -> Bool {
    guard start > 0, characters[start - 1] == "-" || characters[start - 1] == "−" else {
      return false
    }
    guard start > 1 else { return true }
    let before = characters[start - 2]
    return !(before.isLetter || before.isNumeral || before == ")" || before == "]")
  }

  private static func words(of text: String) -> [String] {
    text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }

  private static func holds(_ words: [String], _ wanted: [String]) -> Bool {
    guard !wanted.isEmpty, words.count >= wanted.count else { return false }
    return (0...words.count - wanted.count).contains { start in
      words[start..<start + wanted.count].elementsEqual(wanted)
    }
  }

  /// Without the blanks and signs that surround an answer in a text.
  private static func plain(_ text: String) -> String {
    let around: Set<Character> = ["*", "_", "`", "$", ".", "\"", "“", "”", "\\", "#", ":"]
    var rest = text[...]
    while let first = rest.first, first.isWhitespace || around.contains(first) {
      rest.removeFirst()
    }
    while let last = rest.last, last.isWhitespace || around.contains(last) { rest.removeLast() }
    return String(rest)
  }
}

extension Character {
  fileprivate var isNumeral: Bool { isASCII && isWholeNumber }
}
