import Foundation

/// Spoils files in ways that depend on a seed alone.
struct Mutations {
  private var state: UInt64
  private let words: [[UInt8]]

  init(seed: UInt64, words: [String]) {
    state = seed
    let bytes: [[UInt8]] = [
      [0], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x1B, 0x5B], [0xE2, 0x80, 0xAE], [0x0D],
      [0xEF, 0xBB, 0xBF],
    ]
    let hostile: [String] = [
      "99999999999999999999", "-9223372036854775808", "1e999", "nan", "[[", "{", "\\u0000",
      "\\ud800", "\"\"\"", "a.a.",
    ]
    self.words = bytes + (words + hostile).map { Array($0.utf8) }
  }

  /// Steele, Lea & Flood 2014, SplitMix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

  /// A file with one to four faults.
  mutating func spoil(_ file: [UInt8]) -> [UInt8] {
    var bytes = file
    for _ in 0...below(4) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = below(bytes.count)
    guard !bytes.isEmpty else { return }
    let end = min(bytes.count, place + 1 + below(12))
    switch below(7) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
    case 1: bytes[place] ^= 1 << UInt8(below(8))
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count))
    case 4: bytes.insert(contentsOf: words[below(words.count)], at: place)
    case 5: bytes.replaceSubrange(place..<end, with: words[below(words.count)])
    default:
      let word = words[below(words.count)]
      for _ in 0...below(300) { bytes.insert(contentsOf: word, at: place) }
    }
  }
}
