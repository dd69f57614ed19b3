/// An answer without what surrounds it, and the simple forms it may be compared in.
struct WrittenAnswer {
  /// Without white space, dollars, asterisks and a full stop at the ends; spaces that LaTeX and
  /// grouping put into numbers are closed.
  let text: String
  /// The same with the commands opened that only choose a typeface.
  private let opened: String

  /// The currency that a sign before the number names, such as `$`; nil where there is none.
  let currency: Character?

  /// Tidies an answer.
  init(_ answer: String) {
    var text = Self.trimmed(TypedText.plain(answer))
    currency = Self.currency(of: answer.trimmed(while: \.isWhitespace))
    text = text.replaced("\\$", with: "$").replaced("{,}", with: ",")
    text = text.replaced(",\\! ", with: ",").replaced("\\!", with: "")
    for mark in ["\\(", "\\)", "\\[", "\\]"] { text = text.replaced(mark, with: " ") }
    // A backslash that was escaped twice on its way.
    if !text.contains("begin") { text = text.replaced("\\\\", with: "\\") }
    text = Self.trimmed(text)
    while let last = text.last, ".:!".contains(last), !Self.isFactorial(text) {
      text.removeLast()
    }
    text = Self.trimmed(text)
    let grouped = text.contains { "([{".contains($0) } ? text : TypedText.closingGroups(text)
    self.text = TypedText.withPoint(grouped)
    opened = Self.opened(self.text)
  }

  private static func trimmed(_ text: String) -> String {
    text.trimmed { $0.isWhitespace || "$*`\"“”".contains($0) }
  }

  /// `5!` is a factorial, “Yes!” none.
  private static func isFactorial(_ text: String) -> Bool {
    text.hasSuffix("!") && !(text.dropLast().last?.isLetter == true && text.count > 3)
  }

  /// The sign of a currency at the start: a dollar that is escaped, or that no other closes.
  private static func currency(of text: String) -> Character? {
    let rest = text.drop { $0 == "*" || $0 == "-" || $0 == " " }
    if rest.hasPrefix("\\$") { return "$" }
    guard let first = rest.first else { return nil }
    if "€£¥￥₹₽₩".contains(first) { return first }
    let isOpen = rest.dropFirst().first?.isASCIIDigit == true && !rest.dropFirst().contains("$")
    return first == "$" && isOpen ? "$" : nil
  }

  /// Whether it can be read as mathematics or as a time of day.
  var isMathematics: Bool { clock != nil || !readings.isEmpty }

  /// What it may mean in mathematics, the likeliest first; none where it cannot be read.
  var readings: [AnswerValue] {
    if Self.realNumbers.contains(joinedWords) { return [.reals] }
    let lower = text.lowercased()
    for phrase in Self.realNumbers where lower.hasPrefix(phrase + " except") {
      let rest = text.dropFirst(phrase.count + " except".count)
      return AnswerReader.readings(of: "\\mathbb{R} \\setminus \\{" + rest + "\\}")
    }
    let found = AnswerReader.readings(of: text)
    guard let unit = currency.flatMap(Unit.currency) else { return found }
    return found.map { value in
      guard case .scalar(var quantity) = value, quantity.unit == nil else { return value }
      quantity.unit = unit
      return .scalar(quantity)
    }
  }

  private static let realNumbers: Set<String> = [
    "all real numbers", "all reals", "all real", "every real number", "any real number",
    "the real numbers", "the set of all real numbers", "all real values", "x is any real number",
    "the set of real numbers", "all real numbers x",
  ]

  /// Whether the same currency is named, or none by one of them.
  func hasSameCurrency(as other: WrittenAnswer) -> Bool {
    currency == nil || other.currency == nil || currency == other.currency
  }

  /// Without dollars and white space, save that between two digits.
  var compact: String {
    text.split(whereSeparator: \.isWhitespace).reduce(into: "") { joined, part in
      let isBetweenDigits = joined.last?.isASCIIDigit == true && part.first?.isASCIIDigit == true
      joined += (isBetweenDigits ? " " : "") + part.filter { $0 != "$" }
    }
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

  /// With commands opened that only choose a typeface.
  var unwrapped: String { opened.trimmed(while: \.isWhitespace) }

  /// Whether there are only words in it: no signs of mathematics, and not a product of letters.
  var isWords: Bool {
    let signs: Set<Character> = ["'", "’", "-", ".", ",", "!", "?", " ", "\n", "\t", "&", "\""]
    guard opened.first(where: { !$0.isWhitespace })?.isLetter == true,
      opened.allSatisfy({ $0.isLetter || signs.contains($0) }), !hasMinus
    else { return false }
    return opened.split(whereSeparator: { !$0.isLetter }).contains {
      $0.count > 1 && !MathWords.isMathematics($0.lowercased()) && !MathWords.isProduct($0)
    }
  }

  /// Whether a `-` stands where it can be no hyphen: `ab-cd` is a difference, `non-zero` a word.
  private var hasMinus: Bool {
    guard opened.contains("-") else { return false }
    let parts = opened.split(separator: "-", omittingEmptySubsequences: false)
    return parts.contains { $0.isEmpty || $0.first == " " || $0.last == " " }
      || parts.allSatisfy { $0.count <= 3 && !MathWords.isShortWord($0.lowercased()) }
  }

  /// The letters of a short text of small letters alone, in order: `cab` and `abc` are one product.
  var letters: [Character]? {
    (2...3).contains(text.count) && text.allSatisfy { $0.isASCII && $0.isLowercase }
      ? text.sorted() : nil
  }

  /// The words in lower case, without signs.
  var words: [String] {
    opened.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  /// The same as one text, in which hyphens make no difference: `nonzero`.
  var joinedWords: String {
    let closed = opened.lowercased().replaced("-", with: "")
    return closed.split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
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
    guard ["", "am", "pm"].contains(half), half.isEmpty || hour <= 12 else { return nil }
    return Clock(hour: hour, minute: minute, half: half)
  }

  /// A time of day.
  struct Clock: Equatable {
    var hour: Int
    var minute: Int
    var half: String

    /// The same time; where only one says AM or PM the other may be either, or count to 24.
    static func == (one: Clock, other: Clock) -> Bool {
      guard one.minute == other.minute else { return false }
      if one.half.isEmpty == other.half.isEmpty, one.half == other.half {
        return one.hour == other.hour
      }
      if !one.half.isEmpty, !other.half.isEmpty { return false }
      return one.hour == other.hour || one.ofDay == other.ofDay
    }

    private var ofDay: Int { half.isEmpty ? hour : hour % 12 + (half == "pm" ? 12 : 0) }
  }
}
