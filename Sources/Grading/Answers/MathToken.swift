/// A piece of an answer as people or models write it, LaTeX or not.
enum MathToken: Equatable, Sendable {
  /// Digits with at most one point, perhaps with `e` and an exponent.
  case number(String)
  /// One letter.
  case letter(Character)
  /// A word of several letters, or what stands in `\text{…}`.
  case word(String)
  /// A LaTeX command without its backslash; signs of Unicode become their command.
  case command(String)
  /// Any other sign.
  case sign(Character)
  /// White space, which only tells `1 1/2` from `11/2` and `2 h` from `2h`.
  case space
}

/// How a comma between digits is understood.
enum CommaReading: CaseIterable, Sendable {
  /// `1,234` is one number; any other comma separates.
  case grouping
  /// Every comma separates.
  case separating
  /// `0,5` is a half.
  case decimal
}

/// Cuts an answer into tokens.
struct MathScanner {
  private let text: [Character]
  private let commas: CommaReading
  private var place = 0
  private var tokens: [MathToken] = []

  /// Most characters of an answer that are looked at as mathematics.
  static let lengthLimit = 1000

  private init(_ text: String, commas: CommaReading) {
    self.text = Array(text)
    self.commas = commas
  }

  /// The tokens of a text; nil where it is too long to be an answer.
  static func tokens(_ text: String, commas: CommaReading) -> [MathToken]? {
    guard text.utf8.count <= 4 * lengthLimit else { return nil }
    var scanner = MathScanner(text, commas: commas)
    guard scanner.text.count <= lengthLimit else { return nil }
    scanner.scan()
    return scanner.tokens
  }

  private mutating func scan() {
    while let character = peek() {
      if character.isWhitespace || character == "~" {
        if tokens.last != .space { tokens.append(.space) }
        place += 1
      } else if character.isASCIIDigit || (character == "." && peek(1)?.isASCIIDigit == true) {
        scanNumber()
      } else if character == "\\" {
        scanCommand()
      } else if character.isLetter, character.isASCII {
        scanWord()
      } else {
        place += 1
        append(sign: character)
      }
    }
  }

  private func peek(_ ahead: Int = 0) -> Character? {
    place + ahead < text.count ? text[place + ahead] : nil
  }
}

// Numbers.
extension MathScanner {
  private mutating func scanNumber() {
    var digits = ""
    var hasPoint = false
    while let character = peek() {
      if character.isASCIIDigit {
        digits.append(character)
      } else if character == ".", !hasPoint, peek(1)?.isASCIIDigit == true || !digits.isEmpty {
        guard peek(1)?.isASCIIDigit == true else { break }
        hasPoint = true
        digits.append(".")
      } else if character == ",", !hasPoint, joins(digits) {
        if commas == .decimal {
          hasPoint = true
          digits.append(".")
        }
      } else {
        break
      }
      place += 1
    }
    tokens.append(.number(digits + exponent()))
  }

  /// Whether the comma here belongs to the number.
  private func joins(_ before: String) -> Bool {
    switch commas {
    case .separating: return false
    case .decimal: return peek(1)?.isASCIIDigit == true
    case .grouping:
      let group = (1...3).allSatisfy { peek($0)?.isASCIIDigit == true }
      guard group, peek(4)?.isASCIIDigit != true else { return false }
      // `1,2345` is no grouped number, and `1234,567` none either.
      return (1...3).contains(before.count) || grouped(before)
    }
  }

  /// Whether the digits so far came from groups.
  private func grouped(_ before: String) -> Bool {
    place >= 4 && text[place - 4] == "," && before.count > 3
  }

  /// The exponent of `6.02e23`, taken with it; `2e` and `2ex` have none.
  private mutating func exponent() -> String {
    guard let mark = peek(), mark == "e" || mark == "E" else { return "" }
    var end = place + 1
    if end < text.count, text[end] == "+" || text[end] == "-" { end += 1 }
    let first = end
    while end < text.count, text[end].isASCIIDigit { end += 1 }
    guard end > first, end - first <= 4 else { return "" }
    if end < text.count, text[end].isLetter || text[end] == "." { return "" }
    defer { place = end }
    return String(text[place..<end]).lowercased()
  }
}

// Words and commands.
extension MathScanner {
  private mutating func scanWord() {
    let start = place
    while let character = peek(), character.isLetter, character.isASCII { place += 1 }
    let word = String(text[start..<place])
    let known = MathWords.isKnown(word)
    let touchesNumber = start > 0 && text[start - 1].isASCIIDigit
    let isProduct =
      word.count <= 3 && !known && (touchesNumber || word.allSatisfy(\.isLowercase))
    if word.count == 1 || isProduct {
      tokens += word.map { .letter($0) }
    } else if let command = MathWords.commands[word.lowercased()] {
      tokens.append(.command(command))
    } else {
      tokens.append(.word(word))
    }
  }

  private mutating func scanCommand() {
    place += 1
    guard let first = peek() else { return }
    guard first.isLetter, first.isASCII else {
      place += 1
      appendEscaped(first)
      return
    }
    let start = place
    while let character = peek(), character.isLetter, character.isASCII { place += 1 }
    let name = String(text[start..<place])
    if MathWords.textCommands.contains(name) {
      appendText()
    } else if name == "begin" || name == "end" {
      tokens.append(.command(name + (group() ?? "")))
    } else if !MathWords.ignoredCommands.contains(name) {
      append(command: MathWords.canonicalCommands[name] ?? name)
    } else if name == "left" || name == "right", peek() == "." {
      place += 1
    }
  }

  /// What stands after a backslash that is no letter.
  private mutating func appendEscaped(_ character: Character) {
    switch character {
    case "{": tokens.append(.command("{"))
    case "}": tokens.append(.command("}"))
    case "\\": tokens.append(.command("\\"))
    case "%": tokens.append(.command("%"))
    case "|": tokens.append(.sign("|"))
    case " ", ",", ";", ":": if tokens.last != .space { tokens.append(.space) }
    default: break
    }
  }

  /// The braces after `\text`: a letter or a function stays mathematics, anything else is a word.
  private mutating func appendText() {
    guard let inner = group() else { return }
    let words = inner.trimmed(while: \.isWhitespace)
    if words.isEmpty {
      tokens.append(.space)
    } else if words.allSatisfy({ !$0.isLetter }) || words.count == 1 {
      tokens += MathScanner.tokens(words, commas: commas) ?? []
    } else {
      tokens.append(.word(words))
    }
  }

  /// The text in the braces that begin here, taken with them.
  private mutating func group() -> String? {
    var start = place
    while start < text.count, text[start] == " " { start += 1 }
    guard start < text.count, text[start] == "{" else { return nil }
    var depth = 0
    for end in start..<text.count {
      if text[end] == "{" { depth += 1 }
      if text[end] == "}" { depth -= 1 }
      if depth == 0 {
        place = end + 1
        return String(text[(start + 1)..<end])
      }
    }
    return nil
  }

  private mutating func append(command name: String) {
    let isSign = name.count == 1 && name.first?.isLetter == false && !"{}%~".contains(name)
    tokens.append(isSign ? .sign(Character(name)) : .command(name))
  }

  private mutating func append(sign: Character) {
    if let pair = peek().flatMap({ MathWords.pairs[String([sign, $0])] }) {
      place += 1
      tokens.append(pair)
    } else if let command = MathWords.signs[sign] {
      tokens += command
    } else if sign != "$", sign != "€", sign != "£", sign != "\u{200B}", sign != "\u{FEFF}" {
      tokens.append(.sign(sign))
    }
  }
}

extension Character {
  /// Whether this is one of 0…9.
  var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

extension String {
  /// Without such characters at either end.
  func trimmed(while condition: (Character) -> Bool) -> String {
    var rest = self[...]
    while let first = rest.first, condition(first) { rest.removeFirst() }
    while let last = rest.last, condition(last) { rest.removeLast() }
    return String(rest)
  }
}
