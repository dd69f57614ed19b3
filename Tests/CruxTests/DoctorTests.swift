import Foundation
import Testing

@testable import TerminalTesting

/// What `crux doctor` says of terminals.
extension CruxProcessTests {
  /// Names of terminals, what is said of their colours, and whether they have a mouse.
  private static let terminals: [(name: String, colours: String, hasMouse: Bool)] = [
    ("xterm", "8 colours", true), ("xterm-256color", "256 colours", true),
    ("xterm-ghostty", "256 colours", true), ("ghostty", "256 colours", true),
    ("xterm-kitty", "256 colours", true), ("alacritty", "256 colours", true),
    ("foot", "256 colours", true), ("foot-extra", "256 colours", true),
    ("wezterm", "256 colours", true), ("rio", "256 colours", true),
    ("contour", "256 colours", true), ("st-256color", "256 colours", true),
    ("konsole-256color", "256 colours", true), ("vte-256color", "256 colours", true),
    ("gnome-256color", "256 colours", true), ("mintty", "256 colours", true),
    ("iTerm2.app", "256 colours", true), ("tmux", "8 colours", true),
    ("tmux-256color", "256 colours", true), ("screen", "8 colours", true),
    ("screen-256color", "256 colours", true), ("screen.xterm-256color", "256 colours", true),
    ("rxvt-unicode-256color", "256 colours", true), ("linux", "8 colours", false),
    ("vt100", "no colours", false), ("vt220", "no colours", false),
    ("dumb", "cannot place its cursor", false), ("no-such-terminal", "no known family", false),
    ("", "TERM is not set", false),
  ]

  @Test func `the doctor says of every terminal how it is driven`() throws {
    let place = try Workplace()
    defer { place.remove() }
    for (name, colours, hasMouse) in Self.terminals {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Workplace.crux)
      process.arguments = ["doctor"]
      process.environment = place.environment.merging(["TERM": name]) { $1 }
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
      let line = try #require(lines.first { $0.hasPrefix("terminal ") })
      let isNamed = name.isEmpty || line.contains(name)
      #expect(isNamed && line.contains(colours), "\(line)")
      #expect(line.contains(", mouse") == hasMouse, "\(line)")
      #expect(line.contains("ASCII") == (name == "linux"), "\(line)")
      guard hasMouse else { continue }
      // What the doctor says is what happens.
      let driven = line.contains("driven as")
      let (terminal, _) = try place.open(["--read-only"], with: ["TERM": name])
      try terminal.expect("160 in all")
      #expect(driven == !hasEntry(name), "\(line)")
      #expect(terminal.screen.modes.contains(1006))
      terminal.type("q")
      #expect(terminal.waitForExit() == 0)
      terminal.close()
    }
  }

  private func hasEntry(_ name: String) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["tput", "-T", name, "cols"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  @Test func `the Linux console gets no glyph that its font lacks`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, _) = try place.open(["--read-only"], with: ["TERM": "linux"])
    defer { terminal.close() }
    try terminal.expect("160 in all")
    for key in ["4", "2", "3", "5", "6", "7", "?"] {
      terminal.type(key)
      usleep(300_000)
      let text = terminal.settled().text
      let isPlain = text.utf8.allSatisfy { $0 < 0x80 }
      #expect(isPlain, "\(text)")
    }
    terminal.type("\u{3}\u{3}")
    #expect(terminal.waitForExit() == 0)
  }
}
