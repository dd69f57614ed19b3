import Foundation
import Glibc
import Terminal
import Testing
import Workbench

@testable import TerminalTesting

extension ScreenTests {
  /// Terminals and the entries that drive them.
  @Suite(.serialized) struct Types {
    @Test(arguments: [
      "xterm-ghostty", "ghostty", "xterm-kitty", "kitty", "alacritty-direct", "foot-extra",
      "wezterm",
      "rio", "contour-latest", "st-256color", "konsole-256color", "vte-256color", "mintty",
      "iTerm2.app", "eat-truecolor", "somebody-256color",
    ])
    func `an emulator without an entry is driven as what it is compatible with`(_ name: String) {
      let type = TerminalType(named: name)
      #expect(type.entry != nil)
      #expect(type.canPlaceCursor && type.takesModes && !type.hasPlainFont)
      if type.isSubstituted {
        #expect(type.entry == "xterm-256color" && type.colours == 256)
        #expect(type.description(noColour: nil).contains("driven as xterm-256color"))
      }
    }

    @Test(arguments: [
      ("screen.linux", "screen-256color"), ("tmux-direct", "tmux-256color"),
      ("rxvt-unicode-truecolor", "rxvt-unicode-256color"), ("linux-16color", "linux"),
      ("vt525", "vt220"),
    ])
    func `each family has substitutes of its own`(_ name: String, _ entry: String) {
      let type = TerminalType(named: name)
      #expect(type.entry == name || type.entry == entry)
    }

    @Test func `what no family knows is refused with a sentence`() {
      #expect(TerminalType(named: "no-such-terminal").entry == nil)
      #expect(TerminalType(named: "").entry == nil)
      #expect(!TerminalType(named: "dumb").canPlaceCursor)
    }

    @Test(arguments: [("crux-xterm", ColourDepth.indexed), ("crux-ansi", .none)])
    func `a description that is built in needs no database`(
      _ name: String, _ depth: ColourDepth
    ) throws {
      let before = ProcessInfo.processInfo.environment["TERMINFO"]
      let pty = try #require(PseudoTerminal(columns: 20, rows: 5))
      defer { pty.close() }
      var options = Screen.Options()
      (options.terminal, options.colour) = (name, .direct)
      (options.input, options.output) = (pty.slave, pty.slave)
      let screen = try Screen(options)
      #expect(screen.depth == depth)
      #expect(ProcessInfo.processInfo.environment["TERMINFO"] == before)
      var grid = Grid(size: screen.size)
      for row in 0..<5 { grid[row, row] = Cell(character: "★", role: .barNegative) }
      screen.present(grid, theme: .standard)
      grid[2, 2] = Cell(character: "x", role: .text)
      screen.present(grid, theme: .standard)
      let shown = pty.settled()
      #expect(shown.text == "★\n ★\n  x\n   ★\n    ★")
      #expect(shown.unknown.isEmpty)
      #expect((shown[0, 0].style.foreground == .standard) == (depth == .none))
      screen.close()
      #expect(pty.settled().leftovers.isEmpty)
      #expect(pty.modes == pty.original)
    }
  }
}
