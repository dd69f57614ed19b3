import Glibc
import Testing

@testable import TerminalTesting

@Suite struct PseudoTerminalTests {
  @Test func `a program has it as its controlling terminal`() throws {
    let pty = try #require(PseudoTerminal(columns: 33, rows: 7))
    defer { pty.close() }
    let script = "stty size </dev/tty; read word; echo got $word; exit 3"
    let id = pty.spawn("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
    #expect(id > 0)
    #expect(pty.wait { $0.line(0) == "7 33" })
    pty.type("it\n")
    let status = try #require(pty.waitForExit())
    #expect(status >> 8 == 3)
    #expect(pty.settled().text.contains("got it"))
  }

  @Test func `a program gets the resize and the signal`() throws {
    let pty = try #require(PseudoTerminal(columns: 33, rows: 7))
    defer { pty.close() }
    let script = "trap 'stty size' WINCH; echo ready; while :; do read word; done"
    let id = pty.spawn("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
    #expect(pty.wait { $0.line(0) == "ready" })
    pty.resize(columns: 44, rows: 9)
    pty.type("\n")
    #expect(pty.wait { $0.text.contains("9 44") })
    kill(id, SIGKILL)
    #expect(try #require(pty.waitForExit()) & 127 == SIGKILL)
  }
}
