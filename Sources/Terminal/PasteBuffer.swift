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
    while index < new.endIndex {
      if new[index] == Self.end[0] {
        let rest = new[index...].prefix(Self.end.count)
        if rest.elementsEqual(Self.end) {
          bytes += new[..<index]
          return (index - new.startIndex + Self.end.count, true)
        }
        if rest.count < Self.end.count, Self.end.starts(with: rest), !isFinal { break }
      }
      index += 1
    }
    bytes += new[..<index]
    return (index - new.startIndex, isFinal)
  }

  /// The text: line ends are newlines, other controls but the tab are left away.
  var text: String {
    var result = ""
    for character in String(decoding: bytes, as: UTF8.self) {
      switch character {
      case "\r", "\n", "\r\n": result.append("\n")
      case "\t": result.append(character)
      default:
        let kept = character.unicodeScalars.filter { $0.properties.generalCategory != .control }
        result.unicodeScalars.append(contentsOf: kept)
      }
    }
    return result
  }
}
