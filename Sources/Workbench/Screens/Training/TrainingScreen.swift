import Trajectories

extension ScreenName {
  /// The curves of training.
  public static let training = ScreenName("training", TrainingScreen.self)
}

extension Command {
  /// The curves of training.
  public static let training = Command(ScreenName.training.rawValue)
}

/// Where a person is on the Training screen.
public struct TrainingView: Equatable, Sendable {
  /// Place in the metrics of the update under the cursor; nil follows the newest.
  public var cursor: Int?
  /// The curve under the cursor, from 0.
  public var curve = 0
  /// How the charts are looked at.
  public var charts = ChartLook()
}

/// How the charts of the Training screen are looked at.
public struct ChartLook: Equatable, Sendable {
  /// Whether equal ratios take equal heights.
  public var isLogarithmic = false
  /// What each value keeps of those before it, 0…1; 0 draws the values as they are.
  public var smoothing = 0.0
  /// How often the time axis was halved.
  public var zoom = 0
  /// Whether the chart under the cursor fills the screen.
  public var isEnlarged = false
  /// Whether half blocks replace braille, for fonts without it.
  public var usesBlocks = false

  /// All curves as they are, side by side.
  public init() {}

  /// The smoothings that one key goes through.
  static let smoothings = [0.0, 0.6, 0.9, 0.97]

  /// The smoothing after the present one; after the last, none.
  var nextSmoothing: Double { Self.smoothings.first { $0 > smoothing } ?? 0 }

  /// The part of the updates that is shown: around the cursor, or the newest.
  func domain(last: Int, cursor: Int?) -> ClosedRange<Double> {
    let whole = Double(max(1, last))
    var width = whole
    for _ in 0..<min(20, max(0, zoom)) where width > 4 { width /= 2 }
    let middle = cursor.map(Double.init) ?? whole
    let low = min(max(0, middle - width / 2), whole - width)
    return low...(low + width)
  }
}

extension WorkbenchState {
  /// The update under the cursor of the Training screen; nil while it follows the newest.
  var cursorUpdate: Int? {
    guard let cursor = training.cursor, history.metrics.indices.contains(cursor) else {
      return nil
    }
    return history.metrics[cursor].update
  }

  /// How charts are drawn.
  var chartStyle: ChartStyle {
    glyphs == .ascii ? .ascii : training.charts.usesBlocks ? .block : .braille
  }

  /// The Training screen's chart of a kind, as it is looked at now.
  func chart(_ kind: TrainingChart) -> Chart {
    var chart = kind.chart(of: history)
    let look = training.charts
    chart.cursor = cursorUpdate.map(Double.init)
    chart.smoothing = look.smoothing
    chart.isLogarithmic = look.isLogarithmic
    let last = max(history.policyVersion, history.metrics.last?.update ?? 0)
    chart.domain = look.domain(last: last, cursor: cursorUpdate)
    return chart
  }

  /// The charts that have something to show, in order.
  var trainingCharts: [TrainingChart] { history.start == nil ? chartsOfDump : chartsOfRun }

  private var chartsOfDump: [TrainingChart] {
    let told = TrainingChart.ofDump.filter { $0.chart(of: history).hasPoints }
    return told.isEmpty ? [.reward] : told
  }

  /// What the critic explains is among the first.
  private var chartsOfRun: [TrainingChart] {
    TrainingChart.ordered(hasCritic: history.metrics.contains { $0.explainedVariance != nil })
      .filter { kind in
        switch kind {
        case .resets: history.metrics.contains { $0.resetShare > 0 }
        case .buffer: history.metrics.contains { $0.bufferSize > 0 }
        case .purity:
          history.metrics.contains { $0.bufferPurity != nil || $0.chainAccuracy != nil }
        case .steps: history.metrics.contains { $0.stepsPerAnswer != nil }
        case .explained: history.metrics.contains { $0.explainedVariance != nil }
        case .valueLoss: history.metrics.contains { $0.valueLoss != nil }
        case .reuse: history.metrics.contains { $0.bufferReuse != nil }
        default: true
        }
      }
  }
}

/// The curves of training: state, numbers, and as many charts as there is room for.
struct TrainingScreen: Screen {
  let state: WorkbenchState

  static let key: ScreenKey? = ScreenKey(
    keys: "4", help: "The curves of training", hint: "training")

  static let commands = [
    Keymap.row(
      .training, .enlarge, "z", "The curve under the cursor alone, or all", hint: "curves",
      on: [.training, .study]),
    Keymap.row(.training, .zoomIn, "+", "A shorter stretch of updates", on: [.training]),
    Keymap.row(.training, .zoomOut, "-", "A longer stretch of updates", on: [.training]),
    Keymap.row(.training, .logAxis, "v", "Equal ratios at equal heights, or not", on: [.training]),
    Keymap.row(
      .training, .smooth, "w", "Smooth the curves more, then not at all", on: [.training]),
    Keymap.row(.training, .blocks, "b", "Blocks in place of braille, or not", on: [.training]),
  ]

  static func hints(_ state: WorkbenchState) -> [Command] {
    [.train, .pause, .oneUpdate, .stop, .open, .rollback, .trajectories, .back]
  }

  // MARK: keys

  static func run(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request]? {
    switch command {
    case .logAxis: state.training.charts.isLogarithmic.toggle()
    case .smooth: state.training.charts.smoothing = state.training.charts.nextSmoothing
    case .zoomIn: state.training.charts.zoom = min(20, state.training.charts.zoom + 1)
    case .zoomOut: state.training.charts.zoom = max(0, state.training.charts.zoom - 1)
    case .enlarge: state.training.charts.isEnlarged.toggle()
    case .blocks: state.training.charts.usesBlocks.toggle()
    default: return nil
    }
    return []
  }

  static func bringIntoRange(_ state: inout WorkbenchState) {
    guard let cursor = state.training.cursor else { return }
    let last = state.history.metrics.count - 1
    state.training.cursor = last < 0 ? nil : min(cursor, last)
  }

  static func moveRows(_ state: inout WorkbenchState, by rows: Int) {
    state.training.curve = state.training.curve.moved(by: rows, within: state.trainingCharts.count)
  }

  /// Moves the cursor of the curves by updates; past the newest it follows again.
  static func moveAlong(_ state: inout WorkbenchState, by places: Int) {
    let count = state.history.metrics.count
    let offset = min(max(places, -count), count)
    guard offset != 0 else { return }
    let place = (state.training.cursor ?? count - 1) + offset
    state.training.cursor = place >= count ? nil : max(0, place)
  }

  /// From a point of the curves to the trajectories that its update learnt from.
  static func open(_ state: inout WorkbenchState) -> [Request] {
    guard let update = state.cursorUpdate ?? state.history.metrics.last?.update else {
      state.tell("No update was made yet; \(state.key(.train)) starts training.")
      return []
    }
    // An update learns from what the policy before it drew.
    state.list.filter = "update:\(update - 1)"
    state.goTo(.trajectories)
    state.tellCount(.ofUpdate(update))
    return []
  }

  // MARK: drawing

  func draw(in layout: Layout, on grid: inout Grid) {
    let area = layout.body
    guard !state.history.metrics.isEmpty || !state.history.evaluations.isEmpty else {
      drawEmpty(into: &grid, in: area)
      return
    }
    let header = Array(self.header(columns: area.columns).prefix(max(1, area.rows / 4)))
    let (top, rest) = area.split(top: header.count)
    for (row, spans) in header.enumerated() { grid.write(spans, row: row, column: 1, in: top) }
    let kinds = state.trainingCharts
    let selected = min(max(0, state.training.curve), kinds.count - 1)
    if state.training.charts.isEnlarged {
      grid.draw(state.chart(kinds[selected]), in: rest, style: state.chartStyle)
      return
    }
    drawCharts(kinds, selected: selected, into: &grid, in: rest)
  }

  private func drawCharts(
    _ kinds: [TrainingChart], selected: Int, into grid: inout Grid, in area: Rect
  ) {
    let across = max(1, min(4, area.columns / 26))
    var rows = Self.chartRows(area.rows)
    let isWhole = rows * across >= kinds.count
    if isWhole { rows = (kinds.count + across - 1) / across }
    // Two rows of numbers stand for the charts that do not fit.
    let (charts, strip) = area.split(top: isWhole ? area.rows : max(0, area.rows - 2))
    let count = max(1, rows * across)
    let first = selected / count * count
    let visible = Array(kinds[first..<min(kinds.count, first + count)])
    for (index, kind) in visible.enumerated() {
      let place = Self.tile(index, across: across, down: rows, in: charts)
      draw(kind, isSelected: first + index == selected, into: &grid, in: place)
    }
    guard !isWhole else { return }
    let hidden = kinds.filter { !visible.contains($0) }
    drawNumbers(of: hidden, into: &grid, in: strip)
  }

  /// How many charts fit one above another: seven rows each, four where rows are few.
  private static func chartRows(_ rows: Int) -> Int {
    rows >= 14 ? rows / 7 : max(1, rows / 4)
  }

  /// The place of a chart: cells are shared out evenly, with a blank column between.
  private static func tile(_ index: Int, across: Int, down: Int, in area: Rect) -> Rect {
    let (row, column) = (index / across, index % across)
    let top = area.rows * row / down
    let left = area.columns * column / across
    let bottom = area.rows * (row + 1) / down
    let right = area.columns * (column + 1) / across - (column + 1 < across ? 2 : 0)
    return Rect(
      row: area.row + top, column: area.column + left, rows: bottom - top, columns: right - left)
  }

  private func draw(
    _ kind: TrainingChart, isSelected: Bool, into grid: inout Grid, in area: Rect
  ) {
    let (mark, rest) = area.split(left: 2)
    if isSelected {
      let glyph = Glyphs.of(state.glyphs).selected
      grid.write(String(glyph), row: 0, in: mark, role: .borderFocused)
      if !area.isEmpty { grid.cursor = Point(row: area.row, column: area.column) }
    }
    grid.draw(state.chart(kind), in: rest, style: state.chartStyle)
  }

  /// The newest value, or that at the cursor, of what has no chart on the screen.
  private func drawNumbers(of kinds: [TrainingChart], into grid: inout Grid, in area: Rect) {
    var (row, column) = (0, 1)
    for kind in kinds {
      let chart = state.chart(kind)
      let values = chart.curves.compactMap { curve in
        curve.lastPoint(until: chart.cursor)?.y.map {
          (chart.curves.count > 1 ? curve.name + " " : "") + chart.format.text($0)
        }
      }
      guard !values.isEmpty else { continue }
      let spans = [Span(chart.title + " ", .dim), Span(values.joined(separator: " ")), Span("  ")]
      let width = spans.reduce(0) { $0 + cellWidth($1.text) }
      if column > 1, column + width > area.columns + 2 { (row, column) = (row + 1, 1) }
      column += grid.write(spans, row: row, column: column, in: area)
    }
  }

  private func drawEmpty(into grid: inout Grid, in area: Rect) {
    var lines = ["No update was made yet, so there are no curves."]
    if let why = state.readOnly {
      lines.append("Training cannot be started here: \(why)")
    } else {
      let updates =
        state.history.start.map { "\($0.recipe.updates) updates" } ?? "the recipe's updates"
      lines.append("Press \(state.key(.train)) to train: \(updates).")
      lines.append("Press \(state.key(.oneUpdate)) for one update, then wait.")
    }
    if case .failed(let message) = state.engine { lines.append("FAILED: \(message)") }
    if state.engine == .training { lines = ["RUN: the first update is on its way."] }
    let wrappedLines = lines.flatMap { wrapped(inert($0), columns: area.columns - 2) }
    let top = max(0, (area.rows - wrappedLines.count) / 3)
    for (row, line) in wrappedLines.enumerated() {
      grid.write(line, row: top + row, column: 1, in: area, role: row == 0 ? .heading : .text)
    }
  }

  // MARK: the lines above the charts

  /// What training does, as one word that needs no colour.
  private var word: (text: String, role: Role) {
    switch state.engine {
    case .training: return ("RUN", .running)
    case .paused: return ("PAUSED", .warning)
    case .failed: return ("FAILED", .error)
    case .loading, .idle, .working:
      if let otherTrainer = state.otherTrainer {
        return (otherTrainer > 0 ? "RUN by process \(otherTrainer)" : "RUN elsewhere", .running)
      }
    }
    switch state.history.status {
    case .finished: return ("DONE", .right)
    case .failed: return ("FAILED", .error)
    case .stopped: return ("STOPPED", .warning)
    case .empty, .running: return ("IDLE", .dim)
    }
  }

  /// The lines above the charts: state and progress, tokens, buffer and marks, accuracy.
  private func header(columns: Int) -> [[Span]] {
    [progressLine(columns: columns), tokenLine, bufferLine, accuracyLine].filter { !$0.isEmpty }
  }

  private func progressLine(columns: Int) -> [Span] {
    let (text, role) = word
    let total = state.history.start?.recipe.updates ?? 0
    let start = [
      Span(text, role),
      Span("  update \(state.history.policyVersion)" + (total > 0 ? " of \(total)" : ""), .heading),
    ]
    var end: [Span] = []
    if let left = secondsLeft { end.append(Span("  " + duration(left) + " left")) }
    end += lookSpans
    if let update = state.cursorUpdate {
      end.append(Span("  cursor at update \(update)", .message))
      if columns >= 100 {
        end.append(Span("; \(state.key(.open)) lists its trajectories", .dim))
      }
    }
    let used = (start + end).reduce(0) { $0 + cellWidth($1.text) }
    return start + progressBar(of: total, columns: min(22, columns - used - 1)) + end
  }

  /// The share of updates that were made, where there is room to show it.
  private func progressBar(of total: Int, columns: Int) -> [Span] {
    let cells = columns - 2
    guard total > 0, cells >= 8 else { return [] }
    let share = min(1, max(0, Double(state.history.policyVersion) / Double(total)))
    let full = Int((share * Double(cells)).rounded(.down))
    let (on, off) = state.glyphs == .ascii ? ("#", ".") : ("█", "░")
    return [
      Span("  " + String(repeating: on, count: full), .running),
      Span(String(repeating: off, count: cells - full), .dim),
    ]
  }

  /// How the charts are looked at, where it is not the plain way.
  private var lookSpans: [Span] {
    let look = state.training.charts
    var words: [String] = []
    if look.isLogarithmic { words.append("log axis") }
    if look.smoothing > 0 { words.append("smoothed \(share(look.smoothing))") }
    if look.zoom > 0 {
      words.append("zoom \(state.glyphs == .ascii ? "x" : "×")\(1 << min(20, look.zoom))")
    }
    return words.isEmpty ? [] : [Span("  " + words.joined(separator: ", "), .dim)]
  }

  /// Seconds until the recipe's last update, while training runs.
  private var secondsLeft: Double? {
    guard state.engine == .training || state.otherTrainer != nil else { return nil }
    if state.otherTrainer == nil, let told = state.progress?.secondsLeft { return told }
    let recent = state.history.metrics.suffix(5).map(\.seconds).filter { $0.isFinite && $0 > 0 }
    guard let total = state.history.start?.recipe.updates, !recent.isEmpty else { return nil }
    let mean = recent.reduce(0, +) / Double(recent.count)
    return Double(max(0, total - state.history.policyVersion)) * mean
  }

  private var tokenLine: [Span] {
    guard let now = state.history.metrics.last, state.history.start != nil else { return [] }
    let cut =
      now.truncatedShare > 0
      ? [Span("\(share(now.truncatedShare)) cut off by the limit", .warning), Span("; ", .dim)] : []
    // First, so that a narrow screen does not cut it off.
    return cut + [
      Span("tokens ", .dim), Span(compact(now.trainingTokens)), Span(" for training, ", .dim),
      Span(compact(now.estimationTokens)), Span(" for estimation; ", .dim),
      Span(compact(now.tokensPerSecond)), Span("/s", .dim),
    ]
  }

  private var bufferLine: [Span] {
    guard let now = state.history.metrics.last, state.history.start != nil else { return [] }
    var spans = [Span("buffer ", .dim), Span("\(now.bufferSize) states")]
    if let purity = now.bufferPurity {
      spans.append(Span(", \(fixed(purity * 100, decimals: 0)) % right", .dim))
    }
    spans += [Span("; resets ", .dim), Span(share(now.resetShare))]
    if let marks = markWords { spans += [Span("; ", .dim), Span(marks, .stepConfirmed)] }
    return spans
  }

  /// What a person's word did to the buffer, or will do; nil where there is none.
  private var markWords: String? {
    func marks(_ count: Int) -> String {
      count == 1 ? "1 mark of yours" : "\(count) marks of yours"
    }
    let inside = state.history.metrics.last?.bufferMarked ?? 0
    if inside > 0 { return marks(inside) + " in it" }
    let standing = state.history.standingMarks
    return standing > 0 ? marks(standing) + " for the next batch" : nil
  }

  private var accuracyLine: [Span] {
    guard let now = state.history.evaluations.last else { return [] }
    let sign = Glyphs.of(state.glyphs).plusMinus
    func words(_ it: EvaluationResult) -> String {
      "sampled \(share(it.sampled)) \(sign)\(share(it.sampledError)), greedy \(share(it.greedy))"
    }
    var spans: [Span] = []
    if let first = state.history.untrained {
      spans += [Span("untrained ", .dim), Span(words(first))]
      guard now.policyVersion != 0 else { return spans }
      spans.append(Span("; ", .dim))
    }
    return spans + [
      Span("update \(now.policyVersion) ", .dim), Span(words(now), .heading),
    ]
  }
}
