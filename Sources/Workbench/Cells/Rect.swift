/// A rectangle of a grid, in cells.
public struct Rect: Equatable, Sendable {
  /// Row of the top edge.
  public var row: Int
  /// Column of the left edge.
  public var column: Int
  /// Cells down; never negative.
  public var rows: Int
  /// Cells across; never negative.
  public var columns: Int

  /// A rectangle with every field given; a negative extent counts as 0.
  public init(row: Int, column: Int, rows: Int, columns: Int) {
    self.row = row
    self.column = column
    self.rows = max(0, rows)
    self.columns = max(0, columns)
  }

  /// Everything of that size.
  public init(_ size: Size) {
    self.init(row: 0, column: 0, rows: size.rows, columns: size.columns)
  }

  /// Whether nothing fits inside.
  public var isEmpty: Bool { rows == 0 || columns == 0 }

  /// Whether the place lies inside.
  public func contains(_ place: Point) -> Bool {
    place.row >= row && place.row < row + rows
      && place.column >= column && place.column < column + columns
  }

  /// The same without that many cells at every side.
  public func inset(by cells: Int = 1) -> Rect {
    Rect(
      row: row + cells, column: column + cells, rows: rows - 2 * cells,
      columns: columns - 2 * cells)
  }

  /// The first rows, and the rest.
  public func split(top: Int) -> (top: Rect, bottom: Rect) {
    let count = min(max(0, top), rows)
    return (
      Rect(row: row, column: column, rows: count, columns: columns),
      Rect(row: row + count, column: column, rows: rows - count, columns: columns)
    )
  }

  /// The first columns, and the rest.
  public func split(left: Int) -> (left: Rect, right: Rect) {
    let count = min(max(0, left), columns)
    return (
      Rect(row: row, column: column, rows: rows, columns: count),
      Rect(row: row, column: column + count, rows: rows, columns: columns - count)
    )
  }
}
