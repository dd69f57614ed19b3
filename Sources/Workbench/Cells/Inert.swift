/// The text with everything that could act on a terminal, or hide in it, shown as visible characters.
///
/// Control bytes become `^[`, other invisible characters `<U+202E>`: C1 and bidirectional controls,
/// zero-width and line-separating characters, private and unassigned ones, marks without a base,
/// and marks beyond the fourth on one base. A tab becomes spaces up to the next multiple of four.
/// What comes out holds no scalar that a terminal would obey, and is the same when made inert again.
///
/// - Parameters:
///   - text: Any text, of a model or of a file name.
///   - keepingNewlines: Whether a newline stays, for whoever splits lines; if not, it is `^J`.
/// - Returns: Text that may be written into cells.
public func inert(_ text: String, keepingNewlines: Bool = false) -> String {
  if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
  var out = InertWriter(keepsNewlines: keepingNewlines)
  for character in text { out.write(character) }
  return out.text
}

/// Writes graphemes inertly and knows the column, for tabs.
private struct InertWriter {
  let keepsNewlines: Bool
  var text = ""
  var column = 0

  mutating func write(_ character: Character) {
    if let byte = character.asciiValue, character != "\r\n" {
      write(byte: byte)
    } else if character.isVisibleWhole {
      text.append(character)
      column += cellWidth(character)
    } else {
      writeScalars(of: character)
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
    default: append(String(Unicode.Scalar(byte)))
    }
  }

  /// One scalar after the other: those that are harmless where they stand stay.
  private mutating func writeScalars(of character: Character) {
    var marks = 0
    var hasBase = false
    for scalar in character.unicodeScalars {
      if let byte = UInt8(exactly: scalar.value), byte < 0x80 {
        write(byte: byte)
        hasBase = true
      } else if scalar.isHidden || scalar.properties.isEmojiModifier {
        append(scalar.named)
        hasBase = false
      } else if scalar.cells > 0 {
        append(String(scalar))
        hasBase = true
        marks = 0
      } else if hasBase && marks < Character.mostMarks {
        text.unicodeScalars.append(scalar)
        marks += 1
      } else {
        append(scalar.named)
        hasBase = false
      }
    }
  }

  private mutating func append(_ piece: String) {
    text += piece
    for character in piece { column += cellWidth(character) }
  }
}

extension Character {
  /// Marks that may sit on one base; a curses cell has room for no more.
  fileprivate static let mostMarks = 4
  /// Scalars of the longest emoji in use, with room to spare.
  private static let mostScalars = 16

  /// Whether the grapheme may be shown as it is: a base that is seen, with few marks or emoji parts.
  fileprivate var isVisibleWhole: Bool {
    guard unicodeScalars.count <= Self.mostScalars else { return false }
    var previous: Unicode.Scalar?
    var marks = 0
    for scalar in unicodeScalars {
      let joins = previous?.properties.isEmoji ?? false
      let isEmojiPart = scalar.value == 0xFE0F || scalar.value == 0xFE0E
      if isEmojiPart && joins {
        continue  // and `previous` stays the emoji
      } else if scalar.value == 0x200D && joins && isJoinedEmoji {
        continue
      } else if scalar.isHidden || scalar.properties.isEmojiModifier && !joins {
        return false
      } else if scalar.cells == 0 {
        marks += 1
        if previous == nil || marks > Self.mostMarks { return false }
      } else {
        previous = scalar
        marks = 0
      }
    }
    return previous != nil
  }

  /// Whether the grapheme starts and ends in emoji parts, so that its joiners are seen as one picture.
  private var isJoinedEmoji: Bool {
    guard let last = unicodeScalars.last else { return false }
    return last.value != 0x200D
      && unicodeScalars.allSatisfy {
        ($0.properties.isEmoji && $0.value >= 0x80) || $0.value == 0x200D || $0.value == 0xFE0F
      }
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

  /// Such as `<U+202E>`.
  fileprivate var named: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "<U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ">"
  }
}
