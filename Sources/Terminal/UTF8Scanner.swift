/// The scalar at the beginning of some bytes.
enum ScannedScalar: Equatable {
  /// A scalar and the bytes it took.
  case scalar(Unicode.Scalar, length: Int)
  /// Bytes that are no UTF-8.
  case invalid(length: Int)
  /// More bytes are needed.
  case incomplete

  /// Reads one scalar; the bytes must not be empty.
  init(_ bytes: ArraySlice<UInt8>) {
    let first = bytes[bytes.startIndex]
    let (count, range) = Self.shape(of: first)
    guard count > 0 else {
      self = .invalid(length: 1)
      return
    }
    var value = count == 1 ? UInt32(first) : UInt32(first) & (0x7F >> UInt32(count))
    for offset in 1..<max(count, 2) where offset < count {
      guard offset < bytes.count else {
        self = .incomplete
        return
      }
      let byte = bytes[bytes.startIndex + offset]
      guard (offset == 1 ? range : 0x80...0xBF).contains(byte) else {
        self = .invalid(length: offset)
        return
      }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    self = Unicode.Scalar(value).map { .scalar($0, length: count) } ?? .invalid(length: count)
  }

  /// Bytes in a sequence with that first byte (0: none), and what its second may be.
  ///
  /// The Unicode Standard, table 3-7: overlong forms and surrogates are excluded by the second byte.
  private static func shape(of first: UInt8) -> (count: Int, second: ClosedRange<UInt8>) {
    switch first {
    case 0x00...0x7F: (1, 0x80...0xBF)
    case 0xC2...0xDF: (2, 0x80...0xBF)
    case 0xE0: (3, 0xA0...0xBF)
    case 0xED: (3, 0x80...0x9F)
    case 0xE1...0xEF: (3, 0x80...0xBF)
    case 0xF0: (4, 0x90...0xBF)
    case 0xF1...0xF3: (4, 0x80...0xBF)
    case 0xF4: (4, 0x80...0x8F)
    default: (0, 0x80...0xBF)
    }
  }
}
