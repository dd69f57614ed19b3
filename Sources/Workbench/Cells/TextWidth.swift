/// Cells a grapheme takes on a terminal: 1 or 2.
///
/// East Asian wide and emoji count 2, so do flags, joined emoji and whatever asks for the emoji
/// form (U+FE0F); ambiguous width counts 1. A grapheme of nothing but marks counts 1, because
/// `inert(_:keepingNewlines:)` shows it as text.
public func cellWidth(_ character: Character) -> Int {
  if let byte = character.utf8.first, byte < 0x80, character.utf8.count == 1 { return 1 }
  var total = 0
  for scalar in character.unicodeScalars {
    if scalar.value == 0xFE0F || scalar.value == 0x200D { return 2 }
    total += scalar.cells
    if total >= 2 { return 2 }
  }
  return max(1, total)
}

/// Cells a text takes on one line.
public func cellWidth(_ text: String) -> Int { text.reduce(0) { $0 + cellWidth($1) } }

extension Unicode.Scalar {
  /// Cells this scalar adds to its grapheme: 0, 1 or 2.
  var cells: Int {
    guard value >= 0x300 else { return 1 }
    if value == 0xFF9E || value == 0xFF9F { return 1 }  // half-width voicing marks have a cell
    if properties.isGraphemeExtend || isJoiningJamo { return 0 }
    if (0x1F1E6...0x1F1FF).contains(value) { return 1 }
    return isWide || properties.isEmojiPresentation ? 2 : 1
  }

  /// A Korean vowel or final consonant that joins the syllable before it.
  var isJoiningJamo: Bool { (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value) }

  /// Whether the scalar is wide or full-width by Unicode's East Asian Width, emoji aside.
  private var isWide: Bool {
    guard value >= 0x1100 else { return false }
    var (low, high) = (0, Self.wide.count)
    while low < high {
      let middle = (low + high) / 2
      if Self.wide[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < Self.wide.count && Self.wide[low].contains(value)
  }

  /// EastAsianWidth.txt, classes W and F; gaps that are unassigned are closed.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF,
    0x4E00...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAD9, 0xFE10...0xFE19,
    0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x1B2FB, 0x1F200...0x1F265,
    0x1F300...0x1F320, 0x20000...0x3FFFD,
  ]
}
