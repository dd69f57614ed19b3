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

/// Marks with which models end an answer, beside all of the form `<|…|>`.
private let endMarks = ["</s>", "<eos>", "<end_of_turn>", "<｜end▁of▁sentence｜>"]

/// The text without the mark that ends an answer, where it ends with one such as `<|im_end|>`.
public func withoutEndMark(_ text: String) -> String {
  if let mark = endMarks.first(where: text.hasSuffix) { return String(text.dropLast(mark.count)) }
  guard text.hasSuffix("|>"), let start = text.lastIndex(of: "<") else { return text }
  let inside = text[text.index(after: start)...].dropLast(2)
  let isName = inside.dropFirst().allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  return inside.first == "|" && inside.count > 1 && isName ? String(text[..<start]) : text
}

/// The text on one line, its line ends as blanks.
func oneLine(_ text: String) -> String {
  var line = String.UnicodeScalarView()
  var previous: Unicode.Scalar?
  for scalar in text.unicodeScalars {
    defer { previous = scalar }
    switch scalar {
    // The two are one line end.
    case "\n" where previous == "\r": continue
    case "\n"..."\r", "\u{85}", "\u{2028}", "\u{2029}": line.append(" ")
    default: line.append(scalar)
    }
  }
  let start = line.drop { $0 == " " }
  let end = start.lastIndex { $0 != " " }
  return end.map { String(start[...$0]) } ?? ""
}

extension String {
  /// The beginning of a text in at most so many bytes, for what shows no more than that.
  ///
  /// The cost is that of what is kept, however long the text is.
  func head(bytes: Int) -> String {
    guard utf8.count > bytes else { return self }
    let end = utf8.index(startIndex, offsetBy: max(0, bytes))
    // The last character may be half of one.
    return String(self[..<end].dropLast())
  }
}
