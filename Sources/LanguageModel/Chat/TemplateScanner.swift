/// Cuts a template into texts and tags, white space as Jinja's `trim_blocks` and `lstrip_blocks`
/// leave it.
struct TemplateScanner {
  /// A text or a tag.
  enum Piece {
    /// Text between tags.
    case text(String)
    /// `{{ … }}`.
    case value([TemplateWord])
    /// `{% … %}`.
    case statement([TemplateWord])
  }

  private let scalars: [Unicode.Scalar]
  private var position = 0
  /// Whether what was read last ended a line.
  private var beginsLine = true
  /// Whether all was read, and all could be.
  private(set) var isComplete = false

  /// A scanner at the start of a template; every line break counts as one, and the last is not part
  /// of the template.
  init(_ source: String) {
    var lines: [Unicode.Scalar] = []
    for scalar in source.unicodeScalars {
      if scalar == "\n", lines.last == "\r" { lines.removeLast() }
      if lines.last == "\r" { lines[lines.count - 1] = "\n" }
      lines.append(scalar)
    }
    if lines.last == "\r" { lines[lines.count - 1] = "\n" }
    if lines.last == "\n" { lines.removeLast() }
    scalars = lines
  }

  /// The next piece; nil at the end and where something cannot be read.
  mutating func next() -> Piece? {
    guard position < scalars.count else {
      isComplete = true
      return nil
    }
    guard let kind = tag(at: position) else { return text() }
    position += 2
    if let sign = peek(0), sign == "-" || sign == "+" { position += 1 }
    if kind == "#" { return comment() }
    return words(until: kind == "{" ? "}" : kind).map {
      kind == "{" ? .value($0) : .statement($0)
    }
  }

  private func peek(_ ahead: Int) -> Unicode.Scalar? {
    position + ahead < scalars.count ? scalars[position + ahead] : nil
  }

  private func tag(at index: Int) -> Unicode.Scalar? {
    guard index + 1 < scalars.count, scalars[index] == "{" else { return nil }
    let kind = scalars[index + 1]
    return kind == "{" || kind == "%" || kind == "#" ? kind : nil
  }

  private mutating func text() -> Piece? {
    var end = position
    while end < scalars.count, tag(at: end) == nil { end += 1 }
    var text = scalars[position..<end]
    let lineBegins = beginsLine
    (position, beginsLine) = (end, false)
    guard !text.contains(where: { $0.value < 32 && $0 != "\n" && $0 != "\t" }) else { return nil }
    if let kind = tag(at: end) {
      let sign = end + 2 < scalars.count ? scalars[end + 2] : " "
      if sign == "-" {
        while let last = text.last, last.isPythonSpace { text.removeLast() }
      } else if sign != "+", kind != "{" {
        text = text.withoutIndentation(lineBegins)
      }
    }
    return .text(text.asString)
  }

  private mutating func comment() -> Piece? {
    let start = position
    while position + 1 < scalars.count {
      if scalars[position] == "#", scalars[position + 1] == "}" {
        let sign = position > start ? scalars[position - 1] : nil
        position += 2
        closeTag(sign: sign, trims: true)
        return .text("")
      }
      position += 1
    }
    return nil
  }

  /// After a tag: `-` swallows all white space, else a block swallows one line break.
  private mutating func closeTag(sign: Unicode.Scalar?, trims: Bool) {
    beginsLine = false
    if sign == "-" {
      while let scalar = peek(0), scalar.isPythonSpace {
        beginsLine = scalar == "\n"
        position += 1
      }
    } else if trims, sign != "+", peek(0) == "\n" {
      beginsLine = true
      position += 1
    }
  }

  private mutating func words(until end: Unicode.Scalar) -> [TemplateWord]? {
    var words: [TemplateWord] = []
    var depth = 0
    while let scalar = peek(0) {
      if depth == 0, let (length, sign) = closing(end) {
        position += length
        closeTag(sign: sign, trims: end == "%")
        return TemplateWord.dotted(words)
      }
      if scalar.isPythonSpace {
        position += 1
      } else if scalar == "'" || scalar == "\"" {
        guard let text = string(scalar) else { return nil }
        words.append(.string(text))
      } else if scalar.isTemplateName {
        words.append(.name(name()))
      } else {
        depth += scalar == "{" ? 1 : scalar == "}" ? -1 : 0
        words.append(.sign(scalar))
        position += 1
      }
    }
    return nil
  }

  /// The length of a closing `}}` or `%}` that stands here, and the sign before it.
  private func closing(_ end: Unicode.Scalar) -> (Int, Unicode.Scalar?)? {
    if peek(0) == end, peek(1) == "}" { return (2, nil) }
    guard let sign = peek(0), sign == "-" || (sign == "+" && end == "%"), peek(1) == end,
      peek(2) == "}"
    else { return nil }
    return (3, sign)
  }

  private mutating func name() -> String {
    let start = position
    while let scalar = peek(0), scalar.isTemplateName { position += 1 }
    return scalars[start..<position].asString
  }

  /// A string with the escapes that templates use; nil for any other.
  private mutating func string(_ quote: Unicode.Scalar) -> String? {
    position += 1
    var text = String.UnicodeScalarView()
    while let scalar = peek(0), scalar == "\n" || scalar == "\t" || scalar.value >= 32 {
      position += 1
      if scalar == quote { return String(text) }
      guard scalar == "\\" else {
        text.append(scalar)
        continue
      }
      switch peek(0) {
      case "n": text.append("\n")
      case "t": text.append("\t")
      case "\\": text.append("\\")
      case "'": text.append("'")
      case "\"": text.append("\"")
      default: return nil
      }
      position += 1
    }
    return nil
  }
}

extension Unicode.Scalar {
  private var isASCIILetterOrDigit: Bool {
    (48...57).contains(value) || (65...90).contains(value & ~32)
  }

  /// Whether it is part of a name or a number.
  fileprivate var isTemplateName: Bool {
    guard !isASCII else { return self == "_" || isASCIILetterOrDigit }
    return properties.isAlphabetic || properties.numericType != nil
  }
}

extension ArraySlice<Unicode.Scalar> {
  /// The scalars as a string.
  fileprivate var asString: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: self)
    return String(view)
  }

  /// Without the white space after the last line break; the start counts as one where it says so.
  fileprivate func withoutIndentation(_ lineBegins: Bool) -> ArraySlice<Unicode.Scalar> {
    let line = lastIndex(of: "\n").map { $0 + 1 } ?? startIndex
    guard line > startIndex || lineBegins, self[line...].allSatisfy(\.isPythonSpace) else {
      return self
    }
    return self[..<line]
  }
}
