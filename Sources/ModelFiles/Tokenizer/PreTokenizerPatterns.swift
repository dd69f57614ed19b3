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
