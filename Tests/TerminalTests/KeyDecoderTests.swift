import Terminal
import Testing
import Workbench

/// What bytes come to when nothing follows them.
private func keys(_ bytes: [UInt8]) -> [Input] {
  var decoder = KeyDecoder()
  var inputs = decoder.decode(bytes, at: 0)
  while let deadline = decoder.deadline { inputs += decoder.expire(at: deadline) }
  return inputs
}

private func keys(_ text: String) -> [Input] { keys(Array(text.utf8)) }

@Test(arguments: [
  ("\u{1B}[A", Key.up), ("\u{1B}OA", .up), ("\u{1B}[1;5A", .up), ("\u{1B}[a", .up),
  ("\u{1B}Oa", .up), ("\u{1B}[B", .down), ("\u{1B}[C", .right), ("\u{1B}OD", .left),
  ("\u{1B}[H", .home), ("\u{1B}OH", .home), ("\u{1B}[1~", .home), ("\u{1B}[7~", .home),
  ("\u{1B}[F", .end), ("\u{1B}[4~", .end), ("\u{1B}[8~", .end), ("\u{1B}[2~", .insert),
  ("\u{1B}[3~", .delete), ("\u{1B}[3;2~", .delete), ("\u{1B}[3$", .delete), ("\u{1B}[3^", .delete),
  ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown), ("\u{1B}[Z", .backTab), ("\t", .tab),
  ("\r", .enter), ("\n", .enter), ("\u{1B}OM", .enter), ("\u{7F}", .backspace),
  ("\u{8}", .backspace),
  ("\u{1B}", .escape), ("\u{3}", .control("c")), ("\u{1A}", .control("z")),
  ("\u{12}", .control("r")),
  ("\u{0}", .control(" ")), ("\u{1F}", .control("_")), ("\u{1C}", .control("\\")),
])
func `keys of every terminal family are known`(_ text: String, _ key: Key) {
  #expect(keys(text) == [.key(key)])
}

@Test(arguments: [
  ("\u{1B}OP", 1), ("\u{1B}[11~", 1), ("\u{1B}[[A", 1), ("\u{1B}[1;2P", 1), ("\u{1B}[[E", 5),
  ("\u{1B}OS", 4), ("\u{1B}[15~", 5), ("\u{1B}[17~", 6), ("\u{1B}[21~", 10), ("\u{1B}[23~", 11),
  ("\u{1B}[24;5~", 12), ("\u{1B}[25~", 13), ("\u{1B}[28~", 15), ("\u{1B}[34~", 20),
])
func `function keys are known`(_ text: String, _ number: Int) {
  #expect(keys(text) == [.key(.function(number))])
}

@Test func `Alt with a character is one key`() {
  #expect(keys("\u{1B}x") == [.key(.alt("x"))])
  #expect(keys("\u{1B}é") == [.key(.alt("é"))])
  #expect(keys("\u{1B}[") == [.key(.alt("["))])
  #expect(keys("\u{1B}O") == [.key(.alt("O"))])
}

@Test func `Escape before another key stays Escape`() {
  #expect(keys("\u{1B}\u{1B}[A") == [.key(.escape), .key(.up)])
  #expect(keys("\u{1B}\r") == [.key(.escape), .key(.enter)])
  #expect(keys("\u{1B}\u{1B}") == [.key(.escape), .key(.escape)])
}

@Test func `a sequence cut anywhere is the same sequence`() {
  let text = "a\u{1B}[1;5A中\u{1B}[<64;300;7M\u{1B}OQ👍🏽\u{1B}[24~z"
  let bytes = Array(text.utf8)
  let whole = keys(text)
  for cut in 0...bytes.count {
    // Inside the emoji and its skin tone the cut may part the grapheme into its scalars.
    let head = String(decoding: bytes[..<cut], as: UTF8.self)
    if head.hasSuffix("👍") || head.contains("👍") && head.hasSuffix("\u{FFFD}") { continue }
    var decoder = KeyDecoder()
    #expect(decoder.decode(bytes[..<cut], at: 0) + decoder.decode(bytes[cut...], at: 1) == whole)
    #expect(decoder.deadline == nil)
  }
}

@Test func `a lone Escape waits for what may follow`() {
  var decoder = KeyDecoder()
  #expect(decoder.decode([0x1B], at: 1000).isEmpty)
  #expect(decoder.deadline == 1000 + KeyDecoder.escapeDelay)
  #expect(decoder.expire(at: 1000 + KeyDecoder.escapeDelay - 1).isEmpty)
  #expect(decoder.expire(at: 1000 + KeyDecoder.escapeDelay) == [.key(.escape)])
  #expect(decoder.deadline == nil)
}

@Test(arguments: [0, 25, 700]) func `a lone Escape waits as long as was wished`(_ delay: Int) {
  var decoder = KeyDecoder(escapeDelay: delay)
  _ = decoder.decode([0x1B], at: 0)
  #expect(decoder.deadline == delay)
  _ = decoder.decode("[".utf8, at: delay)
  #expect(decoder.deadline.map { $0 >= 2 * delay && $0 >= delay + 500 } == true)
}

@Test(
  arguments: [
    "\u{1B}[A", "\u{1B}[1;5A", "\u{1B}OP", "\u{1B}[24;5~", "\u{1B}[<64;300;7M", "\u{1B}[97;5u",
    "\u{1B}x", "中", "👍", "\u{1B}O1;5A",
  ], [1, 60, 90])
func `a key that comes byte by byte over a slow link is one key`(_ text: String, _ gap: Int) {
  var decoder = KeyDecoder()
  var inputs: [Input] = []
  for (number, byte) in text.utf8.enumerated() {
    let now = 5000 + number * gap
    inputs += decoder.expire(at: now)
    inputs += decoder.decode([byte], at: now)
  }
  #expect(inputs == keys(text))
  #expect(inputs.count == 1)
}

@Test func `what follows a late Escape in one piece is no key of its own`() {
  for rest in ["[A", "[1;5A", "OP", "]11;rgb:0/0/0\u{7}", "P>|x\u{1B}\\", "_Gi=1;OK\u{1B}\\"] {
    var decoder = KeyDecoder()
    var inputs = decoder.decode([0x1B], at: 0) + decoder.expire(at: KeyDecoder.escapeDelay)
    #expect(inputs == [.key(.escape)])
    inputs = decoder.decode(rest.utf8, at: 400)
    #expect(!inputs.contains { if case .key(.character) = $0 { true } else { false } }, "\(rest)")
  }
}

@Test func `characters come as graphemes and controls between them as keys`() {
  #expect(
    keys("é\u{3}中") == [.key(.character("é")), .key(.control("c")), .key(.character("中"))])
  #expect(keys("e\u{301}x") == [.key(.character("e\u{301}")), .key(.character("x"))])
}

@Test(
  arguments: [
    [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE4, 0xB8], [0xF5, 0x80], [0x80],
    [0xF0, 0x9F, 0x99],
  ] as [[UInt8]])
func `bytes that are no text become replacement characters`(_ bytes: [UInt8]) {
  let found = keys(bytes)
  #expect(!found.isEmpty)
  #expect(found.allSatisfy { $0 == .key(.character("\u{FFFD}")) })
}

@Test func `a bad byte does not take its neighbour along`() {
  #expect(keys([0xE4, 0x61]) == [.key(.character("\u{FFFD}")), .key(.character("a"))])
  #expect(
    keys([0xE4, 0x1B, 0x5B, 0x41]) == [.key(.character("\u{FFFD}")), .key(.up)])
}

@Test func `what is no key gives nothing`() {
  #expect(keys("\u{1B}[I\u{1B}[O\u{1B}[?2026;2$y\u{1B}[201~\u{1B}[99~\u{1B}[1;1:3A").isEmpty)
  #expect(keys("\u{85}\u{202E}").isEmpty)
}

@Test func `keys given by code point are known`() {
  #expect(keys("\u{1B}[97;5u") == [.key(.control("a"))])
  #expect(keys("\u{1B}[97;3u") == [.key(.alt("a"))])
  #expect(keys("\u{1B}[27;5;99~") == [.key(.control("c"))])
  #expect(keys("\u{1B}[9;2u\u{1B}[13u\u{1B}[27u") == [.key(.backTab), .key(.enter), .key(.escape)])
  #expect(keys("\u{1B}[49:33;2u\u{1B}[97;2u") == [.key(.character("!")), .key(.character("A"))])
  #expect(
    keys("\u{1B}[57399u\u{1B}[57414u\u{1B}[57419;1:1u") == [
      .key(.character("0")), .key(.enter), .key(.up),
    ])
  // Super, and a key that came up.
  #expect(keys("\u{1B}[113;9u\u{1B}[113;1:3u\u{1B}[57441u").isEmpty)
}

@Test func `ESCDELAY is read as ncurses reads it`() {
  #expect(KeyDecoder.escapeDelay(in: nil) == KeyDecoder.escapeDelay)
  #expect(KeyDecoder.escapeDelay(in: "25") == 25)
  #expect(KeyDecoder.escapeDelay(in: "0") == 0)
  #expect(KeyDecoder.escapeDelay(in: "99999999999999999999") == KeyDecoder.escapeDelay)
  #expect(KeyDecoder.escapeDelay(in: "90000") == 30_000)
  for odd in ["", "-1", "fast", "2.5"] {
    #expect(KeyDecoder.escapeDelay(in: odd) == KeyDecoder.escapeDelay)
  }
}
