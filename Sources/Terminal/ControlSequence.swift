import Workbench

/// A sequence that begins with `ESC [`: parameters, then one final byte (ECMA-48, 5.4).
struct ControlSequence: Equatable {
  /// Bytes above which a sequence without an end is given up.
  static let longest = 64

  /// `<`, `=`, `>` or `?` before the parameters.
  var mark: UInt8?
  /// The parameters with their sub-parameters; a missing one is 0.
  var parameters: [[Int]]
  /// The byte that ends it.
  var final: UInt8

  /// Reads one; nil when more bytes are needed.
  static func read(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> KeySequence? {
    let start = bytes.startIndex
    guard bytes.count > 2 else { return isFinal ? KeySequence(.key(.alt("[")), 2) : nil }
    switch bytes[start + 2] {
    case UInt8(ascii: "["): return linuxFunctionKey(bytes, isFinal: isFinal)
    case UInt8(ascii: "M"): return oldMouse(bytes, isFinal: isFinal)
    default: break
    }
    let marks: ClosedRange<UInt8> = UInt8(ascii: "<")...UInt8(ascii: "?")
    let mark = marks.contains(bytes[start + 2]) ? bytes[start + 2] : nil
    let first = mark == nil ? start + 2 : start + 3
    var index = first
    while index < bytes.endIndex {
      let byte = bytes[index]
      // rxvt ends Shift with a key by `$`, which ECMA-48 has in the middle only.
      let ends = byte >= 0x40 || byte == UInt8(ascii: "$") && mark == nil
      if ends, byte < 0x7F {
        let sequence = ControlSequence(
          mark: mark, parameters: numbers(bytes[first..<index]), final: byte)
        return KeySequence(sequence.meaning, index + 1 - start)
      }
      // An escape, a control or a letter beyond ASCII: what came before it is not a sequence.
      if !(0x20...0x3F).contains(byte) || index - start >= longest {
        return KeySequence(.nothing, index - start)
      }
      index += 1
    }
    return isFinal ? KeySequence(.nothing, bytes.count) : nil
  }

  private static func numbers(_ bytes: ArraySlice<UInt8>) -> [[Int]] {
    bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { item in
      item.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { digits in
        digits.reduce(0) { total, byte in
          (0x30...0x39).contains(byte) ? min(total * 10 + Int(byte - 0x30), 0x11_0000) : total
        }
      }
    }
  }

  /// The Linux console's F1 to F5.
  private static func linuxFunctionKey(
    _ bytes: ArraySlice<UInt8>, isFinal: Bool
  ) -> KeySequence? {
    guard bytes.count > 3 else { return isFinal ? KeySequence(.nothing, 3) : nil }
    let byte = bytes[bytes.startIndex + 3]
    guard (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(byte) else {
      return KeySequence(.nothing, 3)
    }
    return KeySequence(.key(.function(Int(byte) - 0x40)), 4)
  }

  /// The mouse as old terminals report it: three bytes, each 32 more than what it says.
  private static func oldMouse(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> KeySequence? {
    guard bytes.count > 5 else { return isFinal ? KeySequence(.nothing, bytes.count) : nil }
    let values = bytes.dropFirst(3).prefix(3).map { Int($0) - 32 }
    guard values.allSatisfy({ $0 >= 0 }) else { return KeySequence(.nothing, 3) }
    let report = MouseReport(
      button: values[0], column: values[1], row: values[2], isRelease: values[0] & 0b11 == 3)
    return KeySequence(.mouse(report), 6)
  }

  /// The parameter at that place, its first part; 0 where there is none.
  private func parameter(_ index: Int) -> Int {
    index < parameters.count ? parameters[index].first ?? 0 : 0
  }

  /// Whether the event is that a key came up (the kitty protocol's third event type).
  private var isRelease: Bool {
    parameters.count > 1 && parameters[1].count > 1 && parameters[1][1] == 3
  }

  private var meaning: KeySequence.Meaning {
    if mark == UInt8(ascii: "<") { return mouse }
    guard mark == nil, !isRelease else { return .nothing }
    switch final {
    case UInt8(ascii: "~"), UInt8(ascii: "^"), UInt8(ascii: "$"), UInt8(ascii: "@"):
      return numbered
    case UInt8(ascii: "u"): return coded(parameter(0), modifiers: parameter(1))
    case UInt8(ascii: "Z"): return .key(.backTab)
    case UInt8(ascii: "M") where parameters.count == 3:  // rxvt's mouse
      let report = MouseReport(
        button: parameter(0) - 32, column: parameter(1), row: parameter(2),
        isRelease: parameter(0) & 0b11 == 3)
      return report.button >= 0 ? .mouse(report) : .nothing
    default: return Self.letterKey(final).map { .key($0) } ?? .nothing
    }
  }

  private var mouse: KeySequence.Meaning {
    guard parameters.count == 3, final == UInt8(ascii: "M") || final == UInt8(ascii: "m") else {
      return .nothing
    }
    return .mouse(
      MouseReport(
        button: parameter(0), column: parameter(1), row: parameter(2),
        isRelease: final == UInt8(ascii: "m")))
  }

  /// Keys that xterm, the Linux console, screen and rxvt send as a number.
  private var numbered: KeySequence.Meaning {
    switch parameter(0) {
    case 1, 7: .key(.home)
    case 2: .key(.insert)
    case 3: .key(.delete)
    case 4, 8: .key(.end)
    case 5: .key(.pageUp)
    case 6: .key(.pageDown)
    case let n where 11...15 ~= n: .key(.function(n - 10))
    case let n where 17...21 ~= n: .key(.function(n - 11))
    case let n where 23...26 ~= n: .key(.function(n - 12))
    case let n where 28...29 ~= n: .key(.function(n - 13))
    case let n where 31...34 ~= n: .key(.function(n - 14))
    case 27 where parameters.count == 3: coded(parameter(2), modifiers: parameter(1))
    case 200: .pasteBegins
    default: .nothing
    }
  }

  /// Keys of one letter, after `ESC [` or `ESC O`; lower case is rxvt's Shift and Control.
  static func letterKey(_ byte: UInt8) -> Key? {
    switch byte {
    case UInt8(ascii: "A"), UInt8(ascii: "a"): .up
    case UInt8(ascii: "B"), UInt8(ascii: "b"): .down
    case UInt8(ascii: "C"), UInt8(ascii: "c"): .right
    case UInt8(ascii: "D"), UInt8(ascii: "d"): .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(byte) - 0x4F)
    default: nil
    }
  }

  /// A key given by its code point and modifiers (xterm's modifyOtherKeys, kitty).
  private func coded(_ code: Int, modifiers: Int) -> KeySequence.Meaning {
    let held = max(0, modifiers - 1)
    switch code {
    case 9: return .key(held & 1 == 1 ? .backTab : .tab)
    case 13, 57414: return .key(.enter)
    case 27: return .key(.escape)
    case 8, 127: return .key(.backspace)
    default: break
    }
    guard code >= 0x20, let scalar = Unicode.Scalar(UInt32(code)), KeySequence.isTypeable(scalar),
      scalar.properties.generalCategory != .privateUse
    else { return .nothing }
    let character = Character(scalar)
    if held & 4 != 0 {
      return .key(.control(Character(character.lowercased().prefix(1).description)))
    }
    if held & 2 != 0 { return .key(.alt(character)) }
    if held & 1 != 0, let upper = character.uppercased().first {
      return .key(.character(upper))
    }
    return .key(.character(character))
  }
}
