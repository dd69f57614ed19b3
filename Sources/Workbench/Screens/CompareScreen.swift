import Trajectories

extension WorkbenchState {
  /// The versions of the policy that can be compared, in order: checkpoints and the present.
  var comparableVersions: [Int] {
    Set((loadableCheckpoints ?? history.checkpoints) + [history.policyVersion]).sorted()
  }

  /// The two versions to compare: those chosen, else the oldest and the newest.
  ///
  /// It is nil where there are not two.
  var comparedVersions: (first: Int, second: Int)? {
    let versions = comparableVersions
    guard let oldest = versions.first, let newest = versions.last, oldest != newest else {
      return nil
    }
    let first = compare.first.flatMap { versions.contains($0) ? $0 : nil } ?? oldest
    let second = compare.second.flatMap { versions.contains($0) ? $0 : nil } ?? newest
    return (first, second)
  }

  /// Takes the next or an earlier version for the one of the two that is being chosen.
  mutating func chooseVersion(by places: Int) {
    guard let now = comparedVersions else { return }
    let versions = comparableVersions
    let present = compare.choosingSecond ? now.second : now.first
    guard let place = versions.firstIndex(of: present) else { return }
    let chosen = versions[min(max(0, place + places), versions.count - 1)]
    if compare.choosingSecond { compare.second = chosen } else { compare.first = chosen }
  }

  /// What to ask the engine for to compare the chosen step; nil where nothing can be compared.
  var comparison: Request? {
    guard let trajectory, trajectory.steps.indices.contains(step), let now = comparedVersions,
      now.first != now.second
    else { return nil }
    return .compare(
      trajectory: trajectory.id, step: step, first: now.first, second: now.second)
  }
}

/// One step under two versions of the policy, to see whether training mended it.
struct CompareScreen {
  let state: WorkbenchState
  var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  init(state: WorkbenchState) { self.state = state }

  /// Draws the screen into `area`.
  func draw(into grid: inout Grid, in area: Rect) {
    let area = area.split(left: 1).right
    guard let trajectory = state.trajectory, trajectory.steps.indices.contains(state.step) else {
      say(
        [
          "No step is chosen.",
          "Open a trajectory, go to a step, and come back with "
            + "\(state.key(.compare)).",
        ], into: &grid, in: area)
      return
    }
    let (top, rest) = area.split(top: 2)
    drawStep(of: trajectory, into: &grid, in: top)
    guard let versions = state.comparedVersions else {
      say(
        [
          "There is only one version of this policy, so there is nothing to compare yet.",
          "Train with \(state.key(.train)); each checkpoint can be compared.",
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
      grid.write(line, row: row, in: area, role: row == 1 ? .heading : .text)
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
    let key = state.key(.measure)
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

// The table of the Compare screen: a row a quantity, a column a version, and the difference.
extension CompareScreen {
  /// A line of the table: what it is, and one entry a version, and their difference.
  struct Line {
    var name: String
    var first: Span
    var second: Span
    var difference = Span("")
  }

  func rows(of result: StepBeforeAfter) -> [Line] {
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
  func spans(_ line: Line, columns: Int) -> [Span] {
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

  private var plusMinus: String { glyphs.plusMinus }

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

/// A step under two versions of the policy, and what that says in words.
struct StepBeforeAfter: Equatable {
  /// Updates the first policy had seen.
  let firstVersion: Int
  /// Updates the second policy had seen.
  let secondVersion: Int
  /// The step under the first policy; nil where it was not valued.
  let first: Credit?
  /// The step under the second policy.
  let second: Credit?
  /// Whether the values come from rollouts drawn for the comparison, not from the choice.
  let isFresh: Bool

  /// What is known of a step: a comparison that was run, else the valuations of both versions.
  init(of step: Int, in id: String, first: Int, second: Int, state: WorkbenchState) {
    firstVersion = first
    secondVersion = second
    let result = state.history.comparisons(of: id).last {
      $0.step == step && $0.firstVersion == first && $0.secondVersion == second
    }
    isFresh = result != nil
    if let result {
      self.first = Credit(result.first)
      self.second = Credit(result.second)
    } else {
      self.first = state.history.valuation(of: id, version: first)?.credit(of: step)
      self.second = state.history.valuation(of: id, version: second)?.credit(of: step)
    }
  }

  /// Second minus first, of the value before the step.
  var change: Credit? { difference(\.before) }

  /// Second minus first, of the value after the step.
  var changeAfter: Credit? { difference(\.after) }

  /// Second minus first, of the advantage, with the interval of a difference (MOVER).
  var advantageChange: (value: Double, low: Double, high: Double)? {
    guard let first, let second else { return nil }
    let value = second.advantage - first.advantage
    func length(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
    return (
      value, value - length(second.advantage - second.low, first.high - first.advantage),
      value + length(second.high - second.advantage, first.advantage - first.low)
    )
  }

  private func difference(_ value: KeyPath<Credit, StepValue>) -> Credit? {
    guard let first, let second else { return nil }
    return Credit(before: first[keyPath: value], after: second[keyPath: value])
  }
}

// What the numbers say.
extension StepBeforeAfter {
  /// Sentences: what became of the value before the step, and of the step's own effect.
  func words(glyphs: Glyphs) -> [String] {
    guard let first, let second else { return [] }
    return [
      valueWords(first.before, second.before),
      advantageWords(first, second, glyphs: glyphs),
    ]
  }

  private func valueWords(_ old: StepValue, _ new: StepValue) -> String {
    let numbers =
      "from \(share(old.mean)) \(interval(old.low, old.high)) "
      + "to \(share(new.mean)) \(interval(new.low, new.high))"
    if new.low > old.high {
      return "V before the step rose \(numbers): "
        + "the policy now comes to a right answer from here more often."
    }
    if new.high < old.low {
      return "V before the step fell \(numbers): "
        + "the policy now fails from here more often."
    }
    return "Not clear whether training mended it: V before the step went \(numbers), "
      + "and the intervals overlap. More rollouts may tell."
  }

  private func advantageWords(_ old: Credit, _ new: Credit, glyphs: Glyphs) -> String {
    let (before, after) = (
      "\(signed(old.advantage, glyphs: glyphs)) \(signedInterval(old.low, old.high, glyphs: glyphs))",
      "\(signed(new.advantage, glyphs: glyphs)) \(signedInterval(new.low, new.high, glyphs: glyphs))"
    )
    switch (old.sure, new.sure) {
    case (true, false):
      return "A of the step was \(before) and is now \(after): it no longer clearly decides."
    case (false, true):
      return "A of the step was \(before) and is now \(after): it decides now, but did not before."
    case (true, true):
      return "A of the step was \(before) and is now \(after): it decides under both."
    case (false, false):
      return "A of the step is clear under neither: \(before), then \(after)."
    }
  }
}

extension Credit {
  /// The credit that was measured on fresh rollouts.
  init(_ effect: FreshEffect) {
    self.init(before: effect.before, after: effect.after)
    advantage = effect.advantage
    low = effect.low
    high = effect.high
  }
}
