public import Trajectories

// What can be done where a study is open.
extension WorkbenchState {
  /// Takes what became known of the study.
  mutating func takeStudy(_ rows: [StudyRow], finished: Int) {
    study?.rows = rows
    study?.finished = finished
  }

  /// Changes how the study is looked at.
  mutating func runStudy(_ command: Command) {
    switch command {
    case .nextMeasure:
      guard let now = study?.measure, let place = Measure.allCases.firstIndex(of: now) else {
        return
      }
      study?.measure = Measure.allCases[(place + 1) % Measure.allCases.count]
    case .differences: study?.showsDifferences.toggle()
    case .overTokens: study?.overTokens.toggle()
    default: study?.isEnlarged.toggle()
    }
  }

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

  /// Moves the cursor of the table.
  mutating func moveInStudy(methods: Int = 0, tasks: Int = 0) {
    guard var board = study else { return }
    board.method = clamped(board.method, by: methods, count: board.study.methods.count)
    board.task = clamped(board.task, by: tasks, count: board.study.tasks.count)
    study = board
  }
}

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

/// A study as far as it is known, and how the Study screen looks at it.
public struct StudyBoard: Equatable, Sendable {
  /// What is compared.
  public var study: Study
  /// A row a method of a task setting that has an outcome.
  public var rows: [StudyRow] = []
  /// Trainings that are finished.
  public var finished = 0
  /// Trainings that are under way here, with the share of their updates that is made.
  public var underWay: [StudyCell: Double] = [:]

  /// The method under the cursor, from 0.
  public var method = 0
  /// The task setting under the cursor, from 0.
  public var task = 0
  /// The accuracy that is shown.
  public var measure = Measure.sampled
  /// Whether the table tells what a method differs by from the one it is compared with.
  public var showsDifferences = false
  /// Whether curves run over tokens, those for estimates included, in place of updates.
  public var overTokens = false
  /// Whether the curves have the screen to themselves.
  public var isEnlarged = false

  /// A study of which nothing is known yet.
  public init(_ study: Study) { self.study = study }
}

extension StudyBoard {
  /// The trainings in all.
  var total: Int { study.cells.count }

  /// What is known of a method on a task setting; nil where nothing is finished.
  func row(_ method: Int, _ task: Int) -> StudyRow? {
    rows.first { $0.task == study.tasks[task] && $0.method.name == study.methods[method].name }
  }

  /// The trainings of a method on a task setting that are under way, by seed.
  func running(_ method: Int, _ task: Int) -> [(seed: UInt64, share: Double)] {
    study.seeds.compactMap { seed in
      underWay[StudyCell(method: method, task: task, seed: seed)].map { (seed, $0) }
    }
  }

  /// Seeds that are finished, and how many there are to be; an untrained policy has none.
  func seeds(_ method: Int, _ task: Int) -> (done: Int, all: Int) {
    let row = row(method, task)
    let done = (row?.outcomes.count ?? 0) + (row?.failures.count ?? 0)
    return (done, study.methods[method].isUntrained ? min(1, study.seeds.count) : study.seeds.count)
  }

  /// The recipe of the training under the cursor, with the first seed.
  var recipe: Recipe {
    var recipe = study.recipes[method][task]
    recipe.seed = study.seeds.first ?? recipe.seed
    return recipe
  }

  /// The method under the cursor, the one it is compared with and all others compared with that.
  var family: [StudyMethod] {
    let chosen = study.methods[method]
    return study.families.first { $0.contains(chosen) } ?? [chosen]
  }
}

extension Measure {
  /// The measure in a word or two.
  var words: String {
    switch self {
    case .sampled: "sampled accuracy"
    case .sampledChain: "samples with every line right"
    case .greedy: "greedy accuracy"
    case .greedyChain: "greedy answers with every line right"
    }
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
