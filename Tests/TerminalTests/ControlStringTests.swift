import Terminal
import Testing
import Workbench

/// What terminals answer, late or unasked.
private let reports: [[UInt8]] =
  [
    "\u{1B}]11;rgb:1e1e/1e1e/2e2e\u{1B}\\", "\u{1B}]10;rgb:cdcd/d6d6/f4f4\u{7}",
    "\u{1B}]4;1;rgb:cc/00/00\u{1B}\\", "\u{1B}]lmy title\u{1B}\\", "\u{1B}]Lmy icon\u{7}",
    "\u{1B}]l“tyu” 日本\u{1B}\\", "\u{1B}]52;c;bWFyayBtZQ==\u{7}", "\u{1B}]\u{7}",
    "\u{1B}P>|xterm(390)\u{1B}\\", "\u{1B}P1$r0;1m\u{1B}\\", "\u{1B}P!|7E565445\u{1B}\\",
    "\u{1B}P1+r436f=323536\u{1B}\\", "\u{1B}_Gi=31;OK\u{1B}\\", "\u{1B}^private\u{1B}\\",
    "\u{1B}Xstart of string\u{1B}\\", "\u{1B}[?62;4;22c", "\u{1B}[>41;390;0c", "\u{1B}[=0c",
    "\u{1B}[24;80R", "\u{1B}[1;1R", "\u{1B}[1;5R", "\u{1B}[?24;80;1R", "\u{1B}[0n", "\u{1B}[?11n",
    "\u{1B}[?2026;2$y", "\u{1B}[4;2$y", "\u{1B}[4$y", "\u{1B}[?1u", "\u{1B}[>4;2m", "\u{1B}[I",
    "\u{1B}[O", "\u{1B}[8;24;80t", "\u{1B}[3;0;0t", "\u{1B}[48;24;80;480;800t", "\u{1B}[2;1;1;128x",
    "\u{1B}[1;2;24;80;1&w", "\u{1B}[?997;1n", "\u{1B}[1;1:3A", "\u{1B}[201~", "\u{1B}\\",
    "\u{1B}[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28;29;30c",
    "\u{9D}11;rgb:0/0/0\u{9C}", "\u{90}>|tmux\u{9C}", "\u{9B}?1;2c", "\u{9C}", "\u{9F}Gi=1\u{7}",
    "\u{1B}Oz", "\u{1B}[[Z",
  ].map { Array($0.utf8) }
  // The same controls as single bytes.
  + [
    [0x9D] + "11;rgb:1e1e/1e1e/2e2e".utf8 + [0x9C], [0x90] + ">|xterm".utf8 + [0x1B, 0x5C],
    [0x9B] + "?62;4c".utf8, [0x9B] + "1;1R".utf8, [0x98, 0x9C], [0x9E, 0x41, 0x9C],
    [0x9F] + "Gi=1;“OK”".utf8 + [0x9C], [0x8F, 0x7A], [0x9C],
  ]

@Test(arguments: reports)
func `a report does nothing, wherever and for how long it is cut`(_ report: [UInt8]) {
  for cut in 0...report.count {
    for gap in [0, 60, 400, 700] {
      // Then a person had time to be meant.
      if gap >= KeyDecoder.escapeDelay, cut == 1 || report[cut - 1 < 0 ? 0 : cut - 1] == 0x24 {
        continue
      }
      if gap > 500, cut == 2 { continue }
      var decoder = KeyDecoder()
      var inputs = decoder.decode(report[..<cut], at: 0)
      inputs += decoder.expire(at: gap)
      inputs += decoder.decode(report[cut...], at: gap)
      inputs += decoder.decode("j".utf8, at: gap + 1)
      #expect(inputs == [.key(.character("j"))], "cut at \(cut), \(gap) ms")
    }
  }
}

@Test(arguments: [
  "\u{1B}]11;rgb:1e", "\u{1B}P>|xt", "\u{1B}_Gi=31;", "\u{1B}^x", "\u{1B}X marks", "\u{1B}[?62;4",
  "\u{1B}]11;rgb:1e\u{1B}",
  "\u{1B}[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1",
])
func `what never ends is dropped by the clock`(_ beginning: String) {
  var decoder = KeyDecoder()
  var inputs = decoder.decode(beginning.utf8, at: 0)
  for time in stride(from: 0, through: 1000, by: 100) { inputs += decoder.expire(at: time) }
  #expect(inputs.isEmpty)
  #expect(decoder.deadline == nil)
  #expect(decoder.decode("j".utf8, at: 1500) == [.key(.character("j"))])
}

@Test func `whoever types into a string without an end is heard`() {
  var decoder = KeyDecoder()
  var inputs = decoder.decode("\u{1B}]11;rgb".utf8, at: 0)
  for time in stride(from: 200, through: 3000, by: 200) {
    inputs += decoder.expire(at: time) + decoder.decode("j".utf8, at: time)
  }
  #expect(inputs.count == 8)
  decoder = KeyDecoder()
  _ = decoder.decode("\u{1B}]11;rgb".utf8, at: 0)
  #expect(decoder.decode([3], at: 200) == [.key(.control("c"))])
  #expect(decoder.decode("\u{1B}]11;rgb".utf8, at: 300).isEmpty)
  #expect(decoder.decode("\u{1B}[A".utf8, at: 310) == [.key(.up)])
}

@Test func `the rest of a dropped string is dropped too`() {
  for (head, tail) in [
    ("\u{1B}]11;rgb:1e1e/", "1e1e/2e2e\u{1B}\\"), ("\u{1B}]11;rgb:1e1e/", "1e1e/2e2e\u{7}"),
    ("\u{1B}]52;c;bWFya", "yBtZQyBtZQyBtZQyBtZQyBtZQ"), ("\u{1B}Px\u{1B}", "\\"),
    ("\u{1B}[?62;4;", "22;28c"),
  ] {
    var decoder = KeyDecoder()
    #expect(decoder.decode(head.utf8, at: 0).isEmpty)
    #expect(decoder.expire(at: 1000).isEmpty)
    #expect(decoder.decode(tail.utf8, at: 3000).isEmpty, "\(head) \(tail)")
  }
}

@Test func `Alt with a character that begins a string is a key when nothing follows`() {
  for character in "]PX^_" {
    var decoder = KeyDecoder()
    #expect(decoder.decode("\u{1B}\(character)".utf8, at: 0).isEmpty)
    #expect(decoder.expire(at: 1000) == [.key(.alt(character))])
  }
}
