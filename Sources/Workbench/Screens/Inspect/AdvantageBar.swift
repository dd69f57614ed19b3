/// A signed bar from an axis in the middle: negative to the left, positive to the right.
///
/// Beyond ±1, which fills one side, it is cut. An odd number of columns keeps the sides alike. A
/// bar that is not sure, because its interval holds zero, is hatched.
struct AdvantageBar {
  var value: Double
  var isSure: Bool
  var glyphs: Glyphs

  /// Draws it from a place on, its axis included.
  func draw(at place: Point, columns: Int, on grid: inout Grid) {
    let side = (columns - 1) / 2
    guard side > 0, value.isFinite else { return }
    let axis = place.column + side
    let role: Role = isSure ? (value < 0 ? .barNegative : .barPositive) : .barUnsure
    for (offset, character) in cells(min(1, abs(value)) * Double(side)).enumerated() {
      let column = value < 0 ? axis - 1 - offset : axis + 1 + offset
      grid[place.row, column] = Cell(character: character, role: role)
    }
    grid[place.row, axis] = Cell(character: glyphs.axis, role: .axis)
  }

  /// Its cells from the axis outwards, `length` cells long.
  func cells(_ length: Double) -> [Character] {
    let leftwards = value < 0
    let full = !isSure ? glyphs.unsure : leftwards ? glyphs.negative : glyphs.positive
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
}
