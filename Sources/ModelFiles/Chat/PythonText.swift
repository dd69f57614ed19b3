// Python's ways with strings, which templates are written in. All go by Unicode scalars: Swift takes
// a letter and the accent after it, or "\r\n", for one character.

extension Unicode.Scalar {
  /// Whether Python calls it white space: Unicode does, or it is one of four separators.
  var isPythonSpace: Bool {
    guard !isASCII else {
      return value == 32 || (9...13).contains(value) || (28...31).contains(value)
    }
    return properties.isWhitespace
  }

  /// Whether it is one of 0 to 9.
  var isDigit: Bool { (48...57).contains(value) }

  /// Whether it is part of a name or a number.
  var isWord: Bool {
    guard !isASCII else {
      return self == "_" || isDigit || (65...90).contains(value & ~32)
    }
    return properties.isAlphabetic || properties.numericType != nil
  }

  /// Whether Python prints it in a string's representation as it is.
  var isPrintable: Bool {
    guard !isASCII else { return value >= 32 && value < 127 }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }
}

extension RandomAccessCollection<Unicode.Scalar> where Index == Int {
  /// The scalars as a string.
  var asString: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: self)
    return String(view)
  }

  /// Without those at the end for which this holds.
  func trimmedAtEnd(where isCut: (Unicode.Scalar) -> Bool) -> SubSequence {
    var end = endIndex
    while end > startIndex, isCut(self[end - 1]) { end -= 1 }
    return self[startIndex..<end]
  }

  /// Without those at the start for which this holds.
  func trimmedAtStart(where isCut: (Unicode.Scalar) -> Bool) -> SubSequence {
    var start = startIndex
    while start < endIndex, isCut(self[start]) { start += 1 }
    return self[start..<endIndex]
  }
}

extension [Unicode.Scalar] {
  /// A string's scalars.
  init(_ text: String) { self = Array(text.unicodeScalars) }

  /// Whether another text stands at an index.
  func has(_ text: [Unicode.Scalar], at index: Int) -> Bool {
    index >= 0 && index + text.count <= count
      && self[index..<index + text.count].elementsEqual(text)
  }

  /// Without these characters, or white space, at the ends that are asked for.
  func stripped(
    of characters: [Unicode.Scalar]? = nil, start: Bool = true, end: Bool = true
  ) -> [Unicode.Scalar] {
    let isCut = { (scalar: Unicode.Scalar) in
      characters?.contains(scalar) ?? scalar.isPythonSpace
    }
    let rest = start ? self[...].trimmedAtStart(where: isCut) : self[...]
    return Array(end ? rest.trimmedAtEnd(where: isCut) : rest)
  }

  /// Where a text begins for the first time in a range; nil where it does not.
  func first(_ text: [Unicode.Scalar], from start: Int = 0, to end: Int? = nil) -> Int? {
    let last = (end ?? count) - text.count
    guard start <= last else { return nil }
    guard let head = text.first else { return start }
    guard text.count <= 16 else { return found(text, in: start..<last + text.count) }
    for index in start...last where self[index] == head && has(text, at: index) { return index }
    return nil
  }

  /// Where a text begins for the last time in a range; nil where it does not.
  func last(_ text: [Unicode.Scalar], from start: Int = 0, to end: Int? = nil) -> Int? {
    let last = (end ?? count) - text.count
    guard start <= last else { return nil }
    guard text.count <= 16 else {
      let turned = Array(self[start..<last + text.count].reversed())
      return turned.found(text.reversed(), in: 0..<turned.count).map { last - $0 }
    }
    return (start...last).reversed().first { has(text, at: $0) }
  }

  /// The first place of a long text by the algorithm of Knuth, Morris and Pratt, whose time does not
  /// depend on how often the text nearly occurs.
  private func found(_ text: [Unicode.Scalar], in range: Range<Int>) -> Int? {
    var borders = [Int](repeating: 0, count: text.count)
    var length = 0
    for index in 1..<text.count {
      while length > 0, text[index] != text[length] { length = borders[length - 1] }
      if text[index] == text[length] { length += 1 }
      borders[index] = length
    }
    length = 0
    for index in range {
      while length > 0, self[index] != text[length] { length = borders[length - 1] }
      if self[index] == text[length] { length += 1 }
      if length == text.count { return index - length + 1 }
    }
    return nil
  }

  /// How often a text, which must not be empty, occurs without overlap.
  func count(of text: [Unicode.Scalar]) -> Int {
    var (found, start) = (0, 0)
    while let place = first(text, from: start) {
      found += 1
      start = place + text.count
    }
    return found
  }

  /// The pieces between the places of a text, at most so many cuts, from the left.
  func split(_ separator: [Unicode.Scalar], most: Int) -> [[Unicode.Scalar]] {
    var (pieces, start): ([[Unicode.Scalar]], Int) = ([], 0)
    while most < 0 || pieces.count < most, let cut = first(separator, from: start) {
      pieces.append(Array(self[start..<cut]))
      start = cut + separator.count
    }
    return pieces + [Array(self[start...])]
  }

  /// The pieces between the places of a text, at most so many cuts, from the right.
  func splitFromRight(_ separator: [Unicode.Scalar], most: Int) -> [[Unicode.Scalar]] {
    let turned = Array(reversed()).split(separator.reversed(), most: most)
    return turned.reversed().map { Array($0.reversed()) }
  }

  /// The words between white space, at most so many cuts from the left; the last keeps what follows.
  func splitAtSpace(most: Int) -> [[Unicode.Scalar]] {
    var pieces: [[Unicode.Scalar]] = []
    var rest = self[...].trimmedAtStart(where: \.isPythonSpace)
    while !rest.isEmpty {
      guard most < 0 || pieces.count < most,
        let end = rest.firstIndex(where: \.isPythonSpace)
      else {
        pieces.append(Array(rest))
        break
      }
      pieces.append(Array(rest[..<end]))
      rest = rest[end...].trimmedAtStart(where: \.isPythonSpace)
    }
    return pieces
  }

  /// The same from the right.
  func splitAtSpaceFromRight(most: Int) -> [[Unicode.Scalar]] {
    let turned = Array(reversed()).splitAtSpace(most: most)
    return turned.reversed().map { Array($0.reversed()) }
  }

  /// The lines, their ends left out or kept.
  func lines(keepingEnds: Bool) -> [[Unicode.Scalar]] {
    let ends: Set<UInt32> = [10, 11, 12, 13, 28, 29, 30, 0x85, 0x2028, 0x2029]
    var (lines, start, index): ([[Unicode.Scalar]], Int, Int) = ([], 0, 0)
    while index < count {
      guard ends.contains(self[index].value) else {
        index += 1
        continue
      }
      let end = index
      index += has(["\r", "\n"], at: index) ? 2 : 1
      lines.append(Array(self[start..<(keepingEnds ? index : end)]))
      start = index
    }
    return start < count ? lines + [Array(self[start...])] : lines
  }

  /// With another text in place of a text, at most so many times; an empty text stands everywhere.
  func replacing(
    _ old: [Unicode.Scalar], with new: [Unicode.Scalar], most: Int = -1
  ) -> [Unicode.Scalar] {
    guard old.isEmpty else {
      return Array(split(old, most: most).joined(separator: new))
    }
    var result: [Unicode.Scalar] = []
    for index in 0...count {
      if most < 0 || index < most { result += new }
      if index < count { result.append(self[index]) }
    }
    return result
  }

  /// In capitals.
  var upper: [Unicode.Scalar] { [Unicode.Scalar](asString.uppercased()) }
  /// In small letters.
  var lower: [Unicode.Scalar] { [Unicode.Scalar](asString.lowercased()) }

  /// The first letter as a capital, the others small.
  var capitalized: [Unicode.Scalar] {
    guard let first else { return [] }
    return [Unicode.Scalar](first.properties.titlecaseMapping) + Array(dropFirst()).lower
  }

  /// Every word's first letter as a capital, as `str.title` has it.
  var titled: [Unicode.Scalar] {
    var (result, isWithin): ([Unicode.Scalar], Bool) = ([], false)
    for scalar in self {
      let mapped =
        isWithin ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
      result += mapped.unicodeScalars
      isWithin = scalar.properties.isCased
    }
    return result
  }

  /// As Python writes the string in a program.
  var represented: [Unicode.Scalar] {
    let quote: Unicode.Scalar = contains("'") && !contains("\"") ? "\"" : "'"
    var result = [quote]
    for scalar in self {
      switch scalar {
      case "\\", quote: result += ["\\", scalar]
      case "\n": result += ["\\", "n"]
      case "\r": result += ["\\", "r"]
      case "\t": result += ["\\", "t"]
      case _ where scalar.isPrintable: result.append(scalar)
      default:
        let (mark, length) =
          scalar.value < 256 ? ("x", 2) : scalar.value < 65536 ? ("u", 4) : ("U", 8)
        let digits = String(scalar.value, radix: 16)
        let zeros = String(repeating: "0", count: length - digits.count)
        result += [Unicode.Scalar]("\\" + mark + zeros + digits)
      }
    }
    return result + [quote]
  }
}

extension Double {
  /// As Python writes the number: the shortest digits that give it back.
  var pythonText: String {
    guard isFinite else { return isNaN ? "nan" : self < 0 ? "-inf" : "inf" }
    let parts = "\(magnitude)".lowercased().split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = (parts.first ?? "0").split(separator: ".", omittingEmptySubsequences: false)
    let whole = halves.first ?? "0"
    var digits = Array((whole + (halves.count > 1 ? halves[1] : "")).utf8)
    exponent += whole.utf8.count - 1
    while digits.first == 48, digits.count > 1 {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.last == 48, digits.count > 1 { digits.removeLast() }
    if digits == [48] { exponent = 0 }
    return (sign == .minus ? "-" : "") + Double.text(digits, exponent: exponent)
  }

  /// d.ddd times ten to the exponent, written out where that is short.
  private static func text(_ digits: [UInt8], exponent: Int) -> String {
    let all = String(decoding: digits, as: UTF8.self)
    if exponent < -4 || exponent >= 16 {
      let rest = digits.count > 1 ? "." + all.dropFirst() : ""
      let size = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
      return all.prefix(1) + rest + (exponent < 0 ? "e-" : "e+") + size
    }
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + all }
    guard digits.count > exponent + 1 else {
      return all + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
    }
    return all.prefix(exponent + 1) + "." + all.dropFirst(exponent + 1)
  }
}
