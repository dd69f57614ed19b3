/// The text with everything that could act on a terminal, or hide in it, shown as visible characters.
///
/// Control bytes become `^[`, other invisible characters `<U+202E>`: C1 and bidirectional controls,
/// zero-width and line-separating characters, private and unassigned ones, those newer than the
/// terminal's version of Unicode, marks without a base, and marks beyond the fourth on one base.
/// Joiners stay where spelling needs them: between emoji, after a virama and, to part them, between
/// Arabic letters. A tab becomes spaces up to the next multiple of four.
/// What comes out holds no scalar that a terminal would obey, and is the same when made inert again.
///
/// - Parameters:
///   - text: Any text, of a model or of a file name.
///   - keepingNewlines: Whether a newline stays, for whoever splits lines; if not, it is `^J`.
/// - Returns: Text that may be written into cells.
public func inert(_ text: String, keepingNewlines: Bool = false) -> String {
  if text.isPrintableASCII { return text }
  var out = InertWriter(keepsNewlines: keepingNewlines)
  var previous: Character?
  for character in text {
    if let previous { out.write(previous, before: character) }
    previous = character
  }
  if let previous { out.write(previous, before: nil) }
  return out.text
}

/// Writes graphemes inertly and knows the column, for tabs.
private struct InertWriter {
  let keepsNewlines: Bool
  let widths = CellWidths.current
  var text = ""
  var column = 0
  /// Whether the last grapheme ended in a letter, with which a vowel sign may go.
  var endsInLetter = false

  init(keepsNewlines: Bool) { self.keepsNewlines = keepsNewlines }

  mutating func write(_ character: Character, before next: Character?) {
    if let byte = character.asciiValue, character != "\r\n" {
      write(byte: byte)
      endsInLetter = false
      return
    }
    if character.isEverydayLetter {
      text.append(character)
      column += widths.width(of: character)
      endsInLetter = false
      return
    }
    let grapheme = Grapheme(character, next: next?.unicodeScalars.first, widths: widths)
    if grapheme.isVisibleWhole(afterLetter: endsInLetter) {
      text.append(character)
      column += widths.width(of: character)
      endsInLetter = grapheme.scalars.contains { $0.isLetter || $0.isSpacingMark }
    } else {
      write(grapheme)
    }
  }

  private mutating func write(byte: UInt8) {
    switch byte {
    case 0x0A where keepsNewlines:
      text.append("\n")
      column = 0
    case 0x09:
      let spaces = 4 - column % 4
      append(String(repeating: " ", count: spaces))
    case 0x7F: append("^?")
    case 0..<0x20: append("^" + String(Unicode.Scalar(byte + 0x40)))
    default:
      text.unicodeScalars.append(Unicode.Scalar(byte))
      column += 1
    }
  }

  /// One scalar after the other: those that are harmless where they stand stay.
  private mutating func write(_ grapheme: Grapheme) {
    var marks = 0
    var hasBase = false
    for (index, scalar) in grapheme.scalars.enumerated() {
      if let byte = UInt8(exactly: scalar.value), byte < 0x80 {
        write(byte: byte)
        (hasBase, marks) = (true, 0)
      } else if grapheme.mustBeNamed(index) || scalar.properties.isEmojiModifier {
        append(scalar.named)
        hasBase = false
      } else if widths.columns(of: scalar) > 0,
        hasBase || !scalar.isSpacingMark || index == 0 && endsInLetter
      {
        append(String(scalar))
        (hasBase, marks) = (true, 0)
      } else if hasBase && marks < Grapheme.mostMarks {
        text.unicodeScalars.append(scalar)
        marks += 1
      } else {
        append(scalar.named)
        hasBase = false
      }
    }
    endsInLetter = hasBase && grapheme.scalars.last.map { $0.value >= 0x80 } ?? false
  }

  private mutating func append(_ piece: String) {
    text += piece
    for character in piece { column += widths.width(of: character) }
  }
}

extension Character {
  /// Whether it is one old letter or mark of punctuation that stands in most texts: a short cut.
  fileprivate var isEverydayLetter: Bool {
    let scalars = unicodeScalars
    guard let only = scalars.first, scalars.index(after: scalars.startIndex) == scalars.endIndex
    else { return false }
    switch only.value {
    case 0xC0...0x24F, 0x3A3...0x3CE, 0x400...0x481, 0x2010...0x2027, 0x3041...0x3096,
      0x30A1...0x30FA, 0x4E00...0x9FA5, 0xAC00...0xD7A3:
      return true
    default: return false
    }
  }
}

/// A grapheme, and whether a reader sees all that is in it.
private struct Grapheme {
  let scalars: [Unicode.Scalar]
  /// The scalar that follows it.
  let next: Unicode.Scalar?
  let widths: CellWidths

  /// Marks that may sit on one base: more than any spelling needs.
  static let mostMarks = 4

  init(_ character: Character, next: Unicode.Scalar?, widths: CellWidths) {
    scalars = Array(character.unicodeScalars)
    self.next = next
    self.widths = widths
  }

  /// Whether it may be shown as it is: a base that is seen, with few marks or emoji parts.
  ///
  /// Some vowel signs are graphemes of their own (Burmese U+102C): their base is the letter before.
  func isVisibleWhole(afterLetter: Bool) -> Bool {
    guard let first = scalars.first, scalars.count <= CellWidths.mostJoined else { return false }
    var base = afterLetter && first.isSpacingMark ? first : nil
    var marks = 0
    for (index, scalar) in scalars.enumerated() {
      let isOnEmoji = base?.properties.isEmoji ?? false
      if isEmojiPart(index) { continue }
      if mustBeNamed(index) || scalar.properties.isEmojiModifier && !isOnEmoji { return false }
      if widths.columns(of: scalar) == 0 {
        marks += 1
        if base == nil || marks > Self.mostMarks { return false }
      } else if scalar.isSpacingMark {
        if base == nil { return false }
        marks = 0
      } else {
        base = scalar
        marks = 0
      }
    }
    return base != nil
  }

  /// A selector right after an emoji, a joiner in a joined emoji, the letters of a region's flag.
  private func isEmojiPart(_ index: Int) -> Bool {
    guard index > 0 else { return false }
    let before = scalars[index - 1]
    switch scalars[index].value {
    case 0xFE0E, 0xFE0F: return before.properties.isEmoji
    case 0x200D: return isJoinedEmoji
    case 0xE0061...0xE007F: return isRegionFlag
    default: return false
    }
  }

  /// Whether it starts and ends in emoji parts, so that its joiners are seen as one picture.
  private var isJoinedEmoji: Bool {
    scalars.last != "\u{200D}"
      && scalars.allSatisfy {
        ($0.properties.isEmoji && $0.value >= 0x80) || $0.value == 0x200D || $0.value == 0xFE0F
      }
  }

  /// Whether it is one of the three flags that are spelled in tag letters: of parts of Britain.
  private var isRegionFlag: Bool {
    guard widths.joinsEmoji, 4 * scalars.count <= widths.mostJoinedBytes,
      scalars.first == "\u{1F3F4}", scalars.last == "\u{E007F}"
    else { return false }
    let letters = scalars.dropFirst().dropLast().compactMap { Unicode.Scalar($0.value - 0xE0000) }
    return ["gbeng", "gbsct", "gbwls"].contains(String(String.UnicodeScalarView(letters)))
  }

  /// Whether the scalar there shows nothing, cannot be drawn, or might act on a terminal.
  func mustBeNamed(_ index: Int) -> Bool {
    let scalar = scalars[index]
    return scalar.isHidden && !isSpelling(index) || widths.isTooNew(scalar)
  }

  /// A joiner after a virama, before a letter; or one that parts two Arabic letters.
  ///
  /// The contexts in which IDNA (RFC 5892, appendix A) allows them.
  private func isSpelling(_ index: Int) -> Bool {
    let value = scalars[index].value
    guard value == 0x200C || value == 0x200D, index > 0,
      let next = index + 1 < scalars.count ? scalars[index + 1] : next, next.isLetter
    else { return false }
    let before = scalars[index - 1]
    return before.properties.canonicalCombiningClass == .virama
      || value == 0x200C && before.isArabicLetter && next.isArabicLetter
  }
}

extension Unicode.Scalar {
  /// Whether the scalar shows nothing by itself, or might act on a terminal.
  fileprivate var isHidden: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      true
    default: properties.isDefaultIgnorableCodePoint
    }
  }

  fileprivate var isSpacingMark: Bool { properties.generalCategory == .spacingMark }

  fileprivate var isLetter: Bool { properties.generalCategory == .otherLetter }

  fileprivate var isArabicLetter: Bool {
    isLetter && ((0x620...0x77F).contains(value) || (0x860...0x8FF).contains(value))
  }

  /// Such as `<U+202E>`.
  fileprivate var named: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "<U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ">"
  }
}
