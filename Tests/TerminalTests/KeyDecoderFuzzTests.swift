import Terminal
import Testing

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
].map { Array($0.utf8) }

@Test func `twenty thousand random inputs neither trap nor get stuck`() {
  var dice = Dice(state: 0x9E37_79B9_7F4A_7C15)
  var decoder = KeyDecoder()
  var total = 0
  for _ in 0..<20_000 {
    var bytes: [UInt8] = []
    for _ in 0..<dice.roll(12) {
      bytes += dice.roll(3) == 0 ? [UInt8(dice.roll(256))] : pieces[dice.roll(pieces.count)]
    }
    total += decoder.decode(bytes, at: total).count
    guard dice.roll(2) == 0 else { continue }
    total += decoder.flush(at: total).count
    if decoder.patience != nil { Issue.record("\(bytes) left something behind") }
  }
  #expect(total > 20_000)
}
