/// Where sentences and lines of a text end.
///
/// A sentence ends at `.`, `!` or `?` and the closing signs after it, where a blank follows and then
/// no small letter; not after a known abbreviation, a single capital, or the number of a list entry.
/// Chinese and Japanese full stops end one by themselves.
enum SentenceCuts {
  /// Offsets into UTF-8 after which a step may end, rising.
  static func all(in bytes: [UInt8]) -> [Int] {
    var found: [Int] = []
    var place = 0
    while place < bytes.count {
      if bytes[place] == Sign.newline {
        place += 1
        found.append(place)
      } else if let end = end(of: bytes, at: place) {
        found.append(end)
        place = end
      } else {
        place += 1
      }
    }
    return found
  }

  /// The offset after the sentence whose last sign stands here; nil where none ends.
  private static func end(of bytes: [UInt8], at place: Int) -> Int? {
    if isWideStop(bytes, at: place) { return place + 3 }
    guard Sign.stops.contains(bytes[place]) else { return nil }
    var end = place + 1
    while end < bytes.count, Sign.closers.contains(bytes[end]) { end += 1 }
    guard end < bytes.count else { return end }
    guard Sign.isBlank(bytes[end]) else { return nil }
    let next = bytes[end...].first { !Sign.isBlank($0) }
    if let next, Sign.isSmall(next) { return nil }
    return bytes[place] == Sign.point && isAbbreviation(bytes, before: place) ? nil : end
  }

  /// 。！？ in UTF-8.
  private static func isWideStop(_ bytes: [UInt8], at place: Int) -> Bool {
    guard place + 2 < bytes.count, bytes[place] >= 0xE3 else { return false }
    let three = Array(bytes[place..<place + 3])
    return three == [0xE3, 0x80, 0x82] || three == [0xEF, 0xBC, 0x81]
      || three == [0xEF, 0xBC, 0x9F]
  }

  private static func isAbbreviation(_ bytes: [UInt8], before place: Int) -> Bool {
    var start = place
    while start > 0, Sign.isWord(bytes[start - 1]) || bytes[start - 1] == Sign.point { start -= 1 }
    let word = bytes[start..<place]
    guard let first = word.first else { return false }
    if word.count == 1, Sign.isCapital(first) { return true }
    if word.allSatisfy(Sign.isDigit) { return isAtLineStart(bytes, start) }
    return abbreviations.contains(String(decoding: word, as: UTF8.self))
  }

  private static func isAtLineStart(_ bytes: [UInt8], _ place: Int) -> Bool {
    let before = bytes[..<place].last { $0 != Sign.space }
    return before == nil || before == Sign.newline
  }

  private static let abbreviations: Set<String> = [
    "Dr", "Mr", "Mrs", "Ms", "Prof", "St", "vs", "Fig", "Eq", "Eqs", "No", "Sec", "Ch", "cf", "e.g",
    "i.e", "approx", "resp", "w.r.t",
  ]
}

/// Where lines of a text end.
enum LineCuts {
  /// Offsets after each newline.
  static func all(in bytes: [UInt8]) -> [Int] {
    bytes.indices.filter { bytes[$0] == Sign.newline }.map { $0 + 1 }
  }
}

/// The ASCII signs that splitters look for.
enum Sign {
  static let newline = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let point = UInt8(ascii: ".")
  static let dollar = UInt8(ascii: "$")
  static let backslash = UInt8(ascii: "\\")
  static let stops: [UInt8] = [point, UInt8(ascii: "!"), UInt8(ascii: "?")]
  static let closers = Array("\"')]*_".utf8)

  static func isBlank(_ byte: UInt8) -> Bool { byte == space || (0x09...0x0D) ~= byte }
  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39) ~= byte }
  static func isSmall(_ byte: UInt8) -> Bool { (0x61...0x7A) ~= byte }
  static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A) ~= byte }
  static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || isSmall(byte) || isCapital(byte) || byte >= 0x80
  }
}

extension [UInt8] {
  /// Whether the bytes at a place are these.
  func holds(_ word: String, at place: Int) -> Bool {
    let wanted = word.utf8
    return place >= 0 && place + wanted.count <= count
      && self[place..<place + wanted.count].elementsEqual(wanted)
  }

  /// The first place of these bytes from a place on.
  func place(of word: String, from start: Int) -> Int? {
    guard start + word.utf8.count <= count else { return nil }
    return (start...count - word.utf8.count).first { holds(word, at: $0) }
  }
}
