/// A fenced block of code in a text: the lines from one fence of three backticks to the next.
struct CodeBlock: Equatable {
  /// From the start of the opening line to after the closing one, or to the end of the text.
  let span: Range<Int>
  /// The lines between the fences, each with its newline.
  let lines: [Range<Int>]
}

/// The fenced blocks of a text.
enum CodeBlocks {
  /// All blocks, rising.
  static func all(in bytes: [UInt8]) -> [CodeBlock] {
    var found: [CodeBlock] = []
    var opened: Int?
    var inner: [Range<Int>] = []
    for line in lines(of: bytes) {
      let isFence = bytes[line].drop { $0 == Sign.space }.starts(with: "```".utf8)
      if let start = opened, isFence {
        found.append(CodeBlock(span: start..<line.upperBound, lines: inner))
        opened = nil
      } else if isFence {
        (opened, inner) = (line.lowerBound, [])
      } else if opened != nil {
        inner.append(line)
      }
    }
    if let start = opened { found.append(CodeBlock(span: start..<bytes.count, lines: inner)) }
    return found
  }

  private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = 0
    for end in LineCuts.all(in: bytes) {
      found.append(start..<end)
      start = end
    }
    if start < bytes.count { found.append(start..<bytes.count) }
    return found
  }
}

extension CodeBlock {
  /// Offsets within the block before which a statement begins, rising.
  ///
  /// A statement begins after blank lines, and at a line that is indented no more than the block's
  /// first; never within brackets or triple quotes, nor at a line that only closes or continues
  /// what stands above (`}`, `else`, `except` …), nor below a decorator or a backslash.
  func statements(in bytes: [UInt8]) -> [Int] {
    var found: [Int] = []
    var state = CodeState()
    var outermost: Int?
    var before: ArraySlice<UInt8> = []
    for line in lines {
      let text = bytes[line].drop { Sign.isBlank($0) }
      let isFree = state.isOutside
      state.read(bytes[line])
      guard let first = text.first else {
        before = []
        continue
      }
      let indentation = text.startIndex - line.lowerBound
      defer { before = text }
      guard let outer = outermost else {
        outermost = indentation
        continue
      }
      let goesOn =
        before.first == UInt8(ascii: "@")
        || before.last { !Sign.isBlank($0) } == Sign.backslash
      let begins = before.isEmpty || indentation <= outer
      if isFree, begins, !goesOn, !CodeState.closes(first, text) { found.append(line.lowerBound) }
    }
    return found
  }
}

/// Whether a place in code lies within brackets or a text of several lines.
struct CodeState {
  private var depth = 0
  private var quote: UInt8?

  /// Whether a statement may begin here.
  var isOutside: Bool { depth == 0 && quote == nil }

  /// Reads a line.
  mutating func read(_ line: ArraySlice<UInt8>) {
    let bytes = Array(line)
    var short: UInt8?
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      let isQuote = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
      let isTriple =
        isQuote && place + 2 < bytes.count && bytes[place + 1] == byte
        && bytes[place + 2] == byte
      if isTriple, short == nil, quote == nil || quote == byte {
        quote = quote == nil ? byte : nil
        place += 3
        continue
      }
      if byte == Sign.backslash {
        place += 2
        continue
      }
      if quote == nil {
        if isQuote, short == nil || short == byte {
          short = short == nil ? byte : nil
        } else if short == nil {
          if byte == UInt8(ascii: "#") { return }
          if "([{".utf8.contains(byte) { depth += 1 }
          if ")]}".utf8.contains(byte) { depth = max(0, depth - 1) }
        }
      }
      place += 1
    }
  }

  /// Whether a line only closes or continues the statement above it.
  static func closes(_ first: UInt8, _ line: ArraySlice<UInt8>) -> Bool {
    if ")]}.".utf8.contains(first) { return true }
    let word = line.prefix { Sign.isWord($0) || $0 == UInt8(ascii: "_") }
    return ["else", "elif", "except", "finally", "catch", "case", "end"].contains {
      word.elementsEqual($0.utf8)
    }
  }
}
