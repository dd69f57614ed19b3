extension Grid {
  /// Draws a signed bar from an axis in the middle: negative to the left, positive to the right.
  ///
  /// Beyond ±`scale`, which fills one side, the bar is cut. An odd number of columns keeps the sides
  /// alike. A bar that is not sure, because its interval holds zero, is hatched.
  mutating func bar(
    _ value: Double, scale: Double = 1, at place: Point, columns: Int, sure: Bool, glyphs: Glyphs
  ) {
    let side = (columns - 1) / 2
    guard side > 0, value.isFinite, scale > 0 else { return }
    let axis = place.column + side
    let length = min(1, abs(value) / scale) * Double(side)
    let role: Role = sure ? (value < 0 ? .barNegative : .barPositive) : .barUnsure
    let cells = barCells(length, leftwards: value < 0, sure: sure, glyphs: glyphs)
    for (offset, character) in cells.enumerated() {
      let column = value < 0 ? axis - 1 - offset : axis + 1 + offset
      self[place.row, column] = Cell(character: character, role: role)
    }
    self[place.row, axis] = Cell(character: glyphs.axis, role: .axis)
  }
}

/// The cells of a bar from its axis outwards, `length` cells long.
func barCells(_ length: Double, leftwards: Bool, sure: Bool, glyphs: Glyphs) -> [Character] {
  let full = !sure ? glyphs.unsure : leftwards ? glyphs.negative : glyphs.positive
  let eighths = Int((length * 8).rounded())
  let parts = leftwards ? glyphs.leftwards : glyphs.eighths
  guard !parts.isEmpty else {
    // Without partial cells a bar that is there at all shows at least one cell from a quarter on.
    return Array(repeating: full, count: Int((length + 0.25).rounded()))
  }
  var cells = Array(repeating: full, count: eighths / 8)
  let rest = eighths % 8
  if leftwards {
    if rest >= 7 { cells.append(full) } else if rest >= 3 { cells.append(parts[1]) }
    if rest == 1 || rest == 2 { cells.append(parts[0]) }
  } else if rest > 0 {
    cells.append(parts[rest - 1])
  }
  return cells
}
