import Workbench

/// A sequence that begins with `ESC [`: parameters, then one final byte (ECMA-48, 5.4).
struct ControlSequence: Equatable {
  /// Bytes above which a sequence can be no key any more.
  static let longest = 64

  /// `<`, `=`, `>` or `?` before the parameters.
  var mark: UInt8?
  /// The parameters with their sub-parameters; a missing one is 0, and none is empty.
  var parameters: [[Int]]
  /// The byte that ends it.
  var final: UInt8

  /// Reads one after its introducer of so many bytes; nil when more bytes are needed.
  static func read(
    _ bytes: ArraySlice<UInt8>, after introducer: Int, isFinal: Bool
  ) -> KeySequence? {
    let start = bytes.startIndex
    guard bytes.count > introducer else {
      let isAlt = bytes[start] == 0x1B
      return isFinal ? KeySequence(isAlt ? .key(.alt("[")) : .nothing, introducer) : nil
    }
    var index = start + introducer
    switch bytes[index] {
    case UInt8(ascii: "["): return linuxFunctionKey(bytes, after: introducer, isFinal: isFinal)
    case UInt8(ascii: "M"): return oldMouse(bytes, after: introducer, isFinal: isFinal)
    default: break
    }
    let marks: ClosedRange<UInt8> = UInt8(ascii: "<")...UInt8(ascii: "?")
    let mark = marks.contains(bytes[index]) ? bytes[index] : nil
    if mark != nil { index += 1 }
    let first = index
    while index < bytes.endIndex, (0x20..<0x40).contains(bytes[index]) {
      if bytes[index] == UInt8(ascii: "$"), mark == nil, isNumber(bytes[first..<index]) {
        let isLast = index + 1 == bytes.endIndex
        if isLast, !isFinal { return nil }
        // rxvt ends Shift with a key by `$`, which ECMA-48 has before the end only.
        if isLast || !(0x20..<0x7F).contains(bytes[index + 1]) {
          return KeySequence(
            ControlSequence(
              mark: nil, parameters: numbers(bytes[first..<index]), final: bytes[index]
            ).meaning, index + 1 - start)
        }
      }
      index += 1
      if index - start > longest { return KeySequence(.overlong, index - start) }
    }
    guard index < bytes.endIndex else { return isFinal ? KeySequence(.nothing, bytes.count) : nil }
    // An escape, a control or a letter beyond ASCII: what came before it is not a sequence.
    guard KeySequence.isFinal(bytes[index]) else { return KeySequence(.nothing, index - start) }
    let parameters = bytes[first..<index]
    let isPlain = parameters.allSatisfy { $0 >= 0x30 }
    let sequence = ControlSequence(
      mark: mark, parameters: parameters.isEmpty ? [] : numbers(parameters), final: bytes[index])
    return KeySequence(isPlain ? sequence.meaning : .nothing, index + 1 - start)
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

  private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// The Linux console's F1 to F5.
  private static func linuxFunctionKey(
    _ bytes: ArraySlice<UInt8>, after introducer: Int, isFinal: Bool
  ) -> KeySequence? {
    let length = introducer + 1
    guard bytes.count > length else { return isFinal ? KeySequence(.nothing, length) : nil }
    let byte = bytes[bytes.startIndex + length]
    guard KeySequence.isFinal(byte) else { return KeySequence(.nothing, length) }
    let isKnown = (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(byte)
    return KeySequence(isKnown ? .key(.function(Int(byte) - 0x40)) : .nothing, length + 1)
  }

  /// The mouse as old terminals report it: three bytes, each 32 more than what it says.
  private static func oldMouse(
    _ bytes: ArraySlice<UInt8>, after introducer: Int, isFinal: Bool
  ) -> KeySequence? {
    let values = bytes.dropFirst(introducer + 1).prefix(3).prefix { $0 >= 32 }.map { Int($0) - 32 }
    let length = introducer + 1 + values.count
    guard values.count == 3 else {
      return isFinal || bytes.count > length ? KeySequence(.nothing, length) : nil
    }
    let report = MouseReport(
      button: values[0], column: values[1], row: values[2], isRelease: values[0] & 0b11 == 3)
    return KeySequence(.mouse(report), length)
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
    case UInt8(ascii: "u"): return coded
    case UInt8(ascii: "M") where parameters.count == 3:  // rxvt's mouse
      let report = MouseReport(
        button: parameter(0) - 32, column: parameter(1), row: parameter(2),
        isRelease: parameter(0) & 0b11 == 3)
      return report.button >= 0 ? .mouse(report) : .nothing
    default: return lettered
    }
  }

  /// A key of one letter; before it at most `1 ; modifiers`, or the modifiers alone.
  private var lettered: KeySequence.Meaning {
    guard parameters.count < 3, parameters.count < 2 || parameter(0) < 2 else { return .nothing }
    if final == UInt8(ascii: "Z") { return .key(.backTab) }
    // Lower case is rxvt's Shift; with parameters R tells where the cursor is (ECMA-48, 8.3.14).
    let isBare = parameters.isEmpty
    guard isBare || final < 0x60 && final != UInt8(ascii: "R") else { return .nothing }
    return Self.letterKey(final).map { .key($0) } ?? .nothing
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

  /// A key given by its code point, which may come with the one that Shift makes of it.
  private var coded: KeySequence.Meaning {
    let codes = parameters.first ?? []
    let isShifted = (parameter(1) - 1) & 0b111 == 1
    let shifted = isShifted && codes.count > 1 && codes[1] > 0
    return coded(shifted ? codes[1] : parameter(0), modifiers: parameter(1))
  }

  /// A key given by its code point and modifiers (xterm's modifyOtherKeys, kitty).
  private func coded(_ code: Int, modifiers: Int) -> KeySequence.Meaning {
    let held = max(0, modifiers - 1)
    // Super, Hyper and Meta belong to the desktop.
    guard held & 0b111000 == 0 else { return .nothing }
    switch code {
    case 9: return .key(held & 1 == 1 ? .backTab : .tab)
    case 13: return .key(.enter)
    case 27: return .key(.escape)
    case 8, 127: return .key(.backspace)
    case 57399...57426: return Self.keypadKey(code).map { .key($0) } ?? .nothing
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

  /// The keypad in kitty's numbers.
  private static func keypadKey(_ code: Int) -> Key? {
    let characters = Array("0123456789./*-+")
    let others: [Int: Key] = [
      57414: .enter, 57415: .character("="), 57417: .left, 57418: .right, 57419: .up, 57420: .down,
      57421: .pageUp, 57422: .pageDown, 57423: .home, 57424: .end, 57425: .insert, 57426: .delete,
    ]
    let place = code - 57399
    return characters.indices.contains(place) ? .character(characters[place]) : others[code]
  }
}
