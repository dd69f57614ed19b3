/// A colour as a terminal was told it.
enum VirtualColour: Equatable, Sendable {
  /// The terminal's own.
  case standard
  /// A palette index.
  case indexed(Int)
  /// Red, green, blue.
  case direct(Int, Int, Int)
}

/// How a virtual cell looks.
struct VirtualStyle: Equatable, Sendable {
  var foreground = VirtualColour.standard
  var background = VirtualColour.standard
  var bold = false
  var dim = false
  var underline = false
  var reverse = false
}

/// One cell of a virtual terminal.
struct VirtualCell: Equatable, Sendable {
  /// What stands there: a base with its marks; empty in the right half of a wide character.
  var text = " "
  var style = VirtualStyle()

  /// The cell without what cannot be seen: colour and weight of a plain blank.
  ///
  /// A program may erase such a cell or write it, as is shorter.
  var visible: VirtualCell {
    guard text == " ", !style.underline, !style.reverse else { return self }
    var cell = VirtualCell()
    cell.style.background = style.background
    return cell
  }
}

/// A terminal made of values: bytes in, cells and modes out.
///
/// It knows what ncurses sends under xterm-256color, tmux-256color and their like (ECMA-48, DEC
/// private modes, xterm's extensions). What it does not know is counted in `unknown`, so that a
/// test can demand that nothing was.
struct VirtualTerminal: Sendable {
  private(set) var columns: Int
  private(set) var rows: Int
  /// The cells of the screen that is shown, row after row.
  var cells: [VirtualCell]
  /// Where the next character goes.
  var row = 0
  var column = 0
  /// Modes that are set: DEC private ones by number.
  var modes: Set<Int> = [7, 25]
  /// Sequences that were not understood.
  var unknown: [String] = []
  /// How columns are counted.
  var habit = VirtualHabit.usual
  /// What the terminal says of itself when asked, to be typed into the program.
  var replies: [String] = []
  /// Texts of operating system commands, such as markers of a test.
  var commands: [String] = []

  var style = VirtualStyle()
  var wrapsNext = false
  var region: ClosedRange<Int>
  var saved: (row: Int, column: Int, style: VirtualStyle)?
  var main: [VirtualCell] = []
  var lastText: String?
  var keypadIsApplication = false
  private var parser = VirtualParser()

  /// A blank terminal of that size.
  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: VirtualCell(), count: columns * rows)
    region = 0...(rows - 1)
  }

  /// Takes bytes as a terminal would.
  mutating func feed(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { if let token = parser.take(byte) { obey(token) } }
  }

  /// Takes another size; what fits stays where it is, as xterm does it.
  mutating func resize(columns: Int, rows: Int) {
    var moved = Array(repeating: VirtualCell(), count: columns * rows)
    for row in 0..<min(rows, self.rows) {
      for column in 0..<min(columns, self.columns) {
        moved[row * columns + column] = cells[row * self.columns + column]
      }
    }
    (self.columns, self.rows, cells) = (columns, rows, moved)
    main = Array(repeating: VirtualCell(), count: columns * rows)
    region = 0...(rows - 1)
    (row, column) = (min(row, rows - 1), min(column, columns - 1))
    wrapsNext = false
  }

  /// The cell at that place.
  subscript(row: Int, column: Int) -> VirtualCell {
    get { cells[row * columns + column] }
    set { cells[row * columns + column] = newValue }
  }

  /// Whether the alternate screen is shown.
  var isAlternate: Bool { modes.contains(1049) || modes.contains(1047) || modes.contains(47) }

  /// Modes that a program should have left as it found them, and has not.
  var leftovers: [String] {
    var found = modes.subtracting([7, 25]).sorted().map { "mode \($0) is set" }
    if !modes.contains(25) { found.append("the cursor is hidden") }
    if !modes.contains(7) { found.append("lines no longer wrap") }
    if style != VirtualStyle() { found.append("characters are still styled") }
    if keypadIsApplication { found.append("the keypad is in application mode") }
    if region != 0...(rows - 1) { found.append("the scrolling region is \(region)") }
    return found
  }

  /// The rows as text, blanks at the end of a row dropped.
  var text: String {
    (0..<rows).map(line).joined(separator: "\n")
  }

  /// One row as text, blanks at its end dropped.
  func line(_ row: Int) -> String {
    var line = cells[row * columns..<(row + 1) * columns].map(\.text).joined()
    while line.last == " " { line.removeLast() }
    return line
  }
}
