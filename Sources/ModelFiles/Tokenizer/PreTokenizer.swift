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

/// The regular expressions by which byte-level tokenizers cut a text, each written out by hand.
///
/// Every scalar belongs to exactly one piece, so cutting by the matches is all there is to do.
enum PreTokenizerPattern: Equatable, Sendable {
  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
  case gpt2
  /// The pattern of Qwen2 and Llama 3, which differ in how many digits go together.
  ///
  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}|`
  /// ` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
  case modern(digits: Int)

  /// The pattern of a regular expression found in a file; nil for any that is not known.
  init?(_ expression: String) {
    let older = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
    switch expression {
    case older: self = .gpt2
    case PreTokenizerPattern.modernExpression(digits: "\\p{N}"): self = .modern(digits: 1)
    case PreTokenizerPattern.modernExpression(digits: "\\p{N}{1,3}"): self = .modern(digits: 3)
    default: return nil
    }
  }

  /// The regular expression of Qwen2 and Llama 3, which differ in what it says of digits.
  static func modernExpression(digits: String) -> String {
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" + digits
      + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
  }

  /// Where each piece ends.
  func ends(in text: ArraySlice<Unicode.Scalar>) -> [Int] {
    let scan = PatternScan(text: text)
    var ends: [Int] = []
    var start = text.startIndex
    while start < text.endIndex {
      switch self {
      case .gpt2: start = scan.gpt2(start)
      case .modern(let digits): start = scan.modern(start, digits: digits)
      }
      ends.append(start)
    }
    return ends
  }
}

/// One text under a pattern; each function says where the piece that begins at an index ends.
private struct PatternScan {
  let text: ArraySlice<Unicode.Scalar>
  private let kinds: [ScalarKind]

  init(text: ArraySlice<Unicode.Scalar>) {
    self.text = text
    kinds = text.map { ScalarKind($0) }
  }

  private func kind(_ index: Int) -> ScalarKind? {
    index < text.endIndex ? kinds[index - text.startIndex] : nil
  }

  private func run(_ start: Int, of kind: ScalarKind) -> Int {
    var end = start
    while self.kind(end) == kind { end += 1 }
    return end
  }

  func gpt2(_ start: Int) -> Int {
    if let end = contraction(start, anyCase: false) { return end }
    let first = text[start] == " " ? start + 1 : start
    if let kind = kind(first), !kind.isWhite { return run(first, of: kind) }
    return white(start)
  }

  func modern(_ start: Int, digits: Int) -> Int {
    if let end = contraction(start, anyCase: true) { return end }
    let kind = kind(start)
    if kind == .letter { return run(start, of: .letter) }
    if kind == .number { return min(run(start, of: .number), start + digits) }
    if kind != .newline, self.kind(start + 1) == .letter { return run(start + 1, of: .letter) }
    let first = text[start] == " " ? start + 1 : start
    if self.kind(first) == .other { return run(run(first, of: .other), of: .newline) }
    return lines(start) ?? white(start)
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`.
  private func contraction(_ start: Int, anyCase: Bool) -> Int? {
    guard text[start] == "'", start + 1 < text.endIndex else { return nil }
    func letter(_ index: Int) -> Unicode.Scalar? {
      guard index < text.endIndex else { return nil }
      let scalar = text[index]
      guard anyCase else { return scalar }
      // Without regard to case the long s is an s too.
      if scalar == "\u{17F}" { return "s" }
      return scalar.value < 128 ? scalar.properties.lowercaseMapping.unicodeScalars.first : scalar
    }
    switch (letter(start + 1), letter(start + 2)) {
    case ("s", _), ("t", _), ("m", _), ("d", _): return start + 2
    case ("r", "e"), ("v", "e"), ("l", "l"): return start + 3
    default: return nil
    }
  }

  /// `\s*[\r\n]+`: white space up to the last newline of the run.
  private func lines(_ start: Int) -> Int? {
    var end: Int?
    var index = start
    while let kind = kind(index), kind.isWhite {
      index += 1
      if kind == .newline { end = index }
    }
    return end
  }

  /// `\s+(?!\S)|\s+`: all white space, less the one before a word.
  private func white(_ start: Int) -> Int {
    var end = start
    while let kind = kind(end), kind.isWhite { end += 1 }
    return end < text.endIndex && end - start > 1 ? end - 1 : max(end, start + 1)
  }
}
