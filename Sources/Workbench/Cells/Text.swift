/// The text as lines of at most `columns` cells, broken at blanks where there are any.
///
/// Newlines are line ends. A word wider than a line is cut, and so is a grapheme of several parts; a
/// part wider than a line stands alone. The blank at which a line is broken is dropped.
public func wrapped(_ text: String, columns: Int) -> [String] {
  guard columns > 0 else { return [] }
  var wrapper = LineWrapper(columns: columns)
  return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
    for character in line { wrapper.take(character) }
    return wrapper.finish()
  }
}

/// Breaks a line into several.
struct LineWrapper: Equatable, Sendable {
  let columns: Int
  private var lines: [String] = []
  private var isBroken = false
  private var current = Piece()
  private var word = Piece()

  init(columns: Int) { self.columns = columns }

  mutating func take(_ character: Character) {
    if character == " " {
      placeWord()
      // A blank that no longer fits ends the line; the next word starts afresh.
      if current.width < columns { current.append(character, 1) }
      return
    }
    let cells = cellWidth(character)
    guard cells > columns else { return takeInWord(character, cells) }
    for piece in CellWidths.current.pieces(of: character) {
      takeInWord(piece.character, piece.columns)
    }
  }

  private mutating func takeInWord(_ character: Character, _ cells: Int) {
    if word.width + cells > columns, word.width > 0 {
      // A vowel sign that is a grapheme of its own does not leave its letter.
      let letter = character.isVowelSign ? word.text.last : nil
      let width = letter.map { cellWidth($0) } ?? 0
      if let letter, width + cells <= columns {
        word.removeLast(width)
        placeWord()
        word.append(letter, width)
      } else {
        placeWord()
      }
    }
    word.append(character, cells)
  }

  /// Ends the line; answers what of it was not taken yet.
  mutating func finish() -> [String] {
    placeWord()
    lines.append(isBroken ? current.trimmed : current.text)
    defer { self = LineWrapper(columns: columns) }
    return lines
  }

  /// The pieces that are whole by now; they are given once.
  mutating func whole() -> [String] {
    defer { lines = [] }
    return lines
  }

  private mutating func placeWord() {
    if current.width + word.width > columns, current.width > 0 {
      lines.append(current.trimmed)
      isBroken = true
      current = Piece()
    }
    current.text += word.text
    current.width += word.width
    word = Piece()
  }
}

/// A piece of a line and its width.
private struct Piece: Equatable, Sendable {
  var text = ""
  var width = 0

  mutating func append(_ character: Character, _ cells: Int) {
    text.append(character)
    width += cells
  }

  mutating func removeLast(_ cells: Int) {
    text.removeLast()
    width -= cells
  }

  /// Without the blanks at the end.
  var trimmed: String {
    var text = text
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension Character {
  /// Whether it begins with a sign that is written beside a letter.
  fileprivate var isVowelSign: Bool {
    unicodeScalars.first?.properties.generalCategory == .spacingMark
  }
}

extension String {
  /// The same as the beginning of a sentence.
  var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
