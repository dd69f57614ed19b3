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
