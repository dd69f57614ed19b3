import Workbench

/// The first complete thing in the bytes of a terminal.
struct KeySequence: Equatable {
  /// What it stands for.
  enum Meaning: Equatable {
    case key(Key)
    /// Printable characters, each a key.
    case text(String)
    case mouse(MouseReport)
    case pasteBegins
    /// A control string begins; the character after Escape, nil where one byte introduces it.
    case stringBegins(UInt8?)
    /// A control sequence that is too long to be a key goes on.
    case overlong
    /// Something that is no key: a report, a release, a sequence nobody knows.
    case nothing
  }

  var meaning: Meaning
  /// Bytes it took, at least one.
  var length: Int

  init(_ meaning: Meaning, _ length: Int) {
    self.meaning = meaning
    self.length = length
  }

  /// Reads one; nil when more bytes are needed, which cannot be when they are final.
  ///
  /// The bytes must not be empty.
  init?(_ bytes: ArraySlice<UInt8>, isFinal: Bool) {
    let found =
      switch bytes[bytes.startIndex] {
      case 0x1B: Self.escape(bytes, isFinal: isFinal)
      case 0x00..<0x20, 0x7F: KeySequence(.key(Self.control(bytes[bytes.startIndex])), 1)
      default: Self.introduced(bytes, isFinal: isFinal)
      }
    guard let found else { return nil }
    self = found
  }

  private static func control(_ byte: UInt8) -> Key {
    switch byte {
    case 0x00: .control(" ")
    case 0x08, 0x7F: .backspace
    case 0x09: .tab
    case 0x0A, 0x0D: .enter
    case 0x1B: .escape
    case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
    default: .control(Character(Unicode.Scalar(byte + 0x40)))
    }
  }

  private static func escape(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> KeySequence? {
    let alone = isFinal ? KeySequence(.key(.escape), 1) : nil
    guard bytes.count > 1 else { return alone }
    let next = bytes[bytes.startIndex + 1]
    switch next {
    case UInt8(ascii: "["): return ControlSequence.read(bytes, after: 2, isFinal: isFinal)
    case UInt8(ascii: "O"): return singleShift(bytes, after: 2, isFinal: isFinal)
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      return KeySequence(.stringBegins(next), 2)
    // The end of a string whose beginning is lost.
    case UInt8(ascii: "\\"): return KeySequence(.nothing, 2)
    // Escape, then a key of its own; Key has no word for Alt with Enter.
    case 0x00..<0x20, 0x7F: return KeySequence(.key(.escape), 1)
    default: break
    }
    switch ScannedScalar(bytes.dropFirst()) {
    case .scalar(let scalar, let length):
      return KeySequence(
        isTypeable(scalar) ? .key(.alt(Character(scalar))) : .nothing, 1 + length)
    case .invalid: return KeySequence(.key(.escape), 1)
    case .incomplete: return alone
    }
  }

  /// `ESC O` and a letter: arrows and F1 to F4 in application mode, the keypad, rxvt's Control; some
  /// terminals put modifiers in between.
  private static func singleShift(
    _ bytes: ArraySlice<UInt8>, after introducer: Int, isFinal: Bool
  ) -> KeySequence? {
    let digits = bytes.dropFirst(introducer).prefix { (0x30...0x3B).contains($0) }.prefix(8)
    let length = introducer + digits.count
    guard bytes.count > length else {
      let isAlt = length == 2 && introducer == 2
      return isFinal ? KeySequence(isAlt ? .key(.alt("O")) : .nothing, length) : nil
    }
    let byte = bytes[bytes.startIndex + length]
    guard (0x20..<0x7F).contains(byte) else { return KeySequence(.nothing, length) }
    let key: Key? =
      switch byte {
      case UInt8(ascii: "M"): .enter
      case UInt8(ascii: "X"): .character("=")
      case UInt8(ascii: "j")...UInt8(ascii: "y"): .character(Character(Unicode.Scalar(byte - 0x40)))
      default: ControlSequence.letterKey(byte)
      }
    return KeySequence(key.map { .key($0) } ?? .nothing, length + 1)
  }
}

// Text, and the controls of one byte that may stand in it.
extension KeySequence {
  /// A control of C1 (ECMA-48, 5.3), as one byte or in UTF-8; else text.
  private static func introduced(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> KeySequence? {
    guard let (control, length) = introducer(bytes) else { return text(bytes, isFinal: isFinal) }
    switch control {
    case 0x9B: return ControlSequence.read(bytes, after: length, isFinal: isFinal)
    case 0x8F: return singleShift(bytes, after: length, isFinal: isFinal)
    case 0x9C: return KeySequence(.nothing, length)
    default: return KeySequence(.stringBegins(nil), length)
    }
  }

  /// A control that introduces or ends something, and its bytes.
  private static func introducer(_ bytes: ArraySlice<UInt8>) -> (UInt8, length: Int)? {
    let first = bytes[bytes.startIndex]
    let isEncoded = first == 0xC2 && bytes.count > 1
    let control = isEncoded ? bytes[bytes.startIndex + 1] : first
    switch control {
    case 0x8F, 0x90, 0x98, 0x9B...0x9F: return (control, isEncoded ? 2 : 1)
    default: return nil
    }
  }

  /// As many printable characters as there are in a row, so that combining marks find their base.
  private static func text(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> KeySequence? {
    var text = String.UnicodeScalarView()
    var index = bytes.startIndex
    scan: while index < bytes.endIndex, bytes[index] >= 0x20, bytes[index] != 0x7F,
      introducer(bytes[index...]) == nil
    {
      switch ScannedScalar(bytes[index...]) {
      case .scalar(let scalar, let length):
        if isTypeable(scalar) { text.append(scalar) }
        index += length
      case .invalid(let length):
        text.append("\u{FFFD}")
        index += length
      case .incomplete where isFinal:
        text.append("\u{FFFD}")
        index = bytes.endIndex
      case .incomplete: break scan
      }
    }
    guard index > bytes.startIndex else { return nil }
    return KeySequence(.text(String(text)), index - bytes.startIndex)
  }

  /// Whether a scalar can be part of what one types: no control, no surprise in direction.
  static func isTypeable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: false
    case .format: scalar == "\u{200D}" || scalar == "\u{200C}"
    default: true
    }
  }
}

// What comes late: its beginning was taken for a key or dropped.
extension KeySequence {
  /// Whether a byte ends a control sequence.
  static func isFinal(_ byte: UInt8) -> Bool { (0x40..<0x7F).contains(byte) }

  /// Whether bytes that were read together are those of a sequence after its Escape: more of them
  /// than a person types at once, and what a terminal would send.
  static func continuesEscape(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 1 else { return false }
    let next = bytes[1]
    switch bytes[0] {
    case UInt8(ascii: "["):
      return (0x30..<0x40).contains(next) || Array("ABCDFHIOPQRSZ".utf8).contains(next)
    case UInt8(ascii: "O"): return bytes.count == 2 && ControlSequence.letterKey(next) != nil
    case UInt8(ascii: "]"): return (0x30...0x39).contains(next) || Array("lLI".utf8).contains(next)
    case UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      return bytes.contains { $0 == 0x07 || $0 == 0x1B || $0 == 0x9C }
    default: return false
    }
  }

  /// Whether bytes that were read together are parameters and the end of a control sequence.
  static func endsControl(_ bytes: [UInt8]) -> Bool {
    bytes.count > 1 && bytes.last.map(isFinal) == true
      && bytes.dropLast().allSatisfy { (0x20..<0x40).contains($0) }
  }
}
