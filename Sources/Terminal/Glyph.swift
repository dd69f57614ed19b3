import CTerminal

/// What is written into the cells of one character, and how surely a terminal fills just those.
///
/// What every terminal gives the same width goes through ncurses, which counts columns as it writes.
/// All else stands apart: the cursor is placed before it and after it, so that a terminal which
/// counts otherwise can shift neither the text beside it nor a border.
public struct Glyph: Equatable, Sendable {
  /// The scalars to write.
  public var scalars: [Unicode.Scalar]
  /// The cells it has been given.
  public var columns: Int
  /// Whether it is written with the cursor placed before and after it.
  public var isApart: Bool
  /// Cells to its right that some terminal may cover by it, to be written again afterwards.
  public var reach: Int

  /// The glyph of a character that was given so many columns.
  ///
  /// Nothing that a terminal would obey comes out: a character that holds a control, or formats
  /// without being shown, becomes U+FFFD. The joiner at the end of a part of a joined emoji is left
  /// away unless it is to be kept.
  public init(_ character: Character, columns: Int, keepsJoiner: Bool = true) {
    self.columns = max(1, columns)
    (isApart, reach) = (false, 0)
    if let byte = character.asciiValue, byte >= 0x20, byte < 0x7F {
      scalars = [Unicode.Scalar(byte)]
      isApart = columns > 1
      return
    }
    scalars = Array(character.unicodeScalars)
    guard Self.isSafe(scalars) else {
      scalars = ["\u{FFFD}"]
      isApart = columns > 1
      return
    }
    if !keepsJoiner, scalars.last == "\u{200D}", scalars[0].properties.isEmoji {
      scalars.removeLast()
    }
    isApart = !Self.isCertain(scalars, columns: columns)
    if isApart { reach = Self.widest(scalars) - self.columns }
    reach = max(0, reach)
  }

  /// Columns the C library, and so ncurses, gives a scalar; -1 for those that do not print.
  public static func width(of scalar: Unicode.Scalar) -> Int { Int(ct_width(scalar.value)) }

  /// Whether it begins with something seen and holds nothing that a terminal would obey.
  private static func isSafe(_ scalars: [Unicode.Scalar]) -> Bool {
    guard let base = scalars.first, base.properties.generalCategory != .format else { return false }
    return scalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: return false
      // Joiners, and the letters of a flag.
      case .format:
        return [0x200C, 0x200D].contains(scalar.value) || (0xE0020...0xE007F).contains(scalar.value)
      default: return true
      }
    }
  }

  /// Whether all terminals agree: an old letter, sign or ideograph, bare or with accents.
  private static func isCertain(_ scalars: [Unicode.Scalar], columns: Int) -> Bool {
    guard let base = scalars.first, width(of: base) == columns, isOld(base),
      !base.properties.isEmojiPresentation
    else { return false }
    switch base.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .format: return false
    default: break
    }
    return scalars.count <= 5
      && scalars.dropFirst().allSatisfy { (0x300...0x36F).contains($0.value) && width(of: $0) == 0 }
  }

  /// Ten years are enough for terminals to learn of a character.
  private static func isOld(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x180 || (scalar.properties.age?.major ?? .max) <= 8
  }

  /// The cells of a terminal that joins nothing and gives joiners and unknown marks one each.
  private static func widest(_ scalars: [Unicode.Scalar]) -> Int {
    scalars.reduce(0) { $0 + max(1, width(of: $1)) }
  }
}
