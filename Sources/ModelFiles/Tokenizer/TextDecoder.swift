/// How the texts of tokens become one text again.
enum TextDecoder: Equatable, Sendable {
  /// The tokens' bytes in a row; what is no UTF-8 becomes U+FFFD.
  case bytes
  /// A space between any two tokens.
  case spaced
  /// A space between any two tokens, but none beside a newline.
  case lines

  /// The text that each token adds; joined, they are the whole text.
  ///
  /// A character whose bytes are spread over several tokens belongs to the one that completes it.
  func pieces(_ tokens: [[UInt8]]) -> [String] {
    var pending = PendingText(decoder: self)
    var pieces = tokens.map { pending.append($0) }
    if !pieces.isEmpty { pieces[pieces.count - 1] += pending.finish() }
    return pieces
  }

  /// How many bytes at the end begin a character that more bytes may complete.
  static func unfinished(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let lead = bytes[bytes.count - length]
      if lead & 0xC0 == 0x80 { continue }
      let needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
      guard needed > length, lead <= 0xF4, lead >= 0xC2 else { return 0 }
      guard length > 1 else { return 1 }
      return allows(bytes[bytes.count - length + 1], after: lead) ? length : 0
    }
    return 0
  }

  /// Whether a second byte may follow the first (Unicode, table 3-7).
  private static func allows(_ second: UInt8, after lead: UInt8) -> Bool {
    switch lead {
    case 0xE0: second >= 0xA0
    case 0xED: second < 0xA0
    case 0xF0: second >= 0x90
    case 0xF4: second < 0x90
    default: true
    }
  }
}
