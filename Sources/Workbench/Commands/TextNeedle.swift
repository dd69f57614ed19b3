/// A text to find in others, whatever their capitals.
///
/// An ASCII needle is found byte by byte, some hundred times faster than by graphemes; any other is
/// found by graphemes, so that it does not matter how an accent is written.
struct TextNeedle: Equatable, Sendable {
  /// The text in small letters.
  let text: String
  private let bytes: [UInt8]?

  /// A needle; the capitals of `text` do not matter.
  init(_ text: String) {
    self.text = text.lowercased()
    let bytes = Array(self.text.utf8)
    self.bytes = bytes.allSatisfy { $0 < 0x80 } ? bytes : nil
  }

  /// Whether the text stands in another.
  func isFound(in other: String) -> Bool {
    guard let bytes else { return other.lowercased().contains(text) }
    guard !bytes.isEmpty else { return true }
    guard other.utf8.count >= bytes.count else { return false }
    let found = other.utf8.withContiguousStorageIfAvailable { Self.find(bytes, in: $0) }
    return found ?? Self.find(bytes, in: Array(other.utf8)[...])
  }

  private static func find(
    _ needle: [UInt8], in bytes: some RandomAccessCollection<UInt8>
  ) -> Bool {
    let first = needle[0]
    var start = bytes.startIndex
    let last = bytes.index(bytes.endIndex, offsetBy: -needle.count)
    while start <= last {
      if small(bytes[start]) == first {
        var place = 1
        while place < needle.count,
          small(bytes[bytes.index(start, offsetBy: place)]) == needle[place]
        {
          place += 1
        }
        if place == needle.count { return true }
      }
      start = bytes.index(after: start)
    }
    return false
  }

  private static func small(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }
}
