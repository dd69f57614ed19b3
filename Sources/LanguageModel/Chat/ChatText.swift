// Python's ways with strings, which templates are written in. All go by bytes or scalars: Swift
// takes a letter and the accent after it, or "\r\n", for one character.
extension String {
  /// Without the white space at both ends that Python's `strip()` cuts off.
  var strippedOfSpace: String { stripped { $0.isPythonSpace } }

  /// Without the white space at the end that Python's `rstrip()` cuts off.
  var strippedOfSpaceAtEnd: String { stripped(start: false) { $0.isPythonSpace } }

  /// Without these characters at the ends that are asked for.
  func stripped(of scalars: Set<Unicode.Scalar>, start: Bool = true, end: Bool = true) -> String {
    stripped(start: start, end: end) { scalars.contains($0) }
  }

  private func stripped(
    start: Bool = true, end: Bool = true, _ isCut: (Unicode.Scalar) -> Bool
  ) -> String {
    var rest = unicodeScalars[...]
    while start, let first = rest.first, isCut(first) { rest.removeFirst() }
    while end, let last = rest.last, isCut(last) { rest.removeLast() }
    return String(rest)
  }

  /// What follows the last time that a text occurs; all where it does not.
  func afterLast(_ text: String) -> String {
    let bytes = Array(utf8)
    guard let start = bytes.starts(of: text).last else { return self }
    return String(decoding: bytes[(start + text.utf8.count)...], as: UTF8.self)
  }

  /// What precedes the first time that a text occurs; all where it does not.
  func beforeFirst(_ text: String) -> String {
    let bytes = Array(utf8)
    guard let start = bytes.starts(of: text).first else { return self }
    return String(decoding: bytes[..<start], as: UTF8.self)
  }

  /// Whether a text occurs, byte for byte.
  func utf8Contains(_ text: String) -> Bool {
    text.isEmpty || !Array(utf8).starts(of: text).isEmpty
  }
}

extension [UInt8] {
  /// Where a text begins, overlaps left out; it must not be empty.
  func starts(of text: String) -> [Int] {
    let wanted = Array(text.utf8)
    var found: [Int] = []
    var index = 0
    while index + wanted.count <= count {
      if self[index] == wanted[0], self[index..<index + wanted.count].elementsEqual(wanted) {
        found.append(index)
        index += wanted.count
      } else {
        index += 1
      }
    }
    return found
  }
}

extension Unicode.Scalar {
  /// Whether Python calls it white space: Unicode does, or it is one of four separators.
  var isPythonSpace: Bool {
    guard !isASCII else {
      return value == 32 || (9...13).contains(value) || (28...31).contains(value)
    }
    return properties.isWhitespace
  }
}
