/// How many cells a terminal gives to what is written.
///
/// Terminals agree on letters and ideographs. They differ on letters and pictures that are made of
/// several characters: some lay them out as one, others character after character. What `joins…`
/// says is the difference; where nothing is known of the terminal, `apart` is the safe one, because
/// a picture that it does not join would cover what stands beside it.
public struct CellWidths: Equatable, Sendable {
  /// The newest version of Unicode whose characters the terminal can draw; newer ones are shown by
  /// their number.
  public var version: Int
  /// Cells of characters that are wide only in East Asian surroundings: 1 or 2.
  public var ambiguous: Int
  /// Whether emoji with joiners between them are one picture.
  public var joinsEmoji: Bool
  /// Whether an emoji and the colour of its skin are one picture.
  public var joinsSkin: Bool
  /// Whether two regional letters are one flag.
  public var joinsFlags: Bool
  /// Whether a letter and all that is written around it takes two cells at most, as graphemes do;
  /// otherwise every vowel sign and every consonant of it that has a place of its own takes a cell.
  public var joinsSyllables: Bool
  /// The most bytes of a joined picture; tmux keeps 21 a cell and drops the rest.
  public var mostJoinedBytes = 64

  /// The newest version of Unicode that is known here.
  public static let newestVersion = EastAsianWidth.version

  /// Widths with every field given; those of a terminal that joins graphemes where not.
  public init(
    version: Int = newestVersion, ambiguous: Int = 1, joinsEmoji: Bool = true,
    joinsSkin: Bool = true, joinsFlags: Bool = true, joinsSyllables: Bool = true
  ) {
    self.version = version
    self.ambiguous = ambiguous
    self.joinsEmoji = joinsEmoji
    self.joinsSkin = joinsSkin
    self.joinsFlags = joinsFlags
    self.joinsSyllables = joinsSyllables
  }

  /// The widths of a terminal that joins nothing.
  public static let apart = CellWidths(
    joinsEmoji: false, joinsSkin: false, joinsFlags: false, joinsSyllables: false)

  /// The widths by which text is measured, cut and wrapped here and now.
  @TaskLocal public static var current = CellWidths()

  /// Cells that a scalar adds to those before it in its grapheme: 0, 1 or 2.
  func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    switch value {
    case 0..<0xA1: return 1
    case 0x4E00...0x9FFF, 0xAC00...0xD7A3: return 2
    // Korean vowels and final consonants join the syllable before them.
    case 0x1160...0x11FF, 0xD7B0...0xD7FB: return 0
    case 0x1F1E6...0x1F1FF: return 2
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    case .spacingMark: return 1
    default: break
    }
    // Between the Cyrillic letters and the general punctuation only Korean has other widths.
    if (0x452..<0x1100).contains(value) || (0x1200..<0x2010).contains(value) { return 1 }
    // Numbers on black squares are ambiguous to Unicode, but wide to the GNU C library: two cells
    // hold both.
    if EastAsianWidth.holds(EastAsianWidth.wide, value) || (0x3248...0x324F).contains(value) {
      return 2
    }
    return ambiguous == 2 && EastAsianWidth.holds(EastAsianWidth.ambiguous, value) ? 2 : 1
  }

  /// Whether the scalar is younger than what the terminal can draw.
  func isTooNew(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value > 0x17F, let age = scalar.properties.age else { return false }
    return age.major > version
  }
}

/// What is written into one place: a scalar that has cells and those that join it there.
struct CellPiece: Equatable, Sendable {
  var character: Character
  var columns: Int
}

extension CellWidths {
  /// The most scalars of a grapheme that is laid out as one; longer ones fall into their parts.
  static let mostJoined = 16

  /// The places that a grapheme takes from the left: one if the terminal joins it, else its parts.
  func pieces(of character: Character) -> [CellPiece] {
    if character.utf8.count == 1 { return [CellPiece(character: character, columns: 1)] }
    let parts = parts(of: character)
    if parts.count == 1 { return [CellPiece(character: character, columns: parts[0].columns)] }
    return parts.flatMap(\.pieces)
  }

  /// Cells a grapheme takes, at least 1.
  func width(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    if let only = scalars.first, scalars.index(after: scalars.startIndex) == scalars.endIndex {
      return max(1, columns(of: only))
    }
    return parts(of: character).reduce(0) { $0 + $1.columns }
  }

  private func parts(of character: Character) -> [Part] {
    let scalars = Array(character.unicodeScalars)
    let mayJoin = scalars.count <= Self.mostJoined
    if mayJoin, character.utf8.count <= mostJoinedBytes, isPicture(scalars) {
      return [Part(scalars: scalars, columns: 2)]
    }
    var parts: [Part] = []
    for scalar in scalars { add(scalar, to: &parts) }
    return joinsSyllables && mayJoin && parts.count > 1 ? joinedSyllables(parts) : parts
  }

  private func add(_ scalar: Unicode.Scalar, to parts: inout [Part]) {
    let joins = joinsSkin && scalar.properties.isEmojiModifier
    let columns = joins && !parts.isEmpty ? 0 : columns(of: scalar)
    guard columns == 0, let base = parts.last?.scalars.first else {
      return parts.append(Part(scalars: [scalar], columns: max(1, columns)))
    }
    let last = parts.count - 1
    parts[last].scalars.append(scalar)
    // The selector asks for the picture instead of the letter.
    if scalar.value == 0xFE0F, base.properties.isEmoji { parts[last].columns = 2 }
  }

  /// Two regional letters, or emoji with joiners between them, where the terminal joins those.
  private func isPicture(_ scalars: [Unicode.Scalar]) -> Bool {
    if joinsFlags, scalars.count == 2 {
      return scalars.allSatisfy { (0x1F1E6...0x1F1FF).contains($0.value) }
    }
    return joinsEmoji && scalars.contains("\u{200D}")
      && scalars[0].properties.isEmoji && scalars[0].value >= 0x80
      && (joinsSkin || !scalars.contains { $0.properties.isEmojiModifier })
  }

  /// Vowel signs and consonants after a virama share one cell beside the letter they belong to.
  private func joinedSyllables(_ parts: [Part]) -> [Part] {
    var joined = [parts[0]]
    var isWidened = false
    for (before, part) in zip(parts, parts.dropFirst()) {
      let isSign = part.scalars[0].properties.generalCategory == .spacingMark
      guard isSign || before.endsInVirama else {
        joined.append(part)
        isWidened = false
        continue
      }
      joined[joined.count - 1].scalars += part.scalars
      if !isWidened { joined[joined.count - 1].columns += 1 }
      isWidened = true
    }
    return joined
  }
}

/// A piece on the way.
private struct Part {
  var scalars: [Unicode.Scalar]
  var columns: Int

  /// Whether the next consonant is bound to it.
  var endsInVirama: Bool {
    scalars.contains { $0.properties.canonicalCombiningClass == .virama }
  }

  /// One piece; several only where Unicode would not call it one grapheme.
  var pieces: [CellPiece] {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    let text = String(view)
    if text.count == 1, let character = text.first {
      return [CellPiece(character: character, columns: columns)]
    }
    return text.enumerated().map { CellPiece(character: $1, columns: $0 == 0 ? columns : 1) }
  }
}
