import Glibc
import Terminal
import Testing
import Workbench

@testable import TerminalTesting

/// A line of each kind of writing that terminals count differently.
private let lines = [
  "ASCII |", "กำลัง น้ำ |", "ນ້ຳ ກຳ |", "यह क्षी क्ष्म |", "கொ ஸ்ரீ |", "ကြော မှား |",
  "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1161} |", "ｶﾞﾊﾟ |", "ශ්\u{200D}රී |", "می\u{200C}خواهم |",
  "👩‍👩‍👧‍👦 👩🏽‍🚀 |", "👍🏽🫱🏻 |", "🇩🇪🇯🇵 |", "❤️1️⃣ |", "\u{1FAEA}\u{1F6D8} |", "± 中文 한국 |",
]

private func options(_ pty: PseudoTerminal) -> Screen.Options {
  var options = Screen.Options()
  options.terminal = "xterm-256color"
  options.input = pty.slave
  options.output = pty.slave
  return options
}

/// The lines, one a row, and the column after the last character of each.
private func written(_ size: Size) -> (grid: Grid, ends: [Int]) {
  var grid = Grid(size: size)
  let ends = lines.enumerated().map { row, line in
    grid.write(line, at: Point(row: row, column: 0), role: .text)
  }
  for row in 0..<size.rows { grid[row, size.columns - 1] = Cell(character: "│", role: .border) }
  grid.cursor = Point(row: 3, column: 5)
  return (grid, ends)
}

extension ScreenTests {
  @Suite(.serialized) struct ApartTests {
    @Test(arguments: VirtualHabit.allCases, [CellWidths(), .apart])
    func `nothing shifts, whatever a terminal counts`(
      _ habit: VirtualHabit, _ widths: CellWidths
    ) throws {
      let pty = try #require(PseudoTerminal(columns: 40, rows: 17, habit: habit))
      defer { pty.close() }
      let screen = try Screen(options(pty))
      let (grid, ends) = CellWidths.$current.withValue(widths) { written(screen.size) }
      for frame in 0..<3 {
        screen.present(frame == 1 ? Grid(size: screen.size) : grid, theme: .standard)
        let shown = pty.settled()
        #expect(shown.unknown.isEmpty)
        for (row, end) in ends.enumerated() {
          let last = frame == 1 ? "" : "|"
          #expect(shown[row, end - 1].text.hasPrefix(last), "\(lines[row]) on frame \(frame)")
          #expect(shown[row, 39].text == (frame == 1 ? " " : "│"), "\(lines[row])")
        }
        if frame == 1 {
          #expect(shown.text.allSatisfy { $0.isWhitespace })
        } else {
          #expect((shown.row, shown.column) == (3, 5))
        }
      }
      screen.close()
    }

    @Test func `every letter reaches the terminal`() throws {
      let pty = try #require(PseudoTerminal(columns: 40, rows: 17))
      defer { pty.close() }
      let screen = try Screen(options(pty))
      let (grid, _) = CellWidths.$current.withValue(screen.widths) { written(screen.size) }
      screen.present(grid, theme: .standard)
      _ = pty.settled()
      let sent = Set(String(decoding: pty.bytes, as: UTF8.self).unicodeScalars)
      for line in lines {
        for scalar in line.unicodeScalars where !sent.contains(scalar) {
          Issue.record("U+\(String(scalar.value, radix: 16)) of \(line) was not sent")
        }
      }
      screen.close()
    }

    @Test func `a repainted screen shows what stands apart again`() throws {
      let pty = try #require(PseudoTerminal(columns: 40, rows: 17))
      defer { pty.close() }
      let screen = try Screen(options(pty))
      let (grid, _) = CellWidths.$current.withValue(screen.widths) { written(screen.size) }
      screen.present(grid, theme: .standard)
      let before = pty.settled().text
      pty.show("\u{1B}[2J\u{1B}[5;5Hrubbish")
      screen.repaint()
      #expect(pty.settled().text == before)
      screen.close()
    }
  }
}
