/// A piece of a line with one meaning.
struct Span: Equatable, Sendable {
  var text: String
  var role: Role

  init(_ text: String, _ role: Role = .text) {
    self.text = text
    self.role = role
  }
}

extension Grid {
  /// Writes text from a place to the right and returns the columns it took.
  ///
  /// Control characters become visible. A grapheme that would pass `limit` columns or the edge of
  /// the grid is left out whole; one of several parts takes as many places.
  @discardableResult
  public mutating func write(
    _ text: String, at place: Point, role: Role = .text, limit: Int = .max
  ) -> Int {
    let room = min(limit, size.columns - place.column)
    let widths = CellWidths.current
    var used = 0
    for character in inert(text) {
      let pieces = widths.pieces(of: character)
      guard used + pieces.reduce(0, { $0 + $1.columns }) <= room else { break }
      for piece in pieces {
        put(piece, role, at: Point(row: place.row, column: place.column + used))
        used += piece.columns
      }
    }
    return used
  }

  private mutating func put(_ piece: CellPiece, _ role: Role, at place: Point) {
    self[place.row, place.column] = Cell(character: piece.character, role: role)
    for extra in 1..<max(2, piece.columns) where piece.columns > 1 {
      self[place.row, place.column + extra] = Cell(
        character: " ", role: role, isContinuation: true)
    }
  }

  /// Writes text at a row and column counted from the corner of `area`, and never outside of it.
  @discardableResult
  public mutating func write(
    _ text: String, row: Int, column: Int = 0, in area: Rect, role: Role = .text
  ) -> Int {
    guard row >= 0, row < area.rows, column >= 0, column < area.columns else { return 0 }
    return write(
      text, at: Point(row: area.row + row, column: area.column + column), role: role,
      limit: area.columns - column)
  }

  /// Writes spans one after another, as `write(_:row:column:in:role:)` does.
  @discardableResult
  mutating func write(_ spans: [Span], row: Int, column: Int = 0, in area: Rect) -> Int {
    var used = 0
    for span in spans {
      used += write(span.text, row: row, column: column + used, in: area, role: span.role)
    }
    return used
  }

  /// Writes text so that it ends at the right edge of `area`.
  mutating func writeRight(_ text: String, row: Int, in area: Rect, role: Role = .text) {
    let width = cellWidth(inert(text))
    write(text, row: row, column: max(0, area.columns - width), in: area, role: role)
  }

  /// Fills the area with one character.
  mutating func fill(_ area: Rect, with character: Character = " ", role: Role = .text) {
    for row in area.row..<area.row + area.rows {
      for column in area.column..<area.column + area.columns {
        self[row, column] = Cell(character: character, role: role)
      }
    }
  }

  /// Marks one row of the area as selected.
  mutating func select(row: Int, in area: Rect) {
    guard row >= 0, row < area.rows else { return }
    for column in area.column..<area.column + area.columns {
      self[area.row + row, column].selected = true
    }
  }

  /// Draws a border with a title in it and returns what lies inside.
  @discardableResult
  mutating func box(_ area: Rect, title: String, focused: Bool, glyphs: Glyphs) -> Rect {
    guard area.rows >= 2, area.columns >= 2 else { return area.inset() }
    let role: Role = focused ? .borderFocused : .border
    let (top, bottom) = area.split(top: area.rows - 1)
    fill(
      Rect(row: top.row, column: area.column, rows: 1, columns: area.columns),
      with: glyphs.horizontal, role: role)
    fill(bottom, with: glyphs.horizontal, role: role)
    for row in area.row..<area.row + area.rows {
      self[row, area.column] = Cell(character: glyphs.vertical, role: role)
      self[row, area.column + area.columns - 1] = Cell(character: glyphs.vertical, role: role)
    }
    corners(area, role: role, glyphs: glyphs)
    guard !title.isEmpty, area.columns > 4 else { return area.inset() }
    let clipped = clip(" " + inert(title) + " ", to: area.columns - 2, glyphs: glyphs)
    write(clipped, row: 0, column: 1, in: area, role: focused ? .heading : .dim)
    return area.inset()
  }

  private mutating func corners(_ area: Rect, role: Role, glyphs: Glyphs) {
    let (bottom, right) = (area.row + area.rows - 1, area.column + area.columns - 1)
    self[area.row, area.column] = Cell(character: glyphs.topLeft, role: role)
    self[area.row, right] = Cell(character: glyphs.topRight, role: role)
    self[bottom, area.column] = Cell(character: glyphs.bottomLeft, role: role)
    self[bottom, right] = Cell(character: glyphs.bottomRight, role: role)
  }

  /// Gives every place where `query` stands in the area the role of a search hit.
  mutating func highlight(_ query: String, in area: Rect) {
    // What has more bytes than a row may hold stands in none.
    guard !query.isEmpty, query.utf8.count <= 64 * max(1, area.columns) else { return }
    let widths = CellWidths.current
    let wanted = inert(query).flatMap { widths.pieces(of: $0).map { $0.character.lowercased() } }
    for row in area.row..<area.row + area.rows {
      // The right halves of wide characters hold no character of their own.
      let columns = (area.column..<area.column + area.columns).filter {
        !self[row, $0].isContinuation
      }
      let letters = columns.map { self[row, $0].character.lowercased() }
      guard letters.count >= wanted.count else { continue }
      for start in 0...(letters.count - wanted.count)
      where letters[start..<start + wanted.count].elementsEqual(wanted) {
        for column in columns[start..<start + wanted.count] { self[row, column].role = .match }
      }
    }
  }
}

/// The text in at most that many cells; what is cut off is announced by an ellipsis.
func clip(_ text: String, to columns: Int, glyphs: Glyphs) -> String {
  guard cellWidth(text) > columns else { return text }
  let room = columns - cellWidth(glyphs.ellipsis)
  guard room > 0 else { return String(glyphs.ellipsis.prefix(max(0, columns))) }
  var result = ""
  var used = 0
  for character in text {
    used += cellWidth(character)
    guard used <= room else { break }
    result.append(character)
  }
  return result + glyphs.ellipsis
}
