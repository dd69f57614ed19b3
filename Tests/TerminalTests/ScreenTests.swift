import Glibc
import Terminal
import Testing
import Workbench

@testable import TerminalTesting

/// A theme that uses every way to be seen.
private let theme: Theme = {
  var styles: [Role: Style] = [:]
  for (number, role) in Role.allCases.enumerated() {
    var style = Style()
    if number % 3 == 1 { style.foreground = .rgb(UInt8(number * 9), 120, 200) }
    if number % 3 == 2 { style.foreground = .named(UInt8(number % 16)) }
    if number % 5 == 1 { style.background = .rgb(40, UInt8(number * 7), 10) }
    (style.bold, style.underline) = (number % 2 == 0, number % 7 == 3)
    (style.reverse, style.dim) = (number % 11 == 4, number % 13 == 5)
    styles[role] = style
  }
  styles[.text] = Style()
  return Theme(name: "test", styles: styles)
}()

private let characters: [(Character, Int)] = [
  ("a", 1), ("Z", 1), ("─", 1), ("│", 1), ("▌", 1), ("⣿", 1), ("é", 1), ("e\u{301}", 1), ("中", 2),
  ("한", 2), ("🙂", 2), (" ", 1), (" ", 1), (" ", 1), ("0", 1),
]

/// Changes about a third of the rows of a grid, each into runs of one role.
private func vary(_ grid: inout Grid, seed: inout UInt64) {
  func roll(_ sides: Int) -> Int {
    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(seed >> 33) % sides
  }
  for row in 0..<grid.size.rows where roll(3) == 0 {
    var column = 0
    var (role, selected) = (Role.text, roll(5) == 0)
    while column < grid.size.columns {
      if roll(6) == 0 { role = Role.allCases[roll(Role.allCases.count)] }
      var (character, width) = characters[roll(characters.count)]
      if column + width > grid.size.columns { (character, width) = ("x", 1) }
      grid[row, column] = Cell(character: character, role: role, selected: selected)
      if width == 2 {
        grid[row, column + 1] = Cell(
          character: " ", role: role, selected: selected, isContinuation: true)
      }
      column += width
    }
    selected = false
  }
}

private func colour(_ number: Int32) -> VirtualColour {
  number < 0 ? .standard : .indexed(Int(number))
}

/// What differs between a grid and a terminal.
private func differences(_ grid: Grid, _ terminal: VirtualTerminal, depth: ColourDepth) -> [String]
{
  var found: [String] = []
  let theme = depth == .none ? theme.withoutColours : theme
  for row in 0..<grid.size.rows {
    for column in 0..<grid.size.columns {
      let cell = grid[row, column]
      let ink = Ink(
        theme.style(of: cell.role), selection: cell.selected ? theme.style(of: .selection) : nil,
        ground: theme.style(of: .text).background, depth: depth, colours: 256)
      let style = VirtualStyle(
        foreground: colour(ink.foreground), background: colour(ink.background),
        bold: ink.attributes.contains(.bold), dim: ink.attributes.contains(.dim),
        underline: ink.attributes.contains(.underline),
        reverse: ink.attributes.contains(.reverse))
      let text = cell.isContinuation ? "" : String(cell.character)
      let shown = terminal[row, column]
      if shown.visible != VirtualCell(text: text, style: style).visible {
        found.append("\(row),\(column): \(shown) instead of \(text) \(style)")
      }
    }
  }
  return found
}

private func options(_ pty: PseudoTerminal, _ colour: ColourDepth = .indexed) -> Screen.Options {
  var options = Screen.Options()
  options.colour = colour
  options.terminal = "xterm-256color"
  options.input = pty.slave
  options.output = pty.slave
  return options
}

@Suite(.serialized) struct ScreenTests {
  @Test(arguments: [(80, 24), (20, 5), (1, 1), (2, 3), (200, 60)], [ColourDepth.indexed, .none])
  func `every cell shows what the grid says`(_ size: (Int, Int), _ depth: ColourDepth) throws {
    let pty = try #require(PseudoTerminal(columns: size.0, rows: size.1))
    defer { pty.close() }
    let screen = try Screen(options(pty, depth))
    #expect(screen.size == Size(columns: size.0, rows: size.1))
    var grid = Grid(size: screen.size)
    var seed: UInt64 = 7
    for frame in 0..<6 {
      vary(&grid, seed: &seed)
      grid.cursor = frame % 2 == 0 ? Point(row: size.1 - 1, column: size.0 / 2) : nil
      screen.present(grid, theme: theme)
      let shown = pty.settled()
      #expect(differences(grid, shown, depth: depth).prefix(3).isEmpty)
      #expect(shown.unknown.isEmpty)
      #expect(shown.modes.contains(25) == (grid.cursor != nil))
      if let cursor = grid.cursor {
        #expect((shown.row, shown.column) == (cursor.row, cursor.column))
      }
    }
    screen.close()
  }

  @Test func `after close the terminal is as it was`() throws {
    let pty = try #require(PseudoTerminal(columns: 80, rows: 24))
    defer { pty.close() }
    let screen = try Screen(options(pty))
    var seed: UInt64 = 1
    var grid = Grid(size: screen.size)
    vary(&grid, seed: &seed)
    screen.present(grid, theme: theme)
    let during = pty.settled()
    #expect(during.isAlternate)
    #expect(during.modes.isSuperset(of: [1002, 1006, 2004]))
    #expect(pty.modes != pty.original)
    screen.close()
    #expect(pty.settled().leftovers.isEmpty)
    #expect(pty.modes == pty.original)
  }

  @Test func `a grid shown twice sends nothing`() throws {
    let pty = try #require(PseudoTerminal(columns: 40, rows: 10))
    defer { pty.close() }
    let screen = try Screen(options(pty))
    var seed: UInt64 = 3
    var grid = Grid(size: screen.size)
    vary(&grid, seed: &seed)
    screen.present(grid, theme: theme)
    _ = pty.settled()
    let before = pty.bytes.count
    screen.present(grid, theme: theme)
    _ = pty.settled()
    #expect(pty.bytes.count - before < 20)
    screen.close()
  }

  @Test func `a resize is told and the next grid shown whole`() throws {
    let pty = try #require(PseudoTerminal(columns: 40, rows: 10))
    defer { pty.close() }
    let screen = try Screen(options(pty))
    var seed: UInt64 = 5
    var grid = Grid(size: screen.size)
    grid.cursor = Point(row: 9, column: 39)
    screen.present(grid, theme: theme)
    for (columns, rows) in [(60, 20), (7, 3), (1, 1), (90, 30)] {
      _ = pty.settled()
      pty.resize(columns: columns, rows: rows)
      // What a terminal makes of text and cursor at a resize is its own affair.
      pty.show("\u{1B}[2;2Hrubbish 中")
      kill(getpid(), SIGWINCH)
      let size = Size(columns: columns, rows: rows)
      #expect(screen.events(within: 5000) == [.resized(size)])
      grid = Grid(size: size)
      vary(&grid, seed: &seed)
      if seed % 2 == 0 { grid.cursor = Point(row: rows - 1, column: columns - 1) }
      screen.present(grid, theme: theme)
      #expect(differences(grid, pty.settled(), depth: .indexed).prefix(3).isEmpty)
    }
    screen.close()
  }

  @Test func `a grid of another size is cut and nothing of it wraps`() throws {
    let pty = try #require(PseudoTerminal(columns: 9, rows: 3))
    defer { pty.close() }
    let screen = try Screen(options(pty))
    var grid = Grid(size: Size(columns: 12, rows: 5))
    for row in 0..<5 {
      for column in stride(from: 0, to: 12, by: 2) {
        grid[row, column] = Cell(character: "中", role: .text)
        grid[row, column + 1] = Cell(character: " ", role: .text, isContinuation: true)
      }
    }
    screen.present(grid, theme: theme)
    let shown = pty.settled()
    #expect(shown.line(0) == shown.line(2))
    #expect(shown.line(0).hasPrefix("中中中中"))
    screen.close()
  }

  @Test func `a hostile cell is shown inertly`() throws {
    let pty = try #require(PseudoTerminal(columns: 20, rows: 2))
    defer { pty.close() }
    let screen = try Screen(options(pty))
    var grid = Grid(size: screen.size)
    let hostile: [Character] = [
      "\u{1B}", "\u{9B}", "\u{7}", "\r\n", "\u{202E}", "\u{0}", "\u{200B}",
    ]
    for (column, character) in hostile.enumerated() {
      grid[0, column] = Cell(character: character, role: .text)
    }
    screen.present(grid, theme: theme)
    let shown = pty.settled()
    #expect(shown.line(0) == String(repeating: "\u{FFFD}", count: hostile.count))
    #expect(shown.unknown.isEmpty)
    screen.close()
  }

  @Test(arguments: [
    ("no-such-terminal", TerminalError.unknownTerminal("no-such-terminal")),
    ("", .unknownTerminal("")), ("dumb", .cannotPlaceCursor("dumb")),
  ])
  func `a terminal that cannot be used is refused and left alone`(
    _ name: String, _ error: TerminalError
  ) throws {
    let pty = try #require(PseudoTerminal(columns: 20, rows: 2))
    defer { pty.close() }
    var options = options(pty)
    options.terminal = name
    #expect(throws: error) { try Screen(options) }
    #expect(pty.modes == pty.original)
    #expect(error.description.hasSuffix("."))
  }

  @Test func `a file is no terminal`() throws {
    let file = open("/dev/null", O_RDWR)
    defer { Glibc.close(file) }
    var options = Screen.Options()
    options.terminal = "xterm-256color"
    (options.input, options.output) = (file, file)
    #expect(throws: TerminalError.notATerminal) { try Screen(options) }
  }
}
