import BigInt

/// A word of an expression in Python's notation.
enum ExpressionToken: Equatable {
  /// A number as it is written, ASCII and without underscores.
  case number(String)
  case name(String)
  case text([Unicode.Scalar])
  case sign(String)
}

/// Takes an expression apart as SymPy has Python do it.
///
/// Two things are not what one expects. Signs that only space separates are joined, so `2 * *3` is
/// a power, for the parts are written anew without space before they are read. And `!` is a
/// factorial only right behind its operand (from Python 3.12 on space may stand between).
struct ExpressionTokens {
  private let text: [Unicode.Scalar]
  private var place = 0
  private var tokens: [ExpressionToken] = []
  /// Signs not yet told apart.
  private var signs = ""
  private var brackets = 0
  /// Whether a logical line has ended.
  private var hasEnded = false

  private init(_ text: ArraySlice<Unicode.Scalar>) { self.text = Array(text) }

  /// The words of an expression; nil where there is a sign that Python does not know.
  static func read(_ text: ArraySlice<Unicode.Scalar>) -> [ExpressionToken]? {
    var reader = ExpressionTokens(text)
    while reader.place < reader.text.count {
      guard reader.step() else { return nil }
    }
    reader.endSigns()
    return reader.tokens
  }

  private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    place + offset < text.count ? text[place + offset] : nil
  }

  /// Reads one word, space or comment; false where that cannot be.
  private mutating func step() -> Bool {
    guard let scalar = peek() else { return false }
    switch scalar {
    case " ", "\t", "\u{0C}":
      place += 1
      return peek() != "!" || peek(1) == "="
    case "\r" where peek(1) == "\n":
      place += 1
      return true
    case "\n":
      return endLine()
    case "#":
      while let next = peek(), next != "\n", next != "\r" { place += 1 }
      return true
    case "\\":
      guard peek(1) == "\n" else { return false }
      place += 2
      return true
    default:
      guard !hasEnded else { return false }
      return word(scalar)
    }
  }

  /// A line ends only what is not in brackets; before anything else it is empty.
  private mutating func endLine() -> Bool {
    place += 1
    endSigns()
    guard brackets == 0 else { return true }
    if !tokens.isEmpty { hasEnded = true }
    guard tokens.isEmpty else { return true }
    let line = text[place...].prefix { $0 != "\n" }
    let first = line.first { !" \t\u{0C}".unicodeScalars.contains($0) }
    // An expression may not be indented.
    return first == nil || first == "#" || first == line.first
  }

  private mutating func word(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCIIDigit || (scalar == "." && peek(1)?.isASCIIDigit == true) { return number() }
    if let quote = quotePlace() { return string(quote) }
    if scalar.isWordCharacter { return name() }
    switch scalar {
    case "!" where peek(1) != "=": return factorial()
    case "!":
      signs += "!="
      place += 1
    case "(", "[", "{": brackets += 1
    case ")", "]", "}": brackets -= 1
    case "%", "&", "*", "+", ",", "-", ".", "/", ":", ";", "<", "=", ">", "@", "^", "|", "~": break
    default: return false
    }
    if scalar != "!" { signs.unicodeScalars.append(scalar) }
    place += 1
    return brackets >= 0
  }

  private mutating func add(_ token: ExpressionToken) {
    endSigns()
    tokens.append(token)
  }

  /// Signs of several characters, longest first.
  private static let long = [
    "...", "**=", "//=", "<<=", ">>=", "!=", "%=", "&=", "**", "*=", "+=", "-=", "->", "//", "/=",
    ":=", "<<", "<=", "==", ">=", ">>", "@=", "^=", "|=",
  ]

  private mutating func endSigns() {
    var rest = Substring(signs)
    while let first = rest.first {
      let sign = Self.long.first { rest.hasPrefix($0) } ?? String(first)
      tokens.append(.sign(sign))
      rest = rest.dropFirst(sign.count)
    }
    signs = ""
  }

  /// `!` behind an operand, and not behind its space.
  private mutating func factorial() -> Bool {
    endSigns()
    switch tokens.last {
    case .number, .name, .text, .sign(")"), .sign("]"), .sign("!"): break
    default: return false
    }
    tokens.append(.sign("!"))
    place += 1
    return true
  }

  private mutating func name() -> Bool {
    let start = place
    while peek()?.isWordCharacter == true { place += 1 }
    // A digit of another script begins no name.
    switch text[start].properties.generalCategory {
    case .otherNumber, .decimalNumber: return false
    default: add(.name(text[start..<place].text))
    }
    return true
  }
}

extension ExpressionTokens {
  private mutating func number() -> Bool {
    let start = place
    let prefix = peek() == "0" ? peek(1) : nil
    let bases: [Unicode.Scalar: Int] = ["x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2]
    if let prefix, let base = bases[prefix], let value = whole(base: base) {
      add(.number(value))
      return true
    }
    digits { $0.isASCIIDigit }
    let isWhole = !fraction() && !exponent()
    if peek() == "j" || peek() == "J" {
      place += 1
    } else if isWhole, text[start] == "0" {
      // Zeros may be repeated, but lead nothing.
      place = start + 1
      digits(from: start) { $0 == "0" }
    }
    add(.number(text[start..<place].filter { $0 != "_" }.text))
    return true
  }

  /// Passes digits with single underscores between them.
  private mutating func digits(
    from start: Int? = nil, where fits: (Unicode.Scalar) -> Bool
  ) {
    var isInside = start != nil
    while let next = peek() {
      if fits(next) {
        place += 1
      } else if next == "_", isInside, let after = peek(1), fits(after) {
        place += 2
      } else {
        return
      }
      isInside = true
    }
  }

  /// Passes a point and what stands behind it.
  private mutating func fraction() -> Bool {
    guard peek() == "." else { return false }
    place += 1
    digits { $0.isASCIIDigit }
    _ = exponent()
    return true
  }

  private mutating func exponent() -> Bool {
    guard peek() == "e" || peek() == "E" else { return false }
    let sign = peek(1) == "+" || peek(1) == "-" ? 1 : 0
    guard peek(1 + sign)?.isASCIIDigit == true else { return false }
    place += 1 + sign
    digits { $0.isASCIIDigit }
    return true
  }

  /// A whole number of another base, written anew in ours; nil where no digit follows the prefix.
  private mutating func whole(base: Int) -> String? {
    let start = place
    place += 2
    digits(from: place) { scalar in
      scalar.isASCII && Character(scalar).hexDigitValue.map { $0 < base } == true
    }
    let digits = text[(start + 2)..<place].filter { $0 != "_" }.text
    guard let value = BigInt(digits, radix: base), digits.utf8.count <= PythonNumber.digitLimit
    else {
      place = start
      return nil
    }
    return value.description
  }

  private static let prefixes: Set<String> = ["", "b", "r", "u", "f", "br", "rb", "fr", "rf"]

  /// Where the quote of a string with or without a prefix stands.
  private func quotePlace() -> Int? {
    for length in 0...2 {
      guard let quote = peek(length), quote == "'" || quote == "\"" else { continue }
      let prefix = text[place..<(place + length)].text.lowercased()
      return Self.prefixes.contains(prefix) ? place + length : nil
    }
    return nil
  }

  /// A string, its escapes as they are written: no number is written with one.
  private mutating func string(_ quote: Int) -> Bool {
    let mark = text[quote]
    let isTriple = quote + 2 < text.count && text[quote + 1] == mark && text[quote + 2] == mark
    let width = isTriple ? 3 : 1
    var end = quote + width
    while end < text.count {
      if text[end] == "\\" {
        end += 2
      } else if text[end] == mark,
        !isTriple || text[end...].prefix(3).elementsEqual([mark, mark, mark])
      {
        add(.text(Array(text[(quote + width)..<end])))
        place = end + width
        return true
      } else if text[end] == "\n", !isTriple {
        return false
      } else {
        end += 1
      }
    }
    return false
  }
}
