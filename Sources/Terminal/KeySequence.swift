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
    switch bytes[bytes.startIndex] {
    case 0x1B:
      guard let found = Self.escape(bytes, isFinal: isFinal) else { return nil }
      self = found
    case 0x00..<0x20, 0x7F: self.init(.key(Self.control(bytes[bytes.startIndex])), 1)
    default:
      guard let found = Self.text(bytes, isFinal: isFinal) else { return nil }
      self = found
    }
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

  /// As many printable characters as there are in a row, so that combining marks find their base.
  private static func text(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> KeySequence? {
    var text = String.UnicodeScalarView()
    var index = bytes.startIndex
    scan: while index < bytes.endIndex, bytes[index] >= 0x20, bytes[index] != 0x7F {
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

  private static func escape(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> KeySequence? {
    let alone = isFinal ? KeySequence(.key(.escape), 1) : nil
    guard bytes.count > 1 else { return alone }
    switch bytes[bytes.startIndex + 1] {
    case UInt8(ascii: "["): return ControlSequence.read(bytes, isFinal: isFinal)
    case UInt8(ascii: "O"): return singleShift(bytes, isFinal: isFinal)
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

  /// `ESC O` and a letter: arrows and F1 to F4 in application mode, the keypad, rxvt's Control.
  private static func singleShift(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> KeySequence? {
    let alt = KeySequence(.key(.alt("O")), 2)
    guard bytes.count > 2 else { return isFinal ? alt : nil }
    let byte = bytes[bytes.startIndex + 2]
    if let key = ControlSequence.letterKey(byte) { return KeySequence(.key(key), 3) }
    switch byte {
    case UInt8(ascii: "M"): return KeySequence(.key(.enter), 3)
    case UInt8(ascii: "X"): return KeySequence(.key(.character("=")), 3)
    case UInt8(ascii: "j")...UInt8(ascii: "y"):
      return KeySequence(.key(.character(Character(Unicode.Scalar(byte - 0x40)))), 3)
    default: return alt
    }
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
