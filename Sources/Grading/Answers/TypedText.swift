import Foundation

/// Text as it was typed, with the many signs of Unicode that mean the same written one way.
enum TypedText {
  /// Superscripts as `^{…}`, subscripts as `_{…}`, vulgar fractions as `\frac{…}{…}`, full-width
  /// and other styled characters as the plain ones, every white space within a line as a space.
  static func plain(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
    var result = ""
    var script: Character?
    for character in text {
      let (kind, written) = reading(character)
      if kind != script, script != nil { result += "}" }
      // `9m²` are square metres; a variable is raised by `^`.
      if script == nil, character == "²" || character == "³", result.last == "m",
        result.dropLast().last?.isASCIIDigit == true
      {
        result = String(result.dropLast()) + "\\text{m}"
      }
      if kind != script, let kind { result += "\(kind){" }
      script = kind
      result += written
    }
    if script != nil { result += "}" }
    return result
  }

  /// What a character stands for, and whether raised or lowered.
  private static func reading(_ character: Character) -> (script: Character?, text: String) {
    if let raised = superscripts[character] { return ("^", raised) }
    if let lowered = subscripts[character] { return ("_", lowered) }
    if let known = others[character] { return (nil, known) }
    if character.isASCII { return (nil, String(character)) }
    if character.isWhitespace { return (nil, character.isNewline ? "\n" : " ") }
    // The digits of other scripts.
    if let digit = character.wholeNumberValue, (0...9).contains(digit),
      !"①②③④⑤⑥⑦⑧⑨⓪".contains(character),
      character.unicodeScalars.first?.properties.generalCategory == .decimalNumber
    {
      return (nil, "\(digit)")
    }
    // Full-width, bold, italic, circled and other forms of one character.
    let folded = String(character).precomposedStringWithCompatibilityMapping
    return (nil, folded)
  }

  private static let superscripts: [Character: String] = [
    "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8",
    "⁹": "9", "⁺": "+", "⁻": "-", "⁼": "=", "⁽": "(", "⁾": ")", "ⁿ": "n", "ⁱ": "i", "ˣ": "x",
    "ʸ": "y", "ᵏ": "k", "ᵐ": "m", "ᵃ": "a", "ᵇ": "b", "ᵗ": "t",
  ]

  private static let subscripts: [Character: String] = [
    "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "₅": "5", "₆": "6", "₇": "7", "₈": "8",
    "₉": "9", "ₙ": "n", "ₖ": "k", "ᵢ": "i", "ⱼ": "j", "ₘ": "m", "ₓ": "x", "₊": "+", "₋": "-",
  ]

  private static let others: [Character: String] = [
    "½": "\\frac{1}{2}", "⅓": "\\frac{1}{3}", "⅔": "\\frac{2}{3}", "¼": "\\frac{1}{4}",
    "¾": "\\frac{3}{4}", "⅕": "\\frac{1}{5}", "⅖": "\\frac{2}{5}", "⅗": "\\frac{3}{5}",
    "⅘": "\\frac{4}{5}", "⅙": "\\frac{1}{6}", "⅚": "\\frac{5}{6}", "⅐": "\\frac{1}{7}",
    "⅛": "\\frac{1}{8}", "⅜": "\\frac{3}{8}", "⅝": "\\frac{5}{8}", "⅞": "\\frac{7}{8}",
    "⅑": "\\frac{1}{9}", "⅒": "\\frac{1}{10}", "ℝ": "\\mathbb{R}", "ℤ": "\\mathbb{Z}",
    "ℕ": "\\mathbb{N}", "ℚ": "\\mathbb{Q}", "º": "°", "˚": "°", "∖": "\\setminus ", "’": "'",
    "‘": "'", "′": "'", "∛": "\\sqrt[3]", "∜": "\\sqrt[4]", "⇒": "\\Rightarrow ",
    "⟹": "\\Rightarrow ", "→": "\\to ", "∴": "\\therefore ", "≡": "\\equiv ", "…": "\\ldots ",
    "î": "\\hat{i}", "ĵ": "\\hat{j}", "\u{200B}": "", "\u{200C}": "", "\u{200D}": "",
    "\u{2060}": "", "\u{FEFF}": "", "‑": "-", "﹣": "-", "－": "-", "∕": "/", "∗": "*", "•": "·",
    "⟨": "\\langle ", "⟩": "\\rangle ", "〈": "\\langle ", "〉": "\\rangle ", "¥": "¥", "￥": "¥",
    "™": "", "®": "", "©": "",
  ]
}

extension TypedText {
  /// With the separators of thousands closed: `1 000 000`, `1'000'000`, `1\,000\,000`, and
  /// `12,34,567` as `1234567`.
  static func closingGroups(_ text: String) -> String {
    var characters = Array(text)
    var place = 0
    while place < characters.count {
      guard characters[place].isASCIIDigit,
        place == 0 || !isPartOfNumber(characters[place - 1])
      else {
        place += 1
        continue
      }
      if let (digits, end) = grouped(characters, from: place) {
        characters.replaceSubrange(place..<end, with: digits)
        place += digits.count
      } else {
        while place < characters.count, isPartOfNumber(characters[place]) { place += 1 }
      }
    }
    return String(characters)
  }

  /// `12.345,67` as `12345.67`: points between groups, and a comma before the decimals.
  static func withPoint(_ text: String) -> String {
    guard text.contains(","), text.contains(".") else { return text }
    let number = text.prefix { $0.isASCIIDigit || ".,-".contains($0) }
    let halves = number.split(separator: ",", omittingEmptySubsequences: false)
    guard halves.count == 2, !halves[1].isEmpty, halves[1].allSatisfy(\.isASCIIDigit) else {
      return text
    }
    let groups = halves[0].drop { $0 == "-" }.split(
      separator: ".", omittingEmptySubsequences: false)
    guard groups.count > 1, (1...3).contains(groups[0].count),
      groups.dropFirst().allSatisfy({ $0.count == 3 })
    else { return text }
    return halves[0].filter { $0 != "." } + "." + halves[1] + text.dropFirst(number.count)
  }

  private static func isPartOfNumber(_ character: Character) -> Bool {
    character.isASCIIDigit || character == "." || character == ","
  }

  /// The digits of groups that begin here and their end; nil where there are none.
  private static func grouped(
    _ text: [Character], from start: Int
  ) -> (digits: [Character], end: Int)? {
    let head = text[start...].prefix { $0.isASCIIDigit }
    guard (1...3).contains(head.count) else { return nil }
    for separator in separators {
      var digits = Array(head)
      var end = start + head.count
      while let group = group(text, after: separator, from: end) {
        digits += group
        end += separator.count + group.count
      }
      guard end > start + head.count, head.first != "0",
        end == text.count || !text[end].isASCIIDigit && text[end] != "/"
      else { continue }
      return (digits, end)
    }
    return indian(text, from: start, head: head.count)
  }

  private static let separators: [[Character]] = [
    [" "], ["'"], ["\\", ","], ["\\", ";"], ["\\", " "], ["\\", ":"], ["~"],
  ]

  /// Three digits after a separator, and no fourth.
  private static func group(
    _ text: [Character], after separator: [Character], from start: Int
  ) -> ArraySlice<Character>? {
    let first = start + separator.count
    guard first + 3 <= text.count, text[start..<first].elementsEqual(separator),
      text[first..<first + 3].allSatisfy(\.isASCIIDigit),
      first + 3 == text.count || !text[first + 3].isASCIIDigit
    else { return nil }
    return text[first..<first + 3]
  }

  /// `12,34,567`: groups of two, then one of three.
  private static func indian(
    _ text: [Character], from start: Int, head: Int
  ) -> (digits: [Character], end: Int)? {
    guard head <= 2, text[start] != "0" else { return nil }
    var end = start + head
    var pairs = 0
    func digits(_ count: Int) -> Bool {
      end + count < text.count && text[end] == ","
        && text[end + 1...end + count].allSatisfy(\.isASCIIDigit)
        && (end + count + 1 == text.count || !text[end + count + 1].isASCIIDigit)
    }
    while digits(2) {
      pairs += 1
      end += 3
    }
    guard pairs > 0, digits(3) else { return nil }
    end += 4
    guard end == text.count || !isPartOfNumber(text[end]) else { return nil }
    return (text[start..<end].filter { $0 != "," }, end)
  }
}
