/// One step of cutting a text into the pieces that no merge crosses.
enum PreTokenizerStep: Equatable, Sendable {
  /// Cuts by a pattern, every piece kept.
  case pattern(PreTokenizerPattern)
  /// Cuts digits out, each alone or run by run.
  case digits(individual: Bool)
  /// Puts a space before every piece that has none, before a byte-level model sees it.
  case prefixSpace
  /// Cuts at white space and drops it.
  case whitespaceSplit
  /// Keeps the matches of `\w+|[^\w\s]+`.
  case whitespace
  /// Cuts a literal text out, which is dropped or a piece of its own.
  case literal(String, removed: Bool)

  /// A part of a text.
  typealias Piece = ArraySlice<Unicode.Scalar>

  /// The pieces of a piece, in order, none empty.
  func split(_ piece: Piece) -> [Piece] {
    switch self {
    case .pattern(let pattern): return cut(piece, at: pattern.ends(in: piece))
    case .digits(let individual):
      return runs(piece) { $0.isNumber ? (individual ? .alone : .together) : .rest }
    case .prefixSpace: return piece.first == " " ? [piece] : [[" "] + piece]
    case .whitespaceSplit: return piece.split { $0.properties.isWhitespace }
    case .whitespace:
      return piece.split { $0.properties.isWhitespace }.flatMap { part in
        runs(part) { $0.isWordScalar ? .together : .rest }
      }
    case .literal(let text, let removed):
      return split(piece, at: Array(text.unicodeScalars), removed: removed)
    }
  }

  private enum Run { case alone, together, rest }

  private func runs(_ piece: Piece, _ run: (Unicode.Scalar) -> Run) -> [Piece] {
    var ends: [Int] = []
    var last: Run?
    for index in piece.indices {
      let next = run(piece[index])
      if let last, next != last || next == .alone { ends.append(index) }
      last = next
    }
    return cut(piece, at: ends + [piece.endIndex])
  }

  private func cut(_ piece: Piece, at ends: [Int]) -> [Piece] {
    var pieces: [Piece] = []
    var start = piece.startIndex
    for end in ends where end > start {
      pieces.append(piece[start..<end])
      start = end
    }
    return pieces
  }

  private func split(_ piece: Piece, at text: [Unicode.Scalar], removed: Bool) -> [Piece] {
    guard let first = text.first else { return [piece] }
    var pieces: [Piece] = []
    var start = piece.startIndex
    var index = start
    while index < piece.endIndex {
      guard piece[index] == first, piece[index...].starts(with: text) else {
        index += 1
        continue
      }
      if start < index { pieces.append(piece[start..<index]) }
      if !removed { pieces.append(piece[index..<index + text.count]) }
      index += text.count
      start = index
    }
    if start < piece.endIndex { pieces.append(piece[start...]) }
    return pieces
  }
}

extension [PreTokenizerStep] {
  /// The pieces of a text after all steps in turn.
  func split(_ text: String) -> [PreTokenizerStep.Piece] {
    guard !text.isEmpty else { return [] }
    var pieces = [Array<Unicode.Scalar>(text.unicodeScalars)[...]]
    for step in self { pieces = pieces.flatMap { step.split($0) } }
    return pieces
  }
}
