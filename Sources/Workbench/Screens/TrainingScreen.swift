import Trajectories

/// How the charts of the Training screen are looked at.
public struct TrainingScreenState: Equatable, Sendable {
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

  /// The charts that have something to show, in order; what the critic explains among the first.
  var trainingCharts: [TrainingChart] {
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

  /// Moves the cursor of the curves by that many updates; past the newest it follows again.
  mutating func moveChartCursor(by updates: Int) {
    let count = history.metrics.count
    guard count > 0 else { return }
    let place = (training.cursor ?? count - 1) + updates
    training.cursor = place >= count ? nil : max(0, place)
  }
}

/// The curves of training: state, numbers, and as many charts as there is room for.
struct TrainingScreen {
  let state: WorkbenchState

  /// Draws the screen into `area`.
  func draw(into grid: inout Grid, in area: Rect) {
    guard !state.history.metrics.isEmpty || !state.history.evaluations.isEmpty else {
      drawEmpty(into: &grid, in: area)
      return
    }
    let header = Array(state.trainingHeader(columns: area.columns).prefix(max(1, area.rows / 4)))
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
}

extension WorkbenchState {
  /// What training does, as one word that needs no colour.
  var trainingWord: (text: String, role: Role) {
    switch engine {
    case .training: return ("RUN", .running)
    case .paused: return ("PAUSED", .warning)
    case .failed: return ("FAILED", .error)
    case .loading, .idle, .working:
      if let otherTrainer {
        return (otherTrainer > 0 ? "RUN by process \(otherTrainer)" : "RUN elsewhere", .running)
      }
    }
    switch history.status {
    case .finished: return ("DONE", .right)
    case .failed: return ("FAILED", .error)
    case .stopped: return ("STOPPED", .warning)
    case .empty, .running: return ("IDLE", .dim)
    }
  }

  /// The lines above the charts: state and progress, tokens, buffer and marks, accuracy.
  func trainingHeader(columns: Int) -> [[Span]] {
    [progressLine(columns: columns), tokenLine, bufferLine, accuracyLine].filter { !$0.isEmpty }
  }

  private func progressLine(columns: Int) -> [Span] {
    let word = trainingWord
    let total = history.start?.recipe.updates ?? 0
    let start = [
      Span(word.text, word.role),
      Span("  update \(history.policyVersion)" + (total > 0 ? " of \(total)" : ""), .heading),
    ]
    var end: [Span] = []
    if let left = secondsLeft { end.append(Span("  " + duration(left) + " left")) }
    end += lookSpans
    if let update = cursorUpdate {
      end.append(Span("  cursor at update \(update)", .message))
      if columns >= 100 {
        end.append(Span("; \(key(.open)) lists its trajectories", .dim))
      }
    }
    let used = (start + end).reduce(0) { $0 + cellWidth($1.text) }
    return start + progressBar(of: total, columns: min(22, columns - used - 1)) + end
  }

  /// The share of updates that were made, where there is room to show it.
  private func progressBar(of total: Int, columns: Int) -> [Span] {
    let cells = columns - 2
    guard total > 0, cells >= 8 else { return [] }
    let share = min(1, max(0, Double(history.policyVersion) / Double(total)))
    let full = Int((share * Double(cells)).rounded(.down))
    let (on, off) = glyphs == .ascii ? ("#", ".") : ("█", "░")
    return [
      Span("  " + String(repeating: on, count: full), .running),
      Span(String(repeating: off, count: cells - full), .dim),
    ]
  }

  /// How the charts are looked at, where it is not the plain way.
  private var lookSpans: [Span] {
    let look = training.charts
    var words: [String] = []
    if look.isLogarithmic { words.append("log axis") }
    if look.smoothing > 0 { words.append("smoothed \(share(look.smoothing))") }
    if look.zoom > 0 {
      words.append("zoom \(glyphs == .ascii ? "x" : "×")\(1 << min(20, look.zoom))")
    }
    return words.isEmpty ? [] : [Span("  " + words.joined(separator: ", "), .dim)]
  }

  /// Seconds until the recipe's last update, while training runs.
  private var secondsLeft: Double? {
    guard engine == .training || otherTrainer != nil else { return nil }
    if otherTrainer == nil, let told = progress?.secondsLeft { return told }
    let recent = history.metrics.suffix(5).map(\.seconds).filter { $0.isFinite && $0 > 0 }
    guard let total = history.start?.recipe.updates, !recent.isEmpty else { return nil }
    let mean = recent.reduce(0, +) / Double(recent.count)
    return Double(max(0, total - history.policyVersion)) * mean
  }

  private var tokenLine: [Span] {
    guard let now = history.metrics.last else { return [] }
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
    guard let now = history.metrics.last else { return [] }
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
    let inside = history.metrics.last?.bufferMarked ?? 0
    if inside > 0 { return marks(inside) + " in it" }
    let standing = history.standingMarks
    return standing > 0 ? marks(standing) + " for the next batch" : nil
  }

  private var accuracyLine: [Span] {
    guard let now = history.evaluations.last else { return [] }
    let sign = Glyphs.of(glyphs).plusMinus
    func words(_ it: EvaluationResult) -> String {
      "sampled \(share(it.sampled)) \(sign)\(share(it.sampledError)), greedy \(share(it.greedy))"
    }
    var spans: [Span] = []
    if let first = history.untrained {
      spans += [Span("untrained ", .dim), Span(words(first))]
      guard now.policyVersion != 0 else { return spans }
      spans.append(Span("; ", .dim))
    }
    return spans + [
      Span("update \(now.policyVersion) ", .dim), Span(words(now), .heading),
    ]
  }
}

/// The charts of the Training screen, the most telling first.
enum TrainingChart: CaseIterable {
  case reward, accuracy, loss, divergence, entropy, gradient
  case length, steps, truncation
  case clipping, speed, resets, buffer, purity, tokens, rate
  case explained, valueLoss, reuse

  /// The chart of a run so far.
  func chart(of history: RunHistory) -> Chart {
    var chart = Chart(title: title, curves: curves(of: history), format: format)
    if format == .share, !isFitted { chart.range = 0...1 }
    if self == .accuracy { chart.reference = history.untrained?.sampled }
    return chart
  }

  /// All kinds, the most telling first; a critic's before the gradient's, where there is one.
  static func ordered(hasCritic: Bool) -> [TrainingChart] {
    guard hasCritic, let place = allCases.firstIndex(of: .gradient) else { return allCases }
    let critic: [TrainingChart] = [.explained, .valueLoss]
    let others = allCases.filter { !critic.contains($0) }
    return Array(others.prefix(place)) + critic + others.dropFirst(place)
  }

  /// What it is about.
  var title: String {
    switch self {
    case .reward: "reward"
    case .accuracy: "accuracy"
    case .loss: "loss"
    case .divergence: "KL"
    case .entropy: "entropy"
    case .gradient: "gradient norm"
    case .clipping: "clip ratio"
    case .speed: "tokens/s"
    case .resets: "share of resets"
    case .buffer: "buffer"
    case .purity: "purity"
    case .tokens: "tokens"
    case .length: "response length"
    case .steps: "steps an answer"
    case .truncation: "cut off by length"
    case .rate: "learning rate"
    case .explained: "explained variance"
    case .valueLoss: "value loss"
    case .reuse: "buffer age, reuse"
    }
  }

  /// Whether a share is drawn as large as its values, since they are small or below zero.
  private var isFitted: Bool { [.clipping, .truncation, .explained].contains(self) }

  private var format: ValueFormat {
    switch self {
    case .reward, .accuracy, .clipping, .truncation, .resets, .purity, .explained: .share
    case .speed, .buffer, .tokens: .count
    case .loss, .divergence, .entropy, .gradient, .length, .steps, .rate: .measure
    case .valueLoss, .reuse: .measure
    }
  }

  private func curves(of history: RunHistory) -> [Curve] {
    let it = history.metrics
    switch self {
    case .reward:
      return [.of(it, "prompt", .curve1, \.reward), .of(it, "reset", .curve2, \.resetReward)]
    case .accuracy: return accuracies(of: history.evaluations)
    case .loss: return [.of(it, title, .curve1, \.loss)]
    case .divergence:
      let kl = Curve.of(it, title, .curve1, \.kl)
      guard it.contains(where: { $0.samplerKL != nil }) else { return [kl] }
      return [kl, .of(it, "sampler", .curve2, \.samplerKL)]
    case .entropy: return [.of(it, title, .curve1, \.entropy)]
    case .gradient: return [.of(it, title, .curve1, \.gradientNorm)]
    case .clipping: return [.of(it, title, .curve1, \.clipRatio)]
    case .speed: return [.of(it, title, .curve1, \.tokensPerSecond)]
    case .resets: return [.of(it, title, .curve2, \.resetShare)]
    case .buffer:
      return [
        .of(it, "size", .curve1) { Double($0.bufferSize) },
        .of(it, "marked", .curve2) { Double($0.bufferMarked) },
      ]
    case .purity:
      return [
        .of(it, "buffer", .curve1, \.bufferPurity), .of(it, "chain", .curve3, \.chainAccuracy),
      ]
    case .tokens:
      return [
        .of(it, "training", .curve1) { Double($0.trainingTokens) },
        .of(it, "estimation", .curve2) { Double($0.estimationTokens) },
      ]
    case .length: return [.of(it, title, .curve1, \.responseLength)]
    case .steps: return [.of(it, title, .curve1, \.stepsPerAnswer)]
    case .truncation:
      let isCut = it.last.map { $0.truncatedShare > 0 } ?? false
      return [.of(it, title, isCut ? .warning : .curve1, \.truncatedShare)]
    case .rate: return [.of(it, title, .curve1, \.learningRate)]
    case .explained: return [.of(it, title, .curve1, \.explainedVariance)]
    case .valueLoss: return [.of(it, title, .curve1, \.valueLoss)]
    case .reuse:
      return [.of(it, "updates", .curve1, \.bufferAge), .of(it, "draws", .curve2, \.bufferReuse)]
    }
  }

  private func accuracies(of results: [EvaluationResult]) -> [Curve] {
    var curves = [
      Curve(
        name: "sampled", role: .curve1,
        points: results.map {
          CurvePoint(x: Double($0.policyVersion), y: $0.sampled, error: $0.sampledError)
        }),
      Curve(
        name: "greedy", role: .curve2,
        points: results.map { CurvePoint(x: Double($0.policyVersion), y: $0.greedy) }),
    ]
    if results.contains(where: { $0.sampledChain != nil }) {
      curves.append(
        Curve(
          name: "chain", role: .curve3,
          points: results.map { CurvePoint(x: Double($0.policyVersion), y: $0.sampledChain) }))
    }
    return curves
  }
}

extension Curve {
  fileprivate static func of(
    _ metrics: [Metrics], _ name: String, _ role: Role, _ value: (Metrics) -> Double?
  ) -> Curve {
    Curve(
      name: name, role: role,
      points: metrics.map { CurvePoint(x: Double($0.update), y: value($0)) })
  }
}

extension RunHistory {
  /// Held-out accuracy before the first update; nil where it was not measured.
  var untrained: EvaluationResult? { evaluations.first { $0.policyVersion == 0 } }

  /// The newest accuracy of a version of the policy.
  func evaluation(of version: Int) -> EvaluationResult? {
    evaluations.last { $0.policyVersion == version }
  }

  /// Trajectories on which a person's choice stands: marked or confirmed.
  var standingMarks: Int {
    Set(marks.map(\.trajectory)).count { id in
      mark(of: id).map { $0.kind == .marked || $0.kind == .confirmed } ?? false
    }
  }
}
