/// A text on its way into lines, a piece at a time, so that a long one costs what is wanted of it.
///
/// The lines are those of `wrapped(inert(text, keepingNewlines: true), columns:)` without line ends
/// about the text; only tabs more than a piece behind a line's beginning may stand elsewhere.
struct ParagraphLayout: Equatable, Sendable {
  /// How a text is shown.
  struct Style: Equatable, Sendable {
    var columns: Int
    /// Whether line ends are line ends; where not, they are written as `^J`.
    var keepsNewlines = true
    /// What stands for a blank, where blanks are to be seen.
    var blank: String?
  }

  private let text: Substring
  private let style: Style
  private var next: String.Index
  private var wrapper: LineWrapper
  private(set) var isComplete = false

  /// Bytes of a piece.
  private static let piece = 2048

  init(_ text: String, _ style: Style) {
    var text = text[...]
    if style.keepsNewlines {
      while let last = text.last, last.isNewline { text.removeLast() }
      while let first = text.first, first.isNewline { text.removeFirst() }
    }
    self.text = text
    self.style = style
    next = text.startIndex
    wrapper = LineWrapper(columns: max(1, style.columns))
  }

  /// Lays the next piece out; answers the lines that became whole, and takes its bytes off the budget.
  mutating func goOn(_ budget: inout Int) -> [String] {
    guard !isComplete else { return [] }
    let end = endOfPiece
    let piece = String(text[next..<end])
    budget -= piece.utf8.count
    next = end
    var lines: [String] = []
    let shown = inert(piece, keepingNewlines: style.keepsNewlines)
    for character in shown {
      if character == "\n" {
        lines += wrapper.finish()
      } else if character == " ", let blank = style.blank {
        for mark in blank { wrapper.take(mark) }
      } else {
        wrapper.take(character)
      }
    }
    isComplete = next == text.endIndex
    return lines + (isComplete ? wrapper.finish() : wrapper.whole())
  }

  /// The end of a line where one ends within a piece, else of a word, else of a character.
  private var endOfPiece: String.Index {
    let utf8 = text.utf8
    guard
      let far = utf8.index(next, offsetBy: Self.piece, limitedBy: utf8.endIndex),
      far < utf8.endIndex
    else { return text.endIndex }
    let piece = text[next..<far]
    if style.keepsNewlines, let line = piece.utf8.lastIndex(of: 0x0A) {
      return utf8.index(after: line)
    }
    // What a character looks like may hang on its neighbours, but not across a blank.
    if let blank = piece.utf8.suffix(512).lastIndex(of: 0x20), blank > next {
      return utf8.index(after: blank)
    }
    // The last character may be half of one; a piece that is a single character is cut all the same.
    guard let last = piece.indices.last, last > next else { return piece.endIndex }
    return last
  }
}
