import Testing

@testable import TerminalTesting

private func terminal(_ text: String, columns: Int = 10, rows: Int = 4) -> VirtualTerminal {
  var terminal = VirtualTerminal(columns: columns, rows: rows)
  terminal.feed(text.utf8)
  return terminal
}

@Test func `text wraps only when more follows`() {
  #expect(terminal("0123456789").row == 0)
  #expect(terminal("0123456789ab").text == "0123456789\nab\n\n")
}

@Test func `the cursor moves and lines are erased`() {
  let it = terminal("abcdef\u{1B}[1;3H\u{1B}[KX\u{1B}[3;2Hy\u{1B}[2X\u{1B}[2dz")
  #expect(it.text == "abX\n  z\n y\n")
  #expect(it.unknown.isEmpty)
}

@Test func `wide characters take two cells and lose both`() {
  #expect(terminal("a中b").line(0) == "a中b")
  #expect(terminal("a中b\u{1B}[1;3Hx").line(0) == "a xb")
  #expect(terminal("012345678中").text == "012345678\n中\n\n")
}

@Test func `marks join the character before them`() {
  #expect(terminal("e\u{301}x")[0, 0].text == "e\u{301}")
}

@Test func `styles come and go`() {
  let it = terminal("\u{1B}[1;38;5;208;44ma\u{1B}[22;39;7mb\u{1B}[mc\u{1B}[38:2::1:2:3md")
  #expect(
    it[0, 0].style == VirtualStyle(foreground: .indexed(208), background: .indexed(4), bold: true))
  #expect(it[0, 1].style == VirtualStyle(background: .indexed(4), reverse: true))
  #expect(it[0, 2].style == VirtualStyle())
  #expect(it[0, 3].style.foreground == .direct(1, 2, 3))
}

@Test func `a region scrolls by itself`() {
  let it = terminal("1\r\n2\r\n3\r\n4\u{1B}[2;3r\u{1B}[3;1H\n\u{1B}[r")
  #expect(it.text == "1\n3\n\n4")
}

@Test func `the alternate screen keeps the main one`() {
  let it = terminal("main\u{1B}[?1049h\u{1B}[2Jother\u{1B}[?1049l")
  #expect(it.text.hasPrefix("main"))
  #expect(it.leftovers.isEmpty)
  #expect(terminal("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?1006h").leftovers.count == 3)
}
