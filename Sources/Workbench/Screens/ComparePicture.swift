import Trajectories

// The values of the Compare screen with their intervals, on an axis from 0 to 1.
extension CompareScreen {
  func drawPicture(of result: StepBeforeAfter, into grid: inout Grid, in area: Rect) {
    guard let first = result.first, let second = result.second else { return }
    guard area.rows >= 5, area.columns >= 40 else { return }
    let rows: [(name: String, value: StepValue, role: Role)] = [
      ("V before, update \(result.firstVersion)", first.before, .curve1),
      ("V before, update \(result.secondVersion)", second.before, .curve2),
      ("V after, update \(result.firstVersion)", first.after, .curve1),
      ("V after, update \(result.secondVersion)", second.after, .curve2),
    ]
    let margin = 2 + (rows.map { cellWidth($0.name) }.max() ?? 0)
    let axis = area.split(left: margin).right.split(left: min(60, area.columns - margin)).left
    for (row, line) in rows.enumerated() {
      grid.write(line.name, row: row, in: area, role: .dim)
      drawInterval(line.value, role: line.role, row: row, into: &grid, in: axis)
    }
    grid.write("0", row: 4, in: axis, role: .dim)
    grid.writeRight("1", row: 4, in: axis, role: .dim)
  }

  private func drawInterval(
    _ value: StepValue, role: Role, row: Int, into grid: inout Grid, in axis: Rect
  ) {
    func column(_ share: Double) -> Int {
      let inside = share.isFinite ? min(1, max(0, share)) : 0
      return Int((inside * Double(axis.columns - 1)).rounded())
    }
    func put(_ character: Character, _ column: Int, _ role: Role) {
      grid[axis.row + row, axis.column + column] = Cell(character: character, role: role)
    }
    let isAscii = state.glyphs == .ascii
    for column in 0..<axis.columns { put(isAscii ? "." : "·", column, .dim) }
    let (low, high) = (column(value.low), column(value.high))
    for column in min(low, high)...max(low, high) { put(glyphs.horizontal, column, role) }
    put(isAscii ? "[" : "├", low, role)
    put(isAscii ? "]" : "┤", high, role)
    put(isAscii ? "o" : "●", column(value.mean), role)
  }
}
