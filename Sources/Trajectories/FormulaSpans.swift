/// The formulas of a text in LaTeX's marks: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, `\begin{…}…\end{…}`.
///
/// A `$` that finds no other in its paragraph is a dollar. A formula or an environment that never
/// closes lasts to the end, for a response may be cut off within it.
enum FormulaSpans {
  /// Ranges of UTF-8 that must stay whole, rising, none within another.
  static func all(in bytes: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var place = 0
    while place < bytes.count {
      if let end = end(of: bytes, at: place) {
        found.append(place..<end)
        place = end
      } else {
        // A backslash takes its sign with it, so that \$ opens nothing.
        place += bytes[place] == Sign.backslash ? 2 : 1
      }
    }
    return found
  }

  /// The offset after the formula that opens here; nil where none does.
  private static func end(of bytes: [UInt8], at place: Int) -> Int? {
    switch bytes[place] {
    case Sign.dollar where bytes.holds("$$", at: place):
      return close("$$", in: bytes, from: place + 2) ?? bytes.count
    case Sign.dollar: return inline(bytes, from: place + 1)
    case Sign.backslash:
      if bytes.holds("\\[", at: place) {
        return close("\\]", in: bytes, from: place + 2) ?? bytes.count
      }
      if bytes.holds("\\(", at: place) {
        return close("\\)", in: bytes, from: place + 2) ?? bytes.count
      }
      return bytes.holds("\\begin{", at: place) ? environment(bytes, from: place) : nil
    default: return nil
    }
  }

  private static func close(_ mark: String, in bytes: [UInt8], from start: Int) -> Int? {
    var place = start
    while place < bytes.count {
      if bytes.holds(mark, at: place) { return place + mark.utf8.count }
      place += bytes[place] == Sign.backslash ? 2 : 1
    }
    return nil
  }

  /// The offset after the `$` that closes; nil where the paragraph ends before one.
  private static func inline(_ bytes: [UInt8], from start: Int) -> Int? {
    var place = start
    while place < bytes.count, !bytes.holds("\n\n", at: place) {
      if bytes[place] == Sign.dollar { return place + 1 }
      place += bytes[place] == Sign.backslash ? 2 : 1
    }
    return nil
  }

  /// The offset after the `\end{…}` that belongs to the `\begin{…}` here; environments may nest.
  private static func environment(_ bytes: [UInt8], from start: Int) -> Int {
    var depth = 0
    var place = start
    while place < bytes.count {
      if bytes.holds("\\begin{", at: place) { depth += 1 }
      if bytes.holds("\\end{", at: place) {
        depth -= 1
        if depth == 0 {
          let brace = bytes[place...].firstIndex(of: UInt8(ascii: "}"))
          return brace.map { $0 + 1 } ?? bytes.count
        }
      }
      place += 1
    }
    return bytes.count
  }
}
