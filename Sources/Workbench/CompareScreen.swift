import Trajectories

/// One step under two versions of the policy, to see whether training mended it.
struct CompareScreen {
  let state: WorkbenchState
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  init(state: WorkbenchState) { self.state = state }

  /// Draws the screen into `area`.
  func draw(into grid: inout Grid, in area: Rect) {
    guard let trajectory = state.trajectory, trajectory.steps.indices.contains(state.step) else {
      say(
        [
          "No step is chosen.",
          "Open a trajectory, go to a step, and come back with "
            + "\(state.keymap.keyName(of: .compare)).",
        ], into: &grid, in: area)
      return
    }
    let (top, rest) = area.split(top: 2)
    drawStep(of: trajectory, into: &grid, in: top)
    guard let versions = state.comparedVersions else {
      say(
        [
          "There is only one version of this policy, so there is nothing to compare yet.",
          "Train with \(state.keymap.keyName(of: .train)); each checkpoint can be compared.",
        ],
        into: &grid, in: rest)
      return
    }
    let result = StepBeforeAfter(
      of: state.step, in: trajectory.id, first: versions.first, second: versions.second,
      state: state)
    let table = rows(of: result)
    for (row, line) in table.enumerated() {
      grid.write(spans(line, columns: rest.columns), row: row, in: rest)
    }
    let (words, picture) = rest.split(top: table.count).bottom.split(top: rowsOfWords(result, rest))
    drawWords(of: result, into: &grid, in: words)
    drawPicture(of: result, into: &grid, in: picture)
  }

  private func drawStep(of trajectory: Trajectory, into grid: inout Grid, in area: Rect) {
    let step = trajectory.steps[state.step]
    let text = step.text.filter { $0 != "\n" && $0 != "\r\n" }
    let place =
      "\(state.number(of: trajectory.id)) step \(state.step + 1) of \(trajectory.steps.count): "
    grid.write([Span(place, .dim), Span(text, .heading)], row: 0, in: area)
    grid.write(trajectory.problem.prompt, row: 1, in: area, role: .dim)
  }

  private func say(_ lines: [String], into grid: inout Grid, in area: Rect) {
    var row = 1
    for line in lines.flatMap({ wrapped($0, columns: area.columns - 2) }) {
      grid.write(line, row: row, column: 1, in: area, role: row == 1 ? .heading : .text)
      row += 1
    }
  }

  private func drawWords(of result: StepBeforeAfter, into grid: inout Grid, in area: Rect) {
    for (row, line) in wordLines(of: result, columns: area.columns).enumerated() {
      grid.write(line, row: row + 1, in: area, role: .message)
    }
  }

  private func rowsOfWords(_ result: StepBeforeAfter, _ area: Rect) -> Int {
    wordLines(of: result, columns: area.columns).count + 2
  }

  /// What the numbers say and what may be done, wrapped.
  private func wordLines(of result: StepBeforeAfter, columns: Int) -> [String] {
    var lines = result.words(glyphs: glyphs)
    let key = state.keymap.keyName(of: .measure)
    if state.engine == .working, let progress = state.progress {
      let total = progress.total > 0 ? " of \(progress.total)" : ""
      lines.append("Measuring: \(progress.label), \(progress.done)\(total).")
    } else if result.first == nil || result.second == nil {
      lines.append("Not measured under both versions yet; \(key) draws fresh rollouts under each.")
    } else if !result.isFresh {
      lines.append(
        "These are the values that the rule chose by; \(key) measures on fresh rollouts.")
    }
    return lines.flatMap { wrapped(inert($0), columns: columns - 1) }
  }
}

// The values with their intervals on an axis from 0 to 1.
extension CompareScreen {
  fileprivate func drawPicture(of result: StepBeforeAfter, into grid: inout Grid, in area: Rect) {
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

// The table.
extension CompareScreen {
  /// A line of the table: what it is, and one entry a version, and their difference.
  fileprivate struct Line {
    var name: String
    var first: Span
    var second: Span
    var difference = Span("")
  }

  fileprivate func rows(of result: StepBeforeAfter) -> [Line] {
    let choosing = state.compare.choosingSecond
    func title(_ version: Int, _ isChosen: Bool) -> Span {
      let words = version == 0 ? "update 0, untrained" : "update \(version)"
      return Span(
        (isChosen ? "\(glyphs.selected) " : "  ") + words, isChosen ? .borderFocused : .heading)
    }
    return [
      Line(
        name: "", first: title(result.firstVersion, !choosing),
        second: title(result.secondVersion, choosing), difference: Span("difference", .heading)),
      Line(
        name: "V before", first: value(result.first?.before), second: value(result.second?.before),
        difference: difference(result.change)),
      Line(
        name: "V after", first: value(result.first?.after), second: value(result.second?.after),
        difference: difference(result.changeAfter)),
      Line(
        name: "A", first: advantage(result.first), second: advantage(result.second),
        difference: advantageDifference(result)),
      Line(
        name: "sampled", first: sampled(result.firstVersion), second: sampled(result.secondVersion),
        difference: sampledDifference(result)),
      Line(
        name: "greedy", first: greedy(result.firstVersion), second: greedy(result.secondVersion)),
    ]
  }

  /// Entries side by side; where columns are few, the difference is left out.
  fileprivate func spans(_ line: Line, columns: Int) -> [Span] {
    let width = columns >= 72 ? 25 : max(8, (columns - 10) / 2)
    func cell(_ span: Span) -> Span {
      Span(padded(clip(span.text, to: width - 1, glyphs: glyphs), to: width), span.role)
    }
    let name = Span(padded(line.name, to: 10), .dim)
    return [name, cell(line.first), cell(line.second)] + (columns >= 72 ? [line.difference] : [])
  }

  private func value(_ value: StepValue?) -> Span {
    guard let value else { return Span("not valued", .dim) }
    guard value.rollouts > 0 else { return Span("\(share(value.mean))  its own reward") }
    return Span("\(share(value.mean)) \(interval(value.low, value.high)) n \(value.rollouts)")
  }

  private func advantage(_ credit: Credit?) -> Span {
    guard let credit else { return Span("not valued", .dim) }
    let text =
      "\(signed(credit.advantage, glyphs: glyphs)) "
      + signedInterval(credit.low, credit.high, glyphs: glyphs)
    return Span(
      text, credit.sure ? (credit.advantage < 0 ? .barNegative : .barPositive) : .barUnsure)
  }

  private func difference(_ change: Credit?) -> Span { change.map { advantage($0) } ?? Span("") }

  private func advantageDifference(_ result: StepBeforeAfter) -> Span {
    guard let change = result.advantageChange else { return Span("") }
    let isSure = change.low > 0 || change.high < 0
    return Span(
      "\(signed(change.value, glyphs: glyphs)) "
        + signedInterval(change.low, change.high, glyphs: glyphs),
      isSure ? (change.value < 0 ? .barNegative : .barPositive) : .barUnsure)
  }

  private var plusMinus: String { state.glyphs == .ascii ? "+-" : "±" }

  private func sampled(_ version: Int) -> Span {
    guard let result = state.history.evaluation(of: version) else {
      return Span("not evaluated", .dim)
    }
    return Span("\(share(result.sampled)) \(plusMinus)\(share(result.sampledError))")
  }

  private func greedy(_ version: Int) -> Span {
    guard let result = state.history.evaluation(of: version) else {
      return Span("not evaluated", .dim)
    }
    return Span("\(share(result.greedy)) \(plusMinus)\(share(result.greedyError))")
  }

  /// The difference of sampled accuracy with 1.96 standard errors; both use the same problems,
  /// so that it is, if anything, too wide.
  private func sampledDifference(_ result: StepBeforeAfter) -> Span {
    guard let first = state.history.evaluation(of: result.firstVersion),
      let second = state.history.evaluation(of: result.secondVersion)
    else { return Span("") }
    let value = second.sampled - first.sampled
    let variance =
      first.sampledError * first.sampledError + second.sampledError * second.sampledError
    let half = 1.959964 * variance.squareRoot()
    let isSure = abs(value) > half
    return Span(
      "\(signed(value, glyphs: glyphs)) "
        + signedInterval(value - half, value + half, glyphs: glyphs),
      isSure ? (value < 0 ? .barNegative : .barPositive) : .barUnsure)
  }
}
