import Trajectories

/// The two panes of a screen.
public enum Pane: String, Equatable, Hashable, Sendable {
  /// Rows to choose from.
  case list
  /// Text about the chosen row.
  case text
}

/// A screen that another one covers, and where the person was on it.
public struct Layer: Equatable, Sendable {
  /// The screen.
  public var screen: ScreenName
  /// The trajectory that it spoke of.
  public var selection: String?
  /// The step that it spoke of.
  public var step: Int
  /// The branch that it spoke of.
  public var branch: String?
}

/// A pane of a screen.
public struct PanePlace: Equatable, Hashable, Sendable {
  /// The screen.
  public var screen: ScreenName
  /// The pane of it.
  public var pane: Pane
}

/// A line for the person.
public struct Message: Equatable, Sendable {
  /// The words.
  public var text: String
  /// How much they matter.
  public var severity: Severity
}

extension Grid {
  /// Shows that a row is the selected one: a pointer, reverse, and the terminal's own cursor.
  mutating func point(at line: Rect, glyphs: Glyphs) {
    write(String(glyphs.selected), row: 0, in: line, role: .heading)
    select(row: 0, in: line)
    cursor = Point(row: line.row, column: line.column)
  }
}

extension Int {
  /// A row that many further, as far as there are rows.
  func moved(by offset: Int, within count: Int) -> Int {
    Swift.min(
      Swift.max(0, self + Swift.min(Swift.max(offset, -count), count)), Swift.max(0, count - 1))
  }
}
