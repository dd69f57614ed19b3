/// What a chat template is made of: texts between tags, and the words within them.
struct TemplateToken: Sendable {
  /// What it is.
  enum Kind: Equatable, Sendable {
    /// Text between tags.
    case text([Unicode.Scalar])
    /// `{{`.
    case valueBegin
    /// `}}`.
    case valueEnd
    /// `{%`.
    case blockBegin
    /// `%}`.
    case blockEnd
    /// A name or a keyword.
    case name(String)
    /// A string, its escapes resolved.
    case string([Unicode.Scalar])
    /// A whole number.
    case integer(Int)
    /// Any other number.
    case float(Double)
    /// An operator, a bracket or a comma.
    case sign(String)
    /// The end of the template.
    case end
  }

  /// What it is.
  var kind: Kind
  /// The line on which it stands, from 1.
  var line: Int

  /// As it is called in a sentence.
  var description: String {
    switch kind {
    case .text: "text"
    case .valueBegin: "{{"
    case .valueEnd: "}}"
    case .blockBegin: "{%"
    case .blockEnd: "%}"
    case .name(let name): name
    case .string: "a string"
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .sign(let sign): sign
    case .end: "the end of the template"
    }
  }
}

/// What is wrong in a template, and on which line.
struct TemplateError: Error {
  /// The line, from 1; nil until whoever knows it adds it.
  var line: Int?
  /// What is wrong, without a full stop.
  var problem: String
  /// Whether the template itself refuses the conversation, by `raise_exception`.
  var isRefusal = false

  /// A problem on a line that is not known yet.
  init(_ problem: String, line: Int? = nil, isRefusal: Bool = false) {
    self.problem = problem
    self.line = line
    self.isRefusal = isRefusal
  }
}

/// Cuts a template into texts and words as Jinja does with `trim_blocks` and `lstrip_blocks`: the
/// first line break after a block goes, and so does the white space before one that begins a line.
struct TemplateLexer {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var line = 1
  /// Whether what was read last ended a line.
  private var beginsLine = true
  private var brackets: [Unicode.Scalar] = []
  private var tokens: [TemplateToken] = []

  /// The tokens of a template.
  ///
  /// - Throws: `TemplateError` where it cannot be cut.
  static func tokens(of source: String) throws -> [TemplateToken] {
    var lexer = TemplateLexer(source)
    while lexer.position < lexer.scalars.count {
      try lexer.text()
    }
    lexer.add(.end)
    return lexer.tokens
  }

  /// Every line break counts as one, and the last is not part of the template.
  private init(_ source: String) {
    var lines: [Unicode.Scalar] = []
    var isAfterReturn = false
    for scalar in source.unicodeScalars {
      if scalar != "\n" || !isAfterReturn { lines.append(scalar == "\r" ? "\n" : scalar) }
      isAfterReturn = scalar == "\r"
    }
    if lines.last == "\n" { lines.removeLast() }
    scalars = lines
  }

  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    position + ahead < scalars.count ? scalars[position + ahead] : nil
  }

  private func at(_ text: StaticString, ahead: Int = 0) -> Bool {
    text.withUTF8Buffer { bytes in
      for (index, byte) in bytes.enumerated() where peek(ahead + index)?.value != UInt32(byte) {
        return false
      }
      return true
    }
  }

  private mutating func add(_ kind: TemplateToken.Kind, line: Int? = nil) {
    tokens.append(TemplateToken(kind: kind, line: line ?? self.line))
  }

  /// Moves on, counting lines.
  private mutating func skip(_ count: Int) {
    for index in position..<min(position + count, scalars.count) where scalars[index] == "\n" {
      line += 1
    }
    position = min(position + count, scalars.count)
  }

  private mutating func skipSpace() {
    while let scalar = peek(), scalar.isPythonSpace { skip(1) }
  }

  private func isTag(at index: Int) -> Bool {
    guard index + 1 < scalars.count, scalars[index] == "{" else { return false }
    return ["{", "%", "#"].contains(scalars[index + 1])
  }

  /// The text up to the next tag, and that tag.
  private mutating func text() throws {
    var end = position
    while end < scalars.count, !isTag(at: end) { end += 1 }
    let (start, first) = (position, line)
    skip(end - start)
    let sign = peek(2)
    let text = trimmed(start..<end, before: peek(1), sign: sign)
    if !text.isEmpty { add(.text(Array(text)), line: first) }
    guard end < scalars.count else { return }
    beginsLine = false
    let length = sign == "-" || sign == "+" ? 3 : 2
    switch peek(1) {
    case "#": try comment(length)
    case "%" where rawStart(length) != nil: try raw(length)
    case "%": try tag(length, .blockBegin, .blockEnd, closing: "%")
    default: try tag(length, .valueBegin, .valueEnd, closing: "}")
    }
  }

  /// A text without the white space that the tag after it takes away.
  private func trimmed(
    _ range: Range<Int>, before kind: Unicode.Scalar?, sign: Unicode.Scalar?
  ) -> ArraySlice<Unicode.Scalar> {
    let text = scalars[range]
    guard range.upperBound < scalars.count, let kind else { return text }
    if sign == "-" { return text.trimmedAtEnd(where: \.isPythonSpace) }
    guard sign != "+", kind != "{" else { return text }
    let lineStart = text.lastIndex(of: "\n").map { $0 + 1 } ?? text.startIndex
    guard lineStart > text.startIndex || beginsLine,
      text[lineStart...].allSatisfy(\.isPythonSpace)
    else { return text }
    return text[..<lineStart]
  }

  private mutating func comment(_ length: Int) throws {
    let first = line
    skip(length)
    while position < scalars.count, !at("#}"), !at("-#}"), !at("+#}") { skip(1) }
    guard position < scalars.count else {
      throw TemplateError("the comment {# … is not closed by #}", line: first)
    }
    close("#")
  }

  /// The length of a tag's end that stands here, whatever its sign; nil elsewhere.
  private func closing(_ kind: Unicode.Scalar) -> Int? {
    if peek() == kind, peek(1) == "}" { return 2 }
    let isSigned = peek() == "-" || (peek() == "+" && kind != "}")
    return isSigned && peek(1) == kind && peek(2) == "}" ? 3 : nil
  }

  /// After a tag `-` swallows all white space, else a block or comment swallows one line break.
  private mutating func close(_ kind: Unicode.Scalar) {
    let length = closing(kind) ?? 0
    let sign = peek()
    skip(length)
    let end = position
    if length == 3, sign == "-" {
      skipSpace()
    } else if length == 2, kind != "}", peek() == "\n" {
      skip(1)
    }
    beginsLine = position > end && scalars[position - 1] == "\n"
  }

  /// Where the body of a raw block begins, if the tag here is one.
  private func rawStart(_ length: Int) -> Int? {
    var index = position + length
    while index < scalars.count, scalars[index].isPythonSpace { index += 1 }
    guard at("raw", ahead: index - position) else { return nil }
    index += 3
    while index < scalars.count, scalars[index].isPythonSpace { index += 1 }
    let ahead = index - position
    return at("%}", ahead: ahead) || at("-%}", ahead: ahead) ? index : nil
  }

  private mutating func raw(_ length: Int) throws {
    let first = line
    skip((rawStart(length) ?? position) - position)
    let stripsSpace = peek() == "-"
    skip(stripsSpace ? 3 : 2)
    if stripsSpace { skipSpace() }
    beginsLine = scalars[position - 1] == "\n"
    let start = position
    while position < scalars.count {
      if at("{%"), let end = rawEnd() {
        let text = trimmed(start..<position, before: "%", sign: peek(2))
        if !text.isEmpty { add(.text(Array(text)), line: first) }
        skip(end - position)
        close("%")
        return
      }
      skip(1)
    }
    throw TemplateError("the block {% raw %} is not closed by {% endraw %}", line: first)
  }

  /// Where the end of an `endraw` tag begins, if one stands here.
  private func rawEnd() -> Int? {
    var index = position + 2
    if index < scalars.count, scalars[index] == "-" || scalars[index] == "+" { index += 1 }
    while index < scalars.count, scalars[index].isPythonSpace { index += 1 }
    guard at("endraw", ahead: index - position) else { return nil }
    index += 6
    while index < scalars.count, scalars[index].isPythonSpace { index += 1 }
    let ahead = index - position
    return at("%}", ahead: ahead) || at("-%}", ahead: ahead) || at("+%}", ahead: ahead)
      ? index : nil
  }

  /// The words of a tag.
  private mutating func tag(
    _ length: Int, _ begin: TemplateToken.Kind, _ end: TemplateToken.Kind,
    closing kind: Unicode.Scalar
  ) throws {
    let first = line
    add(begin)
    skip(length)
    brackets = []
    while let scalar = peek() {
      if brackets.isEmpty, closing(kind) != nil {
        add(end)
        close(kind)
        return
      }
      try word(scalar)
    }
    throw TemplateError(
      "a tag that begins with \(begin == .valueBegin ? "{{" : "{%") is not closed", line: first)
  }

  private mutating func word(_ scalar: Unicode.Scalar) throws {
    if scalar.isPythonSpace {
      skip(1)
    } else if scalar.isDigit {
      try number()
    } else if scalar.isWord {
      let start = position
      while let scalar = peek(), scalar.isWord { position += 1 }
      add(.name(scalars[start..<position].asString))
    } else if scalar == "'" || scalar == "\"" {
      try string(scalar)
    } else {
      try sign(scalar)
    }
  }

  private mutating func sign(_ scalar: Unicode.Scalar) throws {
    for pair in ["//", "**", "==", "!=", ">=", "<="] where pair.unicodeScalars.first == scalar {
      if peek(1) == pair.unicodeScalars.last {
        add(.sign(pair))
        return skip(2)
      }
    }
    guard "+-/*%~[](){}><=.:|,;".unicodeScalars.contains(scalar) else {
      throw TemplateError("the sign \(quoted(String(Character(scalar)))) has no place", line: line)
    }
    switch scalar {
    case "(": brackets.append(")")
    case "[": brackets.append("]")
    case "{": brackets.append("}")
    case ")", "]", "}":
      guard brackets.popLast() == scalar else {
        throw TemplateError("a bracket \(scalar) closes none", line: line)
      }
    default: break
    }
    add(.sign(String(Character(scalar))))
    skip(1)
  }

  private mutating func number() throws {
    let start = position
    let bases: [Unicode.Scalar: Int] = ["x": 16, "o": 8, "b": 2, "X": 16, "O": 8, "B": 2]
    if peek() == "0", let mark = peek(1), let base = bases[mark], peek(2)?.isWord == true {
      position += 2
      while let scalar = peek(), scalar.isWord { position += 1 }
      let digits = scalars[start + 2..<position].filter { $0 != "_" }
      return try integer(Int(Array(digits).asString, radix: base))
    }
    skipDigits()
    var isFloat = false
    let follows = start == 0 || scalars[start - 1] != "."
    if follows, peek() == ".", peek(1)?.isDigit == true {
      isFloat = true
      position += 1
      skipDigits()
    }
    if follows, peek() == "e" || peek() == "E" {
      let signed = peek(1) == "+" || peek(1) == "-"
      if peek(signed ? 2 : 1)?.isDigit == true {
        isFloat = true
        position += signed ? 2 : 1
        skipDigits()
      }
    }
    let text = scalars[start..<position].filter { $0 != "_" }.asString
    isFloat ? add(.float(Double(text) ?? .infinity)) : try integer(Int(text))
  }

  private mutating func skipDigits() {
    while let scalar = peek(), scalar.isDigit || (scalar == "_" && peek(1)?.isDigit == true) {
      position += 1
    }
  }

  private mutating func integer(_ value: Int?) throws {
    guard let value else {
      throw TemplateError("a number is too large or not written as one", line: line)
    }
    add(.integer(value))
  }

  /// A string with Python's escapes.
  private mutating func string(_ quote: Unicode.Scalar) throws {
    let first = line
    skip(1)
    var text: [Unicode.Scalar] = []
    while let scalar = peek() {
      skip(1)
      if scalar == quote { return add(.string(text), line: first) }
      guard scalar == "\\", let escaped = peek() else {
        text.append(scalar)
        continue
      }
      skip(1)
      try escape(escaped, into: &text)
    }
    throw TemplateError("a string is not closed by \(quote)", line: first)
  }

  private mutating func escape(
    _ scalar: Unicode.Scalar, into text: inout [Unicode.Scalar]
  ) throws {
    let simple: [Unicode.Scalar: UInt32] = [
      "n": 10, "t": 9, "r": 13, "b": 8, "f": 12, "v": 11, "a": 7, "\\": 92, "'": 39, "\"": 34,
    ]
    let lengths: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
    if let value = simple[scalar].flatMap(Unicode.Scalar.init) {
      text.append(value)
    } else if let length = lengths[scalar] {
      text.append(try code(16, from: position, length))
      skip(length)
    } else if scalar.value >= 48, scalar.value < 56 {
      var length = 1
      while length < 3, let next = peek(length - 1), next.value >= 48, next.value < 56 {
        length += 1
      }
      text.append(try code(8, from: position - 1, length))
      skip(length - 1)
    } else if scalar == "N" {
      throw TemplateError("the escape \\N in a string is not supported", line: line)
    } else if scalar != "\n" {
      text += ["\\", scalar]
    }
  }

  private func code(_ radix: Int, from start: Int, _ length: Int) throws
    -> Unicode.Scalar
  {
    let digits = scalars[start..<min(start + length, scalars.count)]
    guard digits.count == length, digits.allSatisfy(\.isWord),
      let value = UInt32(digits.asString, radix: radix), let scalar = Unicode.Scalar(value)
    else { throw TemplateError("a string has an escape that is no character", line: line) }
    return scalar
  }
}
