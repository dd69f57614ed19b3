import Trajectories

/// A study while it is trained or afterwards: its table, the chosen entry in words, its curves.
struct StudyScreen {
  let state: WorkbenchState
  let board: StudyBoard
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  /// The fewest rows that curves are drawn in.
  private static let fewestChartRows = 6

  /// How many rows of a body the table takes.
  static func tableRows(of board: StudyBoard, within rows: Int) -> Int {
    guard !board.isEnlarged else { return 0 }
    let wanted = board.study.methods.count + StudyTable.headerRows
    return min(wanted, max(StudyTable.headerRows + 3, rows * 11 / 20))
  }

  /// Draws the table, and below it words and curves as far as there is room.
  func draw(into grid: inout Grid, in area: Rect) {
    let (top, rest) = area.split(top: Self.tableRows(of: board, within: area.rows))
    if !top.isEmpty { drawTable(into: &grid, in: top.split(left: 1).right) }
    let below = rest.split(left: 1).right
    let lines = words(columns: below.columns - 1)
    // Words without curves say more than curves of two rows.
    let room = below.rows - Self.fewestChartRows
    let (text, picture) = below.split(top: room > 0 ? min(lines.count, room) : below.rows)
    for (row, line) in lines.prefix(text.rows).enumerated() { grid.write(line, row: row, in: text) }
    if !picture.isEmpty { grid.draw(chart, in: picture, style: state.chartStyle) }
  }

  // MARK: the table

  private func drawTable(into grid: inout Grid, in area: Rect) {
    let table = StudyTable(board: board, glyphs: glyphs, columns: area.columns)
    grid.write(
      clip(table.caption, to: area.columns - 1, glyphs: glyphs), row: 0, in: area, role: .dim)
    for (place, task) in table.tasks.enumerated() {
      let title = clip(
        inert(board.study.tasks[task]), to: table.cellColumns - 1, glyphs: glyphs)
      grid.write(
        title, row: 1, column: table.nameColumns + place * table.cellColumns + 1, in: area,
        role: task == board.task ? .heading : .dim)
    }
    let rows = area.split(top: StudyTable.headerRows).bottom
    let first = state.top(of: .list)
    for (row, method) in board.study.methods.indices.dropFirst(first).prefix(rows.rows).enumerated()
    {
      draw(method, table, row: row, into: &grid, in: rows)
    }
  }

  private func draw(
    _ method: Int, _ table: StudyTable, row: Int, into grid: inout Grid, in area: Rect
  ) {
    let name = table.name(of: board.study.methods[method])
    grid.write(
      clip(name, to: table.nameColumns - 1, glyphs: glyphs), row: row, in: area,
      role: method == board.method ? .heading : .text)
    for (place, task) in table.tasks.enumerated() {
      let column = table.nameColumns + place * table.cellColumns
      if (method, task) == (board.method, board.task) {
        grid.write(
          String(glyphs.selected), row: row, column: column, in: area, role: .borderFocused)
        grid.cursor = Point(row: area.row + row, column: area.column + column)
      }
      grid.write([table.entry(method, task)], row: row, column: column + 1, in: area)
    }
  }

  // MARK: the entry in words

  /// The entry under the cursor in words, wrapped.
  private func words(columns: Int) -> [[Span]] {
    let method = board.study.methods[board.method]
    let (done, all) = board.seeds(board.method, board.task)
    let seeds = method.isUntrained ? "not trained" : "\(done) of \(all) seeds"
    let title = "\(inert(method.name)), \(inert(board.study.tasks[board.task])): \(seeds)"
    var lines = [title + measures(columns: columns)]
    lines += [difference, costs, running].filter { !$0.isEmpty }
    let failure = board.row(board.method, board.task)?.failures.first
    return lines.enumerated().flatMap { place, line in
      wrapped(line, columns: columns).map { [Span($0, place == 0 ? .heading : .message)] }
    } + (failure.map { wrapped(inert($0), columns: columns).map { [Span($0, .error)] } } ?? [])
  }

  /// The measures that there is room for: all, or the one that is looked at.
  private func measures(columns: Int) -> String {
    guard let row = board.row(board.method, board.task) else { return "" }
    let shown = columns >= 100 ? Measure.allCases : [board.measure]
    return shown.compactMap { measure in
      row.spread(measure).map { spread in
        let error =
          spread.standardError.map { " \(glyphs.plusMinus) " + share($0, decimals: 3) } ?? ""
        return ", \(measure.rawValue) " + share(spread.mean, decimals: 3) + error
      }
    }.joined()
  }

  private var difference: String {
    guard let row = board.row(board.method, board.task), let other = row.method.against,
      let found = row.differences[board.measure]
    else { return "" }
    let mean = signed(found.spread.mean, decimals: 3, glyphs: glyphs)
    let pairs = found.spread.count == 1 ? "1 seed" : "\(found.spread.count) seeds"
    let interval = found.interval.map {
      ", 95 % interval "
        + signed($0.lowerBound, decimals: 3, glyphs: glyphs) + " to "
        + signed($0.upperBound, decimals: 3, glyphs: glyphs)
    }
    return "minus \(inert(other)), \(board.measure.words): \(mean)\(interval ?? ""), \(pairs)"
  }

  private var costs: String {
    guard let row = board.row(board.method, board.task), !row.outcomes.isEmpty,
      !row.method.isUntrained
    else { return "" }
    let steps = row.mean(\.steps).map { ", \(fixed($0, decimals: 1)) steps an answer" } ?? ""
    let cut = row.mean { $0.truncatedShare }.map { ", \(share($0)) cut off" } ?? ""
    return compact(row.mean { Double($0.trainingTokens) }) + " tokens to learn from, "
      + compact(row.mean { Double($0.estimationTokens) }) + " to estimate values, "
      + duration(row.mean(\.seconds)) + steps + cut
  }

  private var running: String {
    let trainings = board.running(board.method, board.task)
    guard !trainings.isEmpty else { return "" }
    return "under way: "
      + trainings.map { "seed \($0.seed) at \(Int($0.share * 100)) %" }.joined(separator: ", ")
  }

  // MARK: the curves

  /// The learning curves of the chosen family on the chosen task setting.
  private var chart: Chart {
    let task = board.study.tasks[board.task]
    let curves = board.family.enumerated().map { number, method -> Curve in
      let row = board.rows.first { $0.task == task && $0.method.name == method.name }
      let points = (row?.curve(board.measure) ?? []).map { point in
        CurvePoint(
          x: board.overTokens ? point.tokens : Double(point.update), y: point.value.mean,
          error: point.value.standardError)
      }
      return Curve(name: inert(method.name), role: .curve(number), points: points)
    }
    let axis = board.overTokens ? "tokens, estimates included" : "updates"
    return Chart(
      title: "\(inert(task)) over \(axis)", curves: curves.filter { $0.points.count > 1 },
      format: .share)
  }
}
