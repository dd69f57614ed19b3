import BigInt

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
  /// Whether this is what stands in `\text{…}`, where every word is a word.
  private let isText: Bool
  private var place = 0
  private var depth = 0
  private var tokens: [MathToken] = []

  private static let depthLimit = 8
  /// Most characters of an answer that are looked at as mathematics.
  static let lengthLimit = 1000

  private init(_ text: String, commas: CommaReading, isText: Bool = false) {
    self.text = Array(text)
    self.commas = commas
    self.isText = isText
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
        let isRepeating = period(from: place + 1) != nil
        guard peek(1)?.isASCIIDigit == true || isRepeating else { break }
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
    if hasPoint, let (period, end) = period(from: place) {
      place = end
      tokens += Self.repeating(digits, period)
    } else {
      tokens.append(.number(digits + exponent()))
    }
  }

  /// The digits that come again and again, after a point: `\overline{36}`, `\dot{3}`, `(36)`.
  private func period(from start: Int) -> (digits: String, end: Int)? {
    for mark in ["\\overline{", "\\bar{", "\\dot{", "\\overline ", "("] {
      let first = start + mark.count
      guard first < text.count, text[start..<first].elementsEqual(mark) else { continue }
      let digits = text[first...].prefix { $0.isASCIIDigit }
      let last = first + digits.count
      guard (1...18).contains(digits.count) else { continue }
      if mark == "\\overline " { return digits.count == 1 ? (String(digits), last) : nil }
      let end: Character = mark == "(" ? ")" : "}"
      guard last < text.count, text[last] == end else { continue }
      return (String(digits), last + 1)
    }
    return nil
  }

  /// A repeating decimal as a fraction: 0.1666… is (16 − 1) / 90.
  private static func repeating(_ head: String, _ period: String) -> [MathToken] {
    let fixed = head.filter { $0 != "." }
    let decimals = head.split(separator: ".", omittingEmptySubsequences: false).last?.count ?? 0
    guard let all = BigInt(fixed + period), let rest = BigInt(fixed.isEmpty ? "0" : fixed) else {
      return []
    }
    let nines = String(repeating: "9", count: period.count)
    let below = nines + String(repeating: "0", count: decimals)
    return [
      .sign("("), .number((all - rest).description), .sign("/"), .number(below), .sign(")"),
    ]
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
    if end < text.count, "+-−".contains(text[end]) { end += 1 }
    let first = end
    while end < text.count, text[end].isASCIIDigit { end += 1 }
    guard end > first, end - first <= 4 else { return "" }
    if end < text.count, text[end].isLetter || text[end] == "." { return "" }
    defer { place = end }
    return String(text[place..<end]).lowercased().replaced("−", with: "-")
  }
}

// Words and commands.
extension MathScanner {
  private mutating func scanWord() {
    let start = place
    while let character = peek(), character.isLetter, character.isASCII { place += 1 }
    let word = String(text[start..<place])
    let known = MathWords.isKnown(word) && !(MathWords.isShortWord(word) && isFactor(from: start))
    let touchesNumber = start > 0 && text[start - 1].isASCIIDigit
    let isProduct =
      word.count <= 3 && !known && !isText
      && (touchesNumber || word.allSatisfy(\.isLowercase) || word.allSatisfy(\.isUppercase))
    if word.count == 1 {
      append(letter: Character(word))
    } else if isProduct {
      tokens += word.map { .letter($0) }
    } else if let command = MathWords.commands[word.lowercased()] {
      tokens.append(.command(command))
    } else {
      tokens.append(.word(word))
    }
  }

  /// Whether a word that ends here stands between signs of mathematics: `-d+cab`.
  private func isFactor(from start: Int) -> Bool {
    let word = String(text[start..<place]).lowercased()
    guard !["gcd", "lcm", "max", "min", "mod", "lg"].contains(word),
      MathWords.commands[word] == nil,
      MathFunction.named(word) == nil,
      Unit.named(word) == nil, !MathWords.changing.contains(word), MathWords.numbers[word] == nil
    else { return false }
    let before = text[..<start].last { $0 != " " }
    let after = text[place...].first { $0 != " " }
    return [before, after].contains { $0.map { "+-*^={}()".contains($0) } ?? false }
  }

  /// A single letter: after a number and in text it may be a unit.
  private mutating func append(letter: Character) {
    let last = tokens.last { $0 != .space }
    var isNumber = false
    if case .number = last { isNumber = true }
    if last == .sign(")") || last == .sign("}") { isNumber = true }
    let isUnit = "mgshlLKNJWV".contains(letter)
    tokens.append(isText && isUnit && isNumber ? .word(String(letter)) : .letter(letter))
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
    if MathWords.directionCommands.contains(name), let direction = direction() {
      tokens.append(.command("unit-" + direction))
    } else if name == "mathbb" {
      tokens.append(.command(group().map { $0 == "R" ? "reals" : "set-" + $0 } ?? "mathbb"))
    } else if MathWords.textCommands.contains(name) {
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

  /// The braces after `\hat` where they hold i, j or k; nil, and nothing taken, for others.
  private mutating func direction() -> String? {
    let start = place
    guard var inner = group() else { return nil }
    for command in ["\\mathbf", "\\hat", "\\vec", "\\boldsymbol"] {
      inner = inner.replaced(command, with: "")
    }
    let letter = inner.filter { !"{} ".contains($0) }
    let known = ["i": "i", "j": "j", "k": "k", "\\imath": "i", "\\jmath": "j"]
    if let direction = known[letter] { return direction }
    place = start
    return nil
  }

  /// The braces after `\text`, in which every word is a word.
  private mutating func appendText() {
    guard let inner = group() else { return }
    if inner.allSatisfy(\.isWhitespace) {
      if tokens.last != .space { tokens.append(.space) }
      return
    }
    guard depth < Self.depthLimit else { return tokens.append(.command("text")) }
    var scanner = MathScanner(inner, commas: commas, isText: true)
    scanner.depth = depth + 1
    scanner.tokens = tokens
    scanner.scan()
    tokens = scanner.tokens
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
    } else if !"$€£¥₹₩₽".contains(sign), sign != "\u{200B}", sign != "\u{FEFF}" {
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
