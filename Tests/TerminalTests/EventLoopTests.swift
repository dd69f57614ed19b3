import Foundation
import Glibc
import Terminal
import Testing
import Workbench

@testable import TerminalTesting

extension ScreenTests {
  @Suite(.serialized) struct Events {
    private func open(_ pty: PseudoTerminal) throws -> Screen {
      var options = Screen.Options()
      options.terminal = "tmux-256color"
      (options.input, options.output) = (pty.slave, pty.slave)
      return try Screen(options)
    }

    @Test func `typed bytes come as input`() throws {
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      let screen = try open(pty)
      pty.type("q\u{3}\u{1B}[A\u{1B}[<0;3;2M")
      let place = Point(row: 1, column: 2)
      // Whatever else runs in this process may wake the screen.
      #expect(
        screen.events(within: 5000).filter { $0 != .woken } == [
          .input([
            .key(.character("q")), .key(.control("c")), .key(.up),
            .mouse(MouseEvent(kind: .press(count: 1), place: place)),
          ])
        ])
      pty.type("\u{1B}")
      #expect(screen.events(within: 5000) == [.input([.key(.escape)])])
      screen.close()
    }

    @Test func `nothing is a tick`() throws {
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      let screen = try open(pty)
      #expect(screen.events(within: 0) == [.tick])
      #expect(screen.events(within: 3) == [.tick])
      screen.close()
    }

    @Test func `another thread wakes the screen`() throws {
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      let screen = try open(pty)
      let waker = Waker()
      Thread { waker.wake() }.start()
      #expect(screen.events(within: 5000) == [.woken])
      for _ in 0..<100 { waker.wake() }
      #expect(screen.events(within: 5000) == [.woken])
      #expect(screen.events(within: 0) == [.tick])
      screen.close()
    }

    @Test(arguments: [
      SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF,
      SIGIO, SIGPWR, SIGSTKFLT, SIGSYS, 34, 64,
    ])
    func `signals that would end the process come as events`(_ number: Int32) throws {
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      let screen = try open(pty)
      kill(getpid(), number)
      #expect(screen.events(within: 5000) == [.signalled(EndSignal(number))])
      screen.close()
    }

    @Test func `a paste without an end is over by the clock however the loop waits`() throws {
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      let screen = try open(pty)
      pty.type("\u{1B}[200~abc")
      var found: [Event] = []
      for _ in 0..<100 where found.isEmpty {
        found = screen.events(within: 50).filter { $0 != .tick && $0 != .woken }
      }
      #expect(found == [.input([.pasted("abc")])])
      pty.type("j")
      #expect(screen.events(within: 5000) == [.input([.key(.character("j"))])])
      screen.close()
    }

    @Test func `a size that is the same repaints all the same`() throws {
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      let screen = try open(pty)
      var grid = Grid(size: screen.size)
      grid[2, 3] = Cell(character: "★", role: .text)
      screen.present(grid, theme: .standard)
      _ = pty.settled()
      pty.show("\u{1B}[2Jsomething else wrote here")
      kill(getpid(), SIGWINCH)
      #expect(screen.events(within: 20) == [.tick])
      #expect(pty.settled().text == "\n\n   ★\n\n")
      screen.close()
    }

    @Test func `a terminal of another session does not stop this process`() throws {
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      let screen = try open(pty)
      #expect(!screen.suspend())
      kill(getpid(), SIGTSTP)
      #expect(screen.events(within: 5000) == [.notStopped])
      screen.close()
    }

    @Test func `being continued takes the terminal and repaints it`() throws {
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      let screen = try open(pty)
      var grid = Grid(size: screen.size)
      grid[2, 3] = Cell(character: "★", role: .text)
      screen.present(grid, theme: .standard)
      // What a shell does with the terminal while the program is stopped.
      pty.show("\u{1B}[?1049l\u{1B}[?1002lprompt")
      #expect(!pty.settled().isAlternate)
      kill(getpid(), SIGCONT)
      #expect(screen.events(within: 20) == [.tick])
      let shown = pty.settled()
      #expect(shown.isAlternate)
      #expect(shown.modes.contains(1002))
      #expect(shown.text == "\n\n   ★\n\n")
      screen.close()
      #expect(pty.modes == pty.original)
    }

    @Test func `a terminal that is gone is a hangup`() throws {
      var ends: (Int32, Int32) = (-1, -1)
      #expect(openpty(&ends.0, &ends.1, nil, nil, nil) == 0)
      var options = Screen.Options()
      options.terminal = "vt100"
      (options.input, options.output) = (ends.1, ends.1)
      let screen = try Screen(options)
      Glibc.close(ends.0)
      #expect(screen.events(within: 5000).contains(.signalled(.hangup)))
      screen.close()
      Glibc.close(ends.1)
    }
  }
}
