/// A rectangle of cells: what a screen is before it meets a terminal.
public struct Grid: Equatable, Sendable {
  /// Size in cells.
  public let size: Size
  /// The cells, row after row.
  public private(set) var cells: [Cell]
  /// Where the hardware cursor stands; screen readers follow it.
  public var cursor: Point?

  /// A grid of blanks; a negative size counts as 0.
  public init(size: Size) {
    self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
    cells = Array(repeating: Cell(), count: self.size.columns * self.size.rows)
  }

  /// The cell at that place; places outside read as blank and swallow what is written.
  public subscript(row: Int, column: Int) -> Cell {
    get {
      guard contains(row, column) else { return Cell() }
      return cells[row * size.columns + column]
    }
    set {
      guard contains(row, column) else { return }
      cells[row * size.columns + column] = newValue
    }
  }

  /// Puts the quotes of ASCII in place of “ and ”, for terminals that have no others.
  mutating func straightenQuotes() {
    for index in cells.indices where cells[index].character == "“" || cells[index].character == "”"
    {
      cells[index].character = "\""
    }
  }

  private func contains(_ row: Int, _ column: Int) -> Bool {
    row >= 0 && row < size.rows && column >= 0 && column < size.columns
  }

  /// The rows as text, blanks at the end of a row dropped, one row a line.
  public var text: String {
    (0..<size.rows).map { row in
      var line = ""
      for column in 0..<size.columns where !self[row, column].isContinuation {
        line.append(self[row, column].character)
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

/// One place on the screen: a character and what it means.
public struct Cell: Equatable, Sendable {
  /// A printable grapheme, or the part of one that stands here; never a control character.
  public var character: Character = " "
  /// What it means; a theme turns it into a colour.
  public var role = Role.text
  /// Whether it is part of the selected row: the role keeps its colours, `Role.selection`
  /// lies behind it.
  public var selected = false
  /// Whether it is covered by the character to the left, which is wide.
  public var isContinuation = false

  /// A blank.
  public init() {}

  /// A cell with every field given.
  public init(
    character: Character, role: Role, selected: Bool = false, isContinuation: Bool = false
  ) {
    self.character = character
    self.role = role
    self.selected = selected
    self.isContinuation = isContinuation
  }
}

/// A size in cells.
public struct Size: Equatable, Sendable {
  /// Cells across.
  public var columns: Int
  /// Cells down.
  public var rows: Int

  /// A size with every field given.
  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }
}

/// A place in cells, from 0 at the top left.
public struct Point: Equatable, Sendable {
  /// Row, from the top.
  public var row: Int
  /// Column, from the left.
  public var column: Int

  /// A place with every field given.
  public init(row: Int, column: Int) {
    self.row = row
    self.column = column
  }
}
