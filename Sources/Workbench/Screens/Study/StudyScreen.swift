import Trajectories

extension ScreenName {
  /// A study: methods by task settings, over seeds.
  public static let study = ScreenName("study", StudyScreen.self)
}

/// A study while it is trained or afterwards: its table, the chosen entry in words, its curves.
struct StudyScreen: Screen {
  let state: WorkbenchState

  static let commands = [
    Keymap.row(
      .study, .nextMeasure, "m", "The next accuracy: sampled, every line right, greedy",
      hint: "measure", on: [.study]),
    Keymap.row(
      .study, .differences, "d", "Differences to the method compared with, or accuracies",
      hint: "differences", on: [.study]),
    Keymap.row(
      .study, .overTokens, "x", "Curves over tokens or updates", hint: "tokens", on: [.study]),
  ]

  static let isLowest = true
  static let hasBorder = false
  static let headerRows = StudyTable.headerRows

  static func panes(_ state: WorkbenchState, in body: Rect) -> [Pane: Rect] {
    // Words and curves stand below the table.
    let rows = state.study.map { tableRows(of: $0, within: body.rows) }
    return [.list: body.split(top: rows ?? body.rows).top]
  }

  static func titleWords(_ state: WorkbenchState) -> [String] {
    state.study.map { ["\($0.finished) of \($0.total) trainings"] } ?? []
  }

  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent {
    ListExtent(count: state.study?.study.methods.count ?? 0, cursor: state.study?.method)
  }

  static func hints(_ state: WorkbenchState) -> [Command] {
    [.train, .pause, .nextMeasure, .differences, .overTokens, .enlarge, .recipe]
  }

  /// How many rows of a body the table takes.
  static func tableRows(of board: StudyBoard, within rows: Int) -> Int {
    guard !board.isEnlarged else { return 0 }
    let wanted = board.study.methods.count + StudyTable.headerRows
    return min(wanted, max(StudyTable.headerRows + 3, rows * 11 / 20))
  }

  // MARK: keys

  static func run(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request]? {
    switch command {
    case .nextMeasure: state.study?.showNextMeasure()
    case .differences: state.study?.showsDifferences.toggle()
    case .overTokens: state.study?.overTokens.toggle()
    case .enlarge where state.screen == .study: state.study?.isEnlarged.toggle()
    default: return nil
    }
    return []
  }

  static func open(_ state: inout WorkbenchState) -> [Request] {
    state.study?.isEnlarged.toggle()
    return []
  }

  static func moveRows(_ state: inout WorkbenchState, by rows: Int) {
    guard let board = state.study else { return }
    state.study?.method = board.method.moved(by: rows, within: board.study.methods.count)
  }

  static func moveAlong(_ state: inout WorkbenchState, by places: Int) {
    guard let board = state.study else { return }
    state.study?.task = board.task.moved(by: places, within: board.study.tasks.count)
  }

  static func choose(row: Int, column: Int, _ state: inout WorkbenchState) -> Bool {
    guard let board = state.study, board.study.methods.indices.contains(row) else { return false }
    state.study?.method = row
    let table = StudyTable(
      board: board, glyphs: Glyphs.of(state.glyphs), columns: state.size.columns - 1)
    let place = (column - 1 - table.nameColumns) / max(1, table.cellColumns)
    // A click on a name changes the method alone.
    if column > table.nameColumns, place < table.tasks.count {
      state.study?.task = table.tasks.lowerBound + place
    }
    return true
  }

  // MARK: drawing

  func draw(in layout: Layout, on grid: inout Grid) {
    guard let board = state.study else { return }
    StudyPicture(state: state, board: board).draw(into: &grid, in: layout.body)
  }
}

extension WorkbenchState {
  /// Why a command makes no sense where a study is open; nil where it does.
  func studyObstacle(to command: Command) -> String? {
    guard let study, let section = keymap.binding(of: command)?.section else { return nil }
    switch command {
    case .recipe, .help: return nil
    case .search where screen == .help: return nil
    case .train:
      return study.finished == study.total ? "Every training of this study is finished." : nil
    case .pause: return nil
    case .oneUpdate, .stop, .rollback:
      return "A training of a study is made whole; \(key(.train)) starts, \(key(.pause)) pauses."
    default: break
    }
    switch section {
    case .screens, .find, .critical, .values, .branches:
      return "A study keeps no trajectories; crux open RECIPE begins a run that does."
    default: return nil
    }
  }
}

/// The table of a study, the chosen entry in words, its curves.
private struct StudyPicture {
  let state: WorkbenchState
  let board: StudyBoard
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  /// The fewest rows that curves are drawn in.
  private static let fewestChartRows = 6

  /// Draws the table, and below it words and curves as far as there is room.
  func draw(into grid: inout Grid, in area: Rect) {
    let (top, rest) = area.split(top: StudyScreen.tableRows(of: board, within: area.rows))
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

/// The table of the Study screen: a row a method, a column a task setting.
struct StudyTable {
  let board: StudyBoard
  let glyphs: Glyphs
  /// Cells across.
  let columns: Int

  /// Rows above the methods: what is shown, and the names of the task settings.
  static let headerRows = 2
  private static let narrowest = 13

  /// Cells of the methods' names.
  var nameColumns: Int {
    let longest = board.study.methods.map { cellWidth(name(of: $0)) }.max() ?? 0
    return min(longest + 1, max(10, columns * 3 / 8))
  }

  /// Task settings that can be seen at once.
  private var across: Int {
    min(board.study.tasks.count, max(1, (columns - nameColumns) / Self.narrowest))
  }

  /// The task settings that are seen, the chosen one among them.
  var tasks: Range<Int> {
    let first = min(max(0, board.task - across + 1), board.study.tasks.count - across)
    return first..<(first + across)
  }

  /// Cells of a column.
  var cellColumns: Int { min(26, (columns - nameColumns) / max(1, across)) }

  /// What the numbers are, in a line.
  var caption: String {
    let count = board.study.seeds.count
    let seeds = "over \(count) \(count == 1 ? "seed" : "seeds")"
    let hidden = board.study.tasks.count - across
    let more = hidden > 0 ? "; \(hidden) more task \(hidden == 1 ? "setting" : "settings")" : ""
    guard board.showsDifferences else {
      return "\(board.measure.words), mean and standard error \(seeds)\(more)"
    }
    return "\(board.measure.words): difference to the method it is compared with, \(seeds)\(more)"
  }

  /// A method's name; what is compared with another stands further right.
  func name(of method: StudyMethod) -> String {
    (method.against == nil ? "" : "  ") + inert(method.name)
  }

  /// What stands in a cell, no wider than a column.
  func entry(_ method: Int, _ task: Int) -> Span {
    let row = board.row(method, task)
    let running = board.running(method, task)
    let (done, all) = board.seeds(method, task)
    guard let row, let spread = row.spread(board.measure) else {
      if let failure = row?.failures.count, failure > 0 { return Span("\(failure) failed", .error) }
      guard !running.isEmpty else { return Span(row == nil ? "-" : "not told", .dim) }
      let share = running.reduce(0) { $0 + $1.share } / Double(running.count)
      return Span("\(Int(share * 100)) %", .running)
    }
    let count = done < all ? " \(done)/\(all)" : ""
    if board.showsDifferences, let difference = row.differences[board.measure] {
      return Span(fitting(words(for: difference), then: count), role(of: difference))
    }
    let mean = share(spread.mean, decimals: 3)
    let error = spread.standardError.map { " " + glyphs.plusMinus + share($0, decimals: 3) } ?? ""
    return Span(
      fitting([mean + error, mean], then: count),
      !running.isEmpty ? .running : board.showsDifferences ? .dim : .text)
  }

  /// The longest of these that leaves room for what follows.
  private func fitting(_ wishes: [String], then rest: String) -> String {
    let room = cellColumns - 2
    return wishes.map { $0 + rest }.first { cellWidth($0) <= room } ?? (wishes.last ?? "")
  }

  private func words(for difference: PairedDifference) -> [String] {
    let mean = signed(difference.spread.mean, decimals: 3, glyphs: glyphs)
    let interval = difference.interval.map {
      " " + signedInterval($0.lowerBound, $0.upperBound, glyphs: glyphs)
    }
    let error = difference.spread.standardError.map {
      " " + glyphs.plusMinus + share($0, decimals: 3)
    }
    return [mean + (interval ?? ""), mean + (error ?? ""), mean]
  }

  /// Whether the interval lies above, below or on both sides of zero.
  private func role(of difference: PairedDifference) -> Role {
    guard let interval = difference.interval else { return .barUnsure }
    return interval.lowerBound > 0
      ? .barPositive : interval.upperBound < 0 ? .barNegative : .barUnsure
  }
}
