import CTerminal

/// What is written into the cells of one character, so that it fills exactly as many as planned.
///
/// Terminals disagree on joined emoji, flags and the emoji form of old symbols. Those are written in
/// the simplest form that every terminal gives the same width, so that no border can shift.
public struct Glyph: Equatable, Sendable {
  /// One item a cell: the scalars to write there; empty where the cell before is wide.
  public var cells: [[Unicode.Scalar]]

  /// The glyph of a character that was given `columns` cells, 1 or 2.
  ///
  /// Nothing that a terminal would obey comes out: controls and formatting characters become U+FFFD
  /// or are left away.
  public init(_ character: Character, columns: Int) {
    let wanted = columns == 2 ? 2 : 1
    if let byte = character.asciiValue, byte >= 0x20, byte < 0x7F {
      cells = [[Unicode.Scalar(byte)]] + Array(repeating: [" "], count: wanted - 1)
      return
    }
    let scalars = Array(character.unicodeScalars)
    if scalars.count == 2, wanted == 2, let letters = Self.flagLetters(scalars) {
      cells = letters
      return
    }
    var base = scalars.first ?? " "
    var width = Self.width(of: base)
    if width < 1 || width > wanted || !Self.isVisible(base) {
      base = "\u{FFFD}"
      width = 1
    }
    let marks = scalars.dropFirst().prefix { $0 != "\u{200D}" }.filter(Self.isMark).prefix(4)
    cells = [[base] + (base == "\u{FFFD}" ? [] : Array(marks))]
    if wanted == 2 { cells.append(width == 2 ? [] : [" "]) }
  }

  /// Columns the C library, and so ncurses, gives a scalar; -1 for those that do not print.
  public static func width(of scalar: Unicode.Scalar) -> Int { Int(ct_width(scalar.value)) }

  /// Two regional indicators as the letters they stand for.
  private static func flagLetters(_ scalars: [Unicode.Scalar]) -> [[Unicode.Scalar]]? {
    let letters = scalars.compactMap { scalar -> Unicode.Scalar? in
      guard (0x1F1E6...0x1F1FF).contains(scalar.value) else { return nil }
      return Unicode.Scalar(scalar.value - 0x1F1E6 + 0x41)
    }
    return letters.count == 2 ? letters.map { [$0] } : nil
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
    default: true
    }
  }

  /// A mark that adds no column; variation selectors are not, as they change the width of some.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark:
      width(of: scalar) == 0 && !scalar.properties.isVariationSelector
    default: false
    }
  }
}
