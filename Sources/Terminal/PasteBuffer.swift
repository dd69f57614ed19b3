/// Pasted bytes, between the brackets that the terminal puts around them.
struct PasteBuffer: Sendable {
  /// Bytes above which a paste is handed over in parts.
  static let capacity = 1 << 20
  private static let end: [UInt8] = Array("\u{1B}[201~".utf8)

  private var bytes: [UInt8] = []

  var isFull: Bool { bytes.count >= Self.capacity }

  /// Takes bytes up to the end bracket.
  ///
  /// - Returns: How many were used, and whether the paste is over. Bytes that may begin the bracket
  ///   are left for the next time, unless nothing follows.
  mutating func take(_ new: ArraySlice<UInt8>, isFinal: Bool) -> (length: Int, ended: Bool) {
    var index = new.startIndex
    while let escape = new[index...].firstIndex(of: Self.end[0]) {
      let rest = new[escape...].prefix(Self.end.count)
      if rest.elementsEqual(Self.end) {
        bytes += new[..<escape]
        return (escape - new.startIndex + Self.end.count, true)
      }
      if rest.count < Self.end.count, Self.end.starts(with: rest), !isFinal {
        bytes += new[..<escape]
        return (escape - new.startIndex, false)
      }
      index = escape + 1
    }
    bytes += new
    return (new.count, isFinal)
  }

  /// The text: line ends are newlines, other controls but the tab are left away.
  var text: String {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      switch byte {
      case 0x0D:
        kept.append(0x0A)
        if next == 0x0A { index += 1 }
      case 0x09, 0x0A: kept.append(byte)
      case 0x00..<0x20, 0x7F: break
      case 0xC2 where (0x80...0x9F).contains(next): index += 1  // U+0080 to U+009F
      default: kept.append(byte)
      }
      index += 1
    }
    return String(decoding: kept, as: UTF8.self)
  }
}
