/// An answer without what surrounds it, and the simple forms it may be compared in.
struct WrittenAnswer {
  /// Without white space, dollars, asterisks and a full stop at the ends; spaces that LaTeX and
  /// grouping put into numbers are closed.
  let text: String
  /// The same with the commands opened that only choose a typeface.
  private let opened: String

  /// Tidies an answer.
  init(_ answer: String) {
    var text = answer.trimmed { $0.isWhitespace || "$*`_\"“”".contains($0) }
    text = text.replaced("\\$", with: "$").replaced("{,}", with: ",")
    text = text.replaced(",\\! ", with: ",").replaced("\\!", with: "")
    text = text.replaced("\\(", with: " ").replaced("\\)", with: " ")
    text = text.replaced("\\[", with: " ").replaced("\\]", with: " ")
    // A backslash that was escaped twice on its way.
    if !text.contains("begin") { text = text.replaced("\\\\", with: "\\") }
    while text.last == "." || text.last == ":" { text.removeLast() }
    self.text = Self.closingGroups(text.trimmed { $0.isWhitespace || "$*`_\"“”".contains($0) })
    opened = Self.opened(self.text)
  }

  /// Without dollars and white space, save that between two digits.
  var compact: String {
    text.split(whereSeparator: \.isWhitespace).reduce(into: "") { joined, part in
      let isBetweenDigits = joined.last?.isASCIIDigit == true && part.first?.isASCIIDigit == true
      joined += (isBetweenDigits ? " " : "") + part.filter { $0 != "$" }
    }
  }

  /// `1 000 000` as one number.
  private static func closingGroups(_ text: String) -> String {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    let digits = parts.map { $0.allSatisfy(\.isASCIIDigit) ? $0.count : 0 }
    guard parts.count > 1, (1...3).contains(digits[0]), digits.dropFirst().allSatisfy({ $0 == 3 })
    else { return text }
    return parts.joined()
  }

  private static func opened(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
    var rest = text
    for command in MathWords.textCommands {
      rest = rest.replaced("\\" + command + "{", with: " ")
      rest = rest.replaced("\\" + command + " {", with: " ")
    }
    return rest == text ? text : rest.filter { $0 != "{" && $0 != "}" }
  }

  /// Whether there are only words in it.
  var isWords: Bool {
    let signs: Set<Character> = ["'", "’", "-", ".", ",", "!", "?", " ", "\n", "\t", "&", "\""]
    guard opened.contains(where: \.isLetter),
      opened.allSatisfy({ $0.isLetter || signs.contains($0) })
    else { return false }
    let first = words.first ?? ""
    return words.contains { $0.count > 1 && !MathWords.isMathematics($0) } && first.count > 0
  }

  /// The words in lower case, without signs.
  var words: [String] {
    opened.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  /// The letter of a choice: `B`, `(B)`, `\textbf{(B)}`; nil for anything else.
  var choice: Character? {
    guard let letter = choiceOfAnyCase, opened.contains(letter) else { return nil }
    return letter
  }

  /// The same for a small letter too, as the capital one.
  var choiceOfAnyCase: Character? {
    let bare = opened.trimmed { $0.isWhitespace || "().:[]*".contains($0) }
    guard bare.count == 1, let letter = bare.first, letter.isLetter, letter.isASCII else {
      return nil
    }
    return Character(letter.uppercased())
  }

  /// The hours and minutes of `3:30 PM`, and AM or PM where it is said; nil for anything else.
  var clock: Clock? {
    let parts = opened.split { $0 == ":" || $0 == " " || $0 == "." }.map { $0.lowercased() }
    guard opened.contains(":"), (2...4).contains(parts.count), let hour = Int(parts[0]), hour < 24,
      parts[1].count == 2, let minute = Int(parts[1]), minute < 60
    else { return nil }
    let half = parts.dropFirst(2).joined()
    guard ["", "am", "pm"].contains(half) else { return nil }
    return Clock(hour: hour, minute: minute, half: half)
  }

  /// A time of day.
  struct Clock: Equatable {
    var hour: Int
    var minute: Int
    var half: String

    /// The same time; where only one says AM or PM the other may be either.
    static func == (one: Clock, other: Clock) -> Bool {
      one.hour == other.hour && one.minute == other.minute
        && (one.half == other.half || one.half.isEmpty || other.half.isEmpty)
    }
  }
}
