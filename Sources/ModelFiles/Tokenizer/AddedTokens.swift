import LanguageModel

/// A token that is found in the text itself, before it is cut.
struct AddedToken: Equatable, Sendable {
  /// Its id.
  var id: Token
  /// Its text.
  var content: String
  /// Whether it is left out where special tokens are.
  var special = true
  /// Whether it counts only between characters that belong to no word.
  var singleWord = false
  /// Whether it swallows white space before it.
  var leftStrip = false
  /// Whether it swallows white space after it.
  var rightStrip = false
  /// Whether it is looked for after normalisation.
  var normalized = false
}

/// Finds added tokens in a text, the leftmost first and the longest among those.
struct AddedTokenSearch: Sendable {
  private let tokens: [AddedToken]
  private var byFirstByte: [[(text: [UInt8], token: Int)]] = .init(repeating: [], count: 256)

  /// A part of a text.
  enum Part {
    /// Text that is no added token.
    case text(ArraySlice<UInt8>)
    /// An added token.
    case token(Token)
  }

  /// A search for tokens whose text is first changed by `normalize`.
  init(_ tokens: [AddedToken], normalize: (String) -> String = { $0 }) {
    self.tokens = tokens
    for (index, token) in tokens.enumerated() {
      let text = Array(normalize(token.content).utf8)
      guard let first = text.first else { continue }
      byFirstByte[Int(first)].append((text, index))
    }
    for byte in 0..<256 { byFirstByte[byte].sort { $0.text.count > $1.text.count } }
  }

  /// Cuts a text at the added tokens; `recogniseSpecial` false leaves special ones as text.
  func split(_ text: ArraySlice<UInt8>, recogniseSpecial: Bool) -> [Part] {
    guard !tokens.isEmpty else { return text.isEmpty ? [] : [.text(text)] }
    var parts: [Part] = []
    var done = text.startIndex
    var index = text.startIndex
    while index < text.endIndex {
      let candidates = byFirstByte[Int(text[index])]
      guard let match = candidates.first(where: { text[index...].starts(with: $0.text) }) else {
        index += 1
        continue
      }
      let range = index..<index + match.text.count
      index = range.upperBound
      let token = tokens[match.token]
      guard recogniseSpecial || !token.special, range.lowerBound >= done,
        let (start, end) = extent(of: token, at: range, in: text, after: done)
      else { continue }
      if done < start { parts.append(.text(text[done..<start])) }
      parts.append(.token(token.id))
      done = end
    }
    if done < text.endIndex { parts.append(.text(text[done...])) }
    return parts
  }

  private func extent(
    of token: AddedToken, at range: Range<Int>, in text: ArraySlice<UInt8>, after done: Int
  ) -> (Int, Int)? {
    var (start, end) = (range.lowerBound, range.upperBound)
    if token.singleWord {
      let before = AddedTokenSearch.scalar(before: start, in: text)?.isWordScalar ?? false
      let after = AddedTokenSearch.scalar(at: end, in: text)?.isWordScalar ?? false
      if before || after { return nil }
    }
    while token.leftStrip, start > done,
      let scalar = AddedTokenSearch.scalar(before: start, in: text), scalar.properties.isWhitespace
    {
      start -= UTF8.width(scalar)
    }
    while token.rightStrip, let scalar = AddedTokenSearch.scalar(at: end, in: text),
      scalar.properties.isWhitespace
    {
      end += UTF8.width(scalar)
    }
    return (max(start, done), end)
  }

  private static func scalar(before end: Int, in text: ArraySlice<UInt8>) -> Unicode.Scalar? {
    var start = end
    repeat { start -= 1 } while start > text.startIndex && text[start] & 0xC0 == 0x80
    guard start >= text.startIndex else { return nil }
    return String(decoding: text[start..<end], as: UTF8.self).unicodeScalars.first
  }

  private static func scalar(at start: Int, in text: ArraySlice<UInt8>) -> Unicode.Scalar? {
    let bytes = text[start..<min(start + 4, text.endIndex)]
    return String(decoding: bytes, as: UTF8.self).unicodeScalars.first
  }
}
