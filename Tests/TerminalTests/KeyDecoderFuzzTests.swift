import Foundation
import Terminal
import Testing
import Workbench

/// xorshift64*, so that a failure can be repeated.
private struct Dice {
  var state: UInt64
  mutating func roll(_ sides: Int) -> Int {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Int((state &* 2_685_821_657_736_338_717) >> 33) % sides
  }
}

private let pieces: [[UInt8]] = [
  "\u{1B}", "[", "O", "<", ";", "M", "m", "~", "\u{1B}[", "\u{1B}[<", "\u{1B}[200~", "\u{1B}[201~",
  "0", "9", "27", "999999999999999999999999", ":", "u", "A", "Z", "$", "é", "中", "👨‍👩‍👧", "\r",
  "\u{1B}]", "\u{1B}P", "\u{1B}_", "\u{1B}\\", "\u{7}", "\u{9D}", "\u{9C}", "]", "\\", "\u{3}",
].map { Array($0.utf8) }

/// Inputs that are tried, and where the dice begin: CRUX_FUZZ=1000000 CRUX_FUZZ_SEED=7 by hand.
private let count = number(of: "CRUX_FUZZ") ?? 20_000
private let seed = UInt64(number(of: "CRUX_FUZZ_SEED") ?? 1)

private func number(of name: String) -> Int? {
  ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
}

@Test func `random bytes neither trap nor get stuck`() {
  var dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15)
  var decoder = KeyDecoder()
  var (total, now) = (0, 0)
  for _ in 0..<count {
    var bytes: [UInt8] = []
    for _ in 0..<dice.roll(12) {
      bytes += dice.roll(3) == 0 ? [UInt8(dice.roll(256))] : pieces[dice.roll(pieces.count)]
    }
    total += decoder.decode(bytes, at: now).count
    now += dice.roll(300)
    total += decoder.expire(at: now).count
    guard dice.roll(2) == 0 else { continue }
    now += 1000
    total += decoder.expire(at: now).count
    if decoder.deadline != nil { Issue.record("seed \(seed): \(bytes) left something behind") }
  }
  #expect(total > count)
}

/// Something a terminal sends, and what it is to be.
private struct Unit {
  var bytes: [UInt8]
  var inputs: [Input]
}

private let known: [(String, Key)] = [
  ("j", .character("j")), ("q", .character("q")), ("中", .character("中")), ("\u{3}", .control("c")),
  ("\u{1B}[A", .up), ("\u{1B}OB", .down), ("\u{1B}[1;5C", .right), ("\u{1B}[24~", .function(12)),
  ("\u{1B}[97;5u", .control("a")), ("\r", .enter), ("\u{1B}[57404u", .character("5")),
]

extension Unit {
  /// A key, a control string with any payload that does not end it, a report, or a paste.
  init(_ dice: inout Dice) {
    let payload = (0..<dice.roll(20)).map { _ in Unit.payloadByte(&dice) }
    switch dice.roll(4) {
    case 0:
      let introducer = Array(
        ["\u{1B}]", "\u{1B}P", "\u{1B}_", "\u{1B}^", "\u{1B}X"][dice.roll(5)].utf8)
      let end: [UInt8] = [[0x07], [0x1B, 0x5C]][dice.roll(2)]
      self.init(bytes: introducer + payload + end, inputs: [])
    case 1:
      let numbers = (0..<dice.roll(40)).map { _ in UInt8(0x30 + dice.roll(12)) }
      let final = Array("cnRtxyhlpqw".utf8)[dice.roll(11)]
      self.init(bytes: [0x1B, 0x5B, 0x3F] + numbers + [final], inputs: [])
    case 2:
      let text = String(decoding: payload.filter { $0 < 0x7F && $0 > 0x1F }, as: UTF8.self) + "."
      self.init(bytes: Array("\u{1B}[200~\(text)\u{1B}[201~".utf8), inputs: [.pasted(text)])
    default:
      let (text, key) = known[dice.roll(known.count)]
      self.init(bytes: Array(text.utf8), inputs: [.key(key)])
    }
  }

  private static func payloadByte(_ dice: inout Dice) -> UInt8 {
    let byte = UInt8(dice.roll(256))
    return [0x07, 0x1B, 0x9C].contains(byte) ? UInt8(ascii: "t") : byte
  }
}

@Test func `what terminals send comes out whole however it is cut`() {
  var dice = Dice(state: seed &* 0x2545_F491_4F6C_DD1D)
  for _ in 0..<count {
    var bytes: [UInt8] = []
    var expected: [Input] = []
    for _ in 0...dice.roll(5) {
      let unit = Unit(&dice)
      bytes += unit.bytes
      expected += unit.inputs
    }
    var decoder = KeyDecoder()
    var inputs: [Input] = []
    var (place, now) = (0, 0)
    while place < bytes.count {
      let length = min(bytes.count - place, 1 + dice.roll(dice.roll(2) == 0 ? 3 : 40))
      inputs += decoder.expire(at: now) + decoder.decode(bytes[place..<place + length], at: now)
      place += length
      now += dice.roll(90)
    }
    if inputs != expected { Issue.record("seed \(seed): \(bytes) came to \(inputs)") }
  }
}
