/// One thing a terminal is told.
enum VirtualToken: Equatable, Sendable {
  case scalar(Unicode.Scalar)
  case control(UInt8)
  /// `ESC`, intermediates, final.
  case escape(String)
  /// `ESC [`: mark, parameters (nil where left out), intermediates, final.
  case sequence(mark: Character?, parameters: [Int?], intermediates: String, final: Character)
  /// `ESC ]` … BEL or ST.
  case command(String)
}

/// Cuts bytes into what they tell a terminal (ECMA-48).
struct VirtualParser: Sendable {
  private enum State { case ground, escape, sequence, string(isCommand: Bool) }

  private var state = State.ground
  private var collected: [UInt8] = []
  private var sawEscape = false
  private var needed = 0

  /// Takes one byte; gives a token when it completes one.
  mutating func take(_ byte: UInt8) -> VirtualToken? {
    switch state {
    case .ground: return ground(byte)
    case .escape: return escape(byte)
    case .sequence: return sequence(byte)
    case .string(let isCommand): return string(byte, isCommand: isCommand)
    }
  }

  private mutating func ground(_ byte: UInt8) -> VirtualToken? {
    if needed > 0, (0x80...0xBF).contains(byte) {
      collected.append(byte)
      needed -= 1
      return needed == 0 ? decoded() : nil
    }
    needed = 0
    switch byte {
    case 0x1B:
      state = .escape
      collected = []
      return nil
    case 0x00..<0x20, 0x7F: return .control(byte)
    case 0x20..<0x80: return .scalar(Unicode.Scalar(byte))
    default:
      needed = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0
      collected = [byte]
      return needed == 0 ? .scalar("\u{FFFD}") : nil
    }
  }

  private func decoded() -> VirtualToken {
    .scalar(String(decoding: collected, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}")
  }

  private mutating func escape(_ byte: UInt8) -> VirtualToken? {
    switch byte {
    case UInt8(ascii: "[") where collected.isEmpty:
      state = .sequence
      return nil
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
      guard collected.isEmpty else { break }
      state = .string(isCommand: byte == UInt8(ascii: "]"))
      sawEscape = false
      return nil
    case 0x20...0x2F:
      collected.append(byte)
      return nil
    default: break
    }
    state = .ground
    return .escape(String(decoding: collected + [byte], as: UTF8.self))
  }

  private mutating func sequence(_ byte: UInt8) -> VirtualToken? {
    if byte < 0x20 { return .control(byte) }
    guard (0x40...0x7E).contains(byte) else {
      collected.append(byte)
      return nil
    }
    state = .ground
    var rest = collected[...]
    var mark: Character?
    if let first = rest.first, (0x3C...0x3F).contains(first) {
      mark = Character(Unicode.Scalar(first))
      rest = rest.dropFirst()
    }
    let digits = rest.prefix { (0x30...0x3F).contains($0) }
    let parameters = digits.split(omittingEmptySubsequences: false) { $0 == 0x3B || $0 == 0x3A }
      .map { Int(String(decoding: $0, as: UTF8.self)) }
    let intermediates = String(decoding: rest.dropFirst(digits.count), as: UTF8.self)
    return .sequence(
      mark: mark, parameters: parameters, intermediates: intermediates,
      final: Character(Unicode.Scalar(byte)))
  }

  private mutating func string(_ byte: UInt8, isCommand: Bool) -> VirtualToken? {
    let ends = byte == 0x07 || sawEscape && byte == UInt8(ascii: "\\")
    sawEscape = byte == 0x1B
    guard ends else {
      if !sawEscape { collected.append(byte) }
      return nil
    }
    state = .ground
    return isCommand ? .command(String(decoding: collected, as: UTF8.self)) : nil
  }
}
