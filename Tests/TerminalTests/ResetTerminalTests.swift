import Glibc
import Terminal
import Testing

@testable import TerminalTesting

@Test func `a terminal left in every mode is made usable`() throws {
  let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
  defer { pty.close() }
  var modes = termios()
  tcgetattr(pty.slave, &modes)
  cfmakeraw(&modes)
  tcsetattr(pty.slave, TCSANOW, &modes)
  let mess =
    "\u{1B}[?1049;1000;1002;1003;1004;1006;2004;2026;1h\u{1B}[?25l\u{1B}[?7l\u{1B}=\u{1B}[2;3r\u{1B}[1;31m"
  _ = mess.withCString { write(pty.slave, $0, strlen($0)) }
  #expect(pty.settled().leftovers.count > 8)
  #expect(ResetTerminal.reset(pty.slave))
  #expect(pty.settled().leftovers.isEmpty)
  tcgetattr(pty.slave, &modes)
  #expect(modes.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == tcflag_t(ICANON | ECHO | ISIG))
}

@Test func `what is no terminal is left alone`() {
  let file = open("/dev/null", O_RDWR)
  defer { close(file) }
  #expect(!ResetTerminal.reset(file))
}
