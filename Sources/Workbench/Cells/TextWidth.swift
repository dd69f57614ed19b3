/// Cells a grapheme takes on the terminal of `CellWidths.current`.
///
/// East Asian wide characters and emoji count 2, and so does what asks for the emoji form (U+FE0F).
/// Vowel signs that have a place of their own count as `CellWidths` says. A grapheme of nothing but
/// marks counts 1, because `inert(_:keepingNewlines:)` shows it as text.
public func cellWidth(_ character: Character) -> Int {
  if character.utf8.count == 1 { return 1 }
  return CellWidths.current.width(of: character)
}

/// Cells a text takes on one line.
public func cellWidth(_ text: String) -> Int {
  if text.isPrintableASCII { return text.utf8.count }
  let widths = CellWidths.current
  return text.reduce(0) { $0 + ($1.utf8.count == 1 ? 1 : widths.width(of: $1)) }
}

extension String {
  /// Whether every character of it is one byte and one cell.
  var isPrintableASCII: Bool { utf8.allSatisfy { (0x20...0x7E).contains($0) } }
}
