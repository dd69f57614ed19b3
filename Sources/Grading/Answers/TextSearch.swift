// Plain searching over bytes; the standard library's is general and many times slower, and every
// rollout of a training is judged.
extension String {
  /// Where a mark stands, in order; not overlapping.
  func places(of mark: String) -> [Range<String.Index>] {
    let wanted = Array(mark.utf8)
    let bytes = Array(utf8)
    return Self.offsets(of: wanted, in: bytes).map { offset in
      let start = utf8.index(startIndex, offsetBy: offset)
      return start..<utf8.index(start, offsetBy: wanted.count)
    }
  }

  /// The text with another in place of a mark.
  func replaced(_ mark: String, with other: String) -> String {
    let wanted = Array(mark.utf8)
    let bytes = Array(utf8)
    let offsets = Self.offsets(of: wanted, in: bytes)
    guard !offsets.isEmpty else { return self }
    var result: [UInt8] = []
    var last = 0
    for offset in offsets {
      result += bytes[last..<offset]
      result += Array(other.utf8)
      last = offset + wanted.count
    }
    return String(decoding: result + bytes[last...], as: UTF8.self)
  }

  private static func offsets(of wanted: [UInt8], in bytes: [UInt8]) -> [Int] {
    guard let first = wanted.first, bytes.count >= wanted.count else { return [] }
    var found: [Int] = []
    var place = 0
    while place + wanted.count <= bytes.count {
      if bytes[place] == first, bytes[place..<(place + wanted.count)].elementsEqual(wanted) {
        found.append(place)
        place += wanted.count
      } else {
        place += 1
      }
    }
    return found
  }
}
