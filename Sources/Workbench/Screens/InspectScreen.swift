public import Trajectories

/// How the columns of the step list share the room.
private struct StepColumns {
  var text: Int
  var bar: Int
  /// Whether A, V and n are shown.
  var hasNumbers = true

  /// Columns that do not change: pointer, number, A, V, n, markers.
  static let fixed = 6 + 7 + 6 + 5 + 3

  /// Columns of the text alone: pointer and number before it, markers behind.
  init(textAlone columns: Int) {
    text = max(0, columns - 9)
    bar = 0
    hasNumbers = false
  }

  init(columns: Int, longest: Int) {
    let free = max(0, columns - StepColumns.fixed)
    // The bar is what one compares; the text takes what it needs up to half.
    text = min(max(longest + 2, 10), free / 2)
    // Sentences need the room more than the bar does.
    let isProse = longest + 2 > free / 2 && free >= 28
    let rest = isProse ? (columns < 100 ? 9 : 13) : min(free - text - 2, 41)
    bar = rest >= 5 ? (rest % 2 == 1 ? rest : rest - 1) : 0
    if bar == 0 { text = free }
    if bar > 0 { text = free - bar - 2 }
  }
}

extension WorkbenchState {
  func drawInspect(in layout: Layout, on grid: inout Grid) {
    if let area = layout.panes[.text] { drawText(title: stepTitle, in: area, on: &grid) }
    guard let area = layout.panes[.list] else { return }
    let inner = grid.box(
      area, title: stepsTitle, focused: focus == .list, glyphs: Glyphs.of(glyphs))
    guard let trajectory, !trajectory.steps.isEmpty else {
      let words = trajectory == nil ? emptyInspect : "This answer is empty: it has no steps."
      grid.write(words, row: 0, column: 1, in: inner, role: .dim)
      return
    }
    let columns = stepColumns(of: trajectory, within: inner.columns)
    let (head, body) = inner.split(top: 1)
    drawHead(columns, in: head, on: &grid)
    let first = top(of: .list)
    for row in 0..<min(body.rows, trajectory.steps.count - first) {
      let line = body.split(top: row).bottom.split(top: 1).top
      draw(step: first + row, of: trajectory, columns, in: line, on: &grid)
      if first + row == step { mark(line: line, on: &grid) }
    }
    grid.highlight(search, in: body)
  }

  private func stepColumns(of trajectory: Trajectory, within columns: Int) -> StepColumns {
    let sheet = stepSheet.of(trajectory.steps)
    // Sentences take the room of numbers that are not there.
    let isBare = valuation(of: trajectory.id) == nil && sheet.isProse
    guard !isVeiled(trajectory.id), !isBare else { return StepColumns(textAlone: columns) }
    return StepColumns(columns: columns, longest: sheet.longest)
  }

  /// The text of a step, the mark that ends an answer left away unless raw text is wanted.
  func shownText(of step: Int, in trajectory: Trajectory) -> String {
    trajectory.steps.text(of: step, hidesEnd: !raw && !trajectory.truncated)
  }

  private var emptyInspect: String {
    "No trajectory yet: \(key(.trajectories)) shows the list, \(key(.train)) trains."
  }

  private var stepsTitle: String {
    guard let selection, let trajectory else { return "Steps" }
    let outcome = rewardSpan(trajectory).text
    var words = ["Steps", isVeiled ? outcome : String(outcome.dropFirst(2))]
    if let valuation = valuation(of: selection) {
      let counts = valuation.values.dropLast().map(\.rollouts)
      let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
      words.append(least == most ? "\(least) rollouts a step" : "\(least) to \(most) rollouts")
    }
    if let proposal = proposal(for: selection) { words.insert(ruleWords(proposal.rule), at: 1) }
    let dash = glyphs == .ascii ? " - " : " ─ "
    return words.joined(separator: dash)
  }

  private func drawHead(_ columns: StepColumns, in area: Rect, on grid: inout Grid) {
    grid.write("  #  step", row: 0, in: area, role: .heading)
    if columns.bar > 0 {
      let start = 6 + columns.text
      let minus = String(Glyphs.of(glyphs).minus)
      grid.write(minus + "1", row: 0, column: start, in: area, role: .dim)
      grid.write("0", row: 0, column: start + columns.bar / 2, in: area, role: .dim)
      grid.write("+1", row: 0, column: start + columns.bar - 2, in: area, role: .dim)
    }
    guard columns.hasNumbers else { return }
    let numbers = aligned("A", to: 7) + aligned("V", to: 6) + aligned("n", to: 5)
    grid.write(
      numbers, row: 0, column: area.columns - cellWidth(numbers) - 3, in: area, role: .heading)
  }

  private func draw(
    step: Int, of trajectory: Trajectory, _ columns: StepColumns, in area: Rect,
    on grid: inout Grid
  ) {
    let glyphs = Glyphs.of(glyphs)
    grid.write(aligned("\(step + 1)", to: 4), row: 0, in: area, role: .dim)
    // Colour says nothing alone.
    let isWrong = !isVeiled(trajectory.id) && trajectory.steps[step].verdict == .wrong
    if isWrong { grid.write(String(glyphs.wrong), row: 0, column: 4, in: area, role: .wrong) }
    let text = clip(
      inert(oneLine(shownText(of: step, in: trajectory).head(bytes: 4000))),
      to: columns.text - 1, glyphs: glyphs)
    grid.write(text, row: 0, column: 6, in: area, role: stepRole(step, of: trajectory))
    if columns.hasNumbers { drawNumbers(of: step, in: trajectory.id, columns, area, on: &grid) }
    let (marker, role) = marker(of: step, in: trajectory.id)
    grid.write(marker, row: 0, column: area.columns - 2, in: area, role: role)
  }

  private func drawNumbers(
    of step: Int, in id: String, _ columns: StepColumns, _ area: Rect, on grid: inout Grid
  ) {
    let glyphs = Glyphs.of(glyphs)
    let start = 6 + columns.text
    let numbers = area.columns - 21
    let value = valuation(of: id).flatMap { valuation in
      valuation.values.indices.contains(step) ? valuation.values[step] : nil
    }
    if let credit = credit(of: step, in: id) {
      if columns.bar > 0 {
        grid.bar(
          credit.advantage, at: Point(row: area.row, column: area.column + start),
          columns: columns.bar, sure: credit.sure, glyphs: glyphs)
      }
      let role: Role =
        !credit.sure ? .barUnsure : credit.advantage < 0 ? .barNegative : .barPositive
      let number = aligned(signed(credit.advantage, glyphs: glyphs), to: 7)
      grid.write(number, row: 0, column: numbers, in: area, role: role)
    } else {
      drawUnknown(columns, start: start, in: area, on: &grid)
    }
    // A value under an earlier policy stands in for one that is missing, and looks like it.
    let earlier = earlierValues(of: id, boundary: step).last?.value
    let isNow = value.map { $0.rollouts > 0 } ?? false
    if let shown = isNow ? value : earlier {
      let numberText = aligned(share(shown.mean), to: 6) + aligned("\(shown.rollouts)", to: 5)
      grid.write(
        numberText, row: 0, column: numbers + 7, in: area, role: isNow ? .text : .dim)
    }
  }

  private func drawUnknown(
    _ columns: StepColumns, start: Int, in area: Rect, on grid: inout Grid
  ) {
    guard columns.bar > 0 else { return }
    let axis = area.column + start + (columns.bar - 1) / 2
    grid[area.row, axis] = Cell(character: Glyphs.of(glyphs).axis, role: .axis)
  }

  private func stepRole(_ step: Int, of trajectory: Trajectory) -> Role {
    guard !isVeiled(trajectory.id) else { return .text }
    return switch trajectory.steps[step].verdict {
    case .wrong: .wrong
    case .inherited: .dim
    case .right, nil: .text
    }
  }

  /// The mark of a step: a person's word, else the step that training resets to, or the proposed one
  /// where training stored none; hollow where a step is proposed while training resets elsewhere.
  func marker(of step: Int, in id: String) -> (String, Role) {
    let glyphs = Glyphs.of(glyphs)
    if let mark = mark(of: id), mark.step == step {
      return mark.kind == .rejected
        ? (String(glyphs.rejected), .stepRejected) : (String(glyphs.confirmed), .stepConfirmed)
    }
    guard let proposal = proposal(for: id) else { return (" ", .text) }
    let stored = storedChoice(of: id)?.obeying(mark(of: id)).resets ?? []
    if stored.contains(step) || (stored.isEmpty && proposal.proposed == step) {
      return (String(glyphs.proposed), .stepProposed)
    }
    let leads = proposal.step == step || proposal.proposed == step
    return leads ? (String(glyphs.leading), .stepProposed) : (" ", .text)
  }

  /// A rule in words.
  func ruleWords(_ rule: Rule) -> String {
    switch rule {
    case .paperAbsolute: "rule: largest |A|"
    case .paperSigned: "rule: largest A"
    case .largestDrop: "rule: largest drop"
    case .random: "rule: a random step"
    case .restart: "rule: the first step"
    case .prefixArgmax: "rule: best prefix"
    case .binarySearch: "rule: binary search"
    case .entropy: "rule: largest entropy"
    case .selfLocalised: "rule: the policy's word"
    }
  }
}

/// What one step did to the chance of success, with its doubt.
struct Credit: Equatable, Sendable {
  /// Value before the step.
  var before: StepValue
  /// Value after it.
  var after: StepValue
  /// after − before.
  var advantage: Double
  /// Lower end of its 95 % interval.
  var low: Double
  /// Upper end of its 95 % interval.
  var high: Double

  /// Whether the interval leaves zero out.
  var sure: Bool { low > 0 || high < 0 }

  /// The difference of two values whose rollouts are independent.
  init(before: StepValue, after: StepValue) {
    self.before = before
    self.after = after
    (advantage, low, high) = after.difference(from: before)
  }
}

extension Valuation {
  /// The credit of a step; nil where one of its boundaries has no rollouts yet.
  func credit(of step: Int) -> Credit? {
    guard step >= 0, step + 1 < values.count else { return nil }
    let (before, after) = (values[step], values[step + 1])
    let end = step + 2 == values.count
    guard before.isKnown, after.isKnown || end else { return nil }
    return Credit(before: before, after: after)
  }

  /// Rollouts of all boundaries.
  var rollouts: Int { values.reduce(0) { $0 + $1.rollouts } }

  /// Fewest rollouts of a boundary that has any use for them: the end has none.
  var fewestRollouts: Int { values.dropLast().map(\.rollouts).min() ?? 0 }
}

extension WorkbenchState {
  /// What is known of the values of a trajectory by now: those on the way, or the newest.
  public func valuation(of id: String) -> Valuation? {
    isVeiled(id) ? nil : partialValuations[id] ?? history.newestValuation(of: id)
  }

  /// What the rule said of a trajectory under the policy that its values are shown for.
  public func proposal(for id: String) -> CriticalStep? {
    guard !isVeiled(id) else { return nil }
    guard let valuation = valuation(of: id) else { return history.proposal(for: id) }
    return history.proposal(for: id, version: valuation.policyVersion)
  }

  /// The credit of a step, its interval from the rule where the rule speaks of the same rollouts.
  func credit(of step: Int, in id: String) -> Credit? {
    guard let valuation = valuation(of: id), var credit = valuation.credit(of: step) else {
      return nil
    }
    if let proposal = proposal(for: id), proposal.leader == step,
      proposal.rollouts == valuation.rollouts
    {
      // The prior draws intervals inwards, past an advantage of 1; a reader expects it inside.
      credit.low = min(proposal.low, credit.advantage)
      credit.high = max(proposal.high, credit.advantage)
    }
    return credit
  }

  /// The step that a trajectory is opened at: the marked, the proposed, the leading, the largest.
  func bestStep(of id: String) -> Int {
    if let mark = mark(of: id) { return mark.step }
    if let proposal = proposal(for: id) { return proposal.proposed ?? proposal.leader }
    guard let valuation = valuation(of: id) else { return 0 }
    let sizes = (0..<max(0, valuation.values.count - 1)).map { step in
      valuation.credit(of: step).map { abs($0.advantage) } ?? -1
    }
    return sizes.max().flatMap { sizes.firstIndex(of: $0) } ?? 0
  }

  /// The step a person or the rule holds to be critical; nil where there is none.
  func criticalStep(of id: String) -> Int? {
    if let mark = mark(of: id) { return mark.kind == .rejected ? nil : mark.step }
    return proposal(for: id)?.proposed
  }

  /// The choice by which training stored states of a trajectory; nil where it stored none.
  func storedChoice(of id: String) -> CriticalStep? {
    isVeiled(id) ? nil : history.storedChoice(of: id)
  }

  /// What a boundary was worth under other policies than the one whose values are shown, the oldest
  /// first; rollouts alone, and only boundaries of the steps as they are cut now.
  func earlierValues(of id: String, boundary: Int) -> [(version: Int, value: StepValue)] {
    guard !isVeiled(id), let shown = valuation(of: id) else { return [] }
    return history.valuations(of: id).compactMap { valuation in
      guard valuation.policyVersion != shown.policyVersion,
        valuation.values.count == shown.values.count,
        valuation.values.indices.contains(boundary), valuation.values[boundary].rollouts > 0
      else { return nil }
      return (valuation.policyVersion, valuation.values[boundary])
    }
  }

  /// The floor of the recipe above the chance of guessing.
  var floor: Double { history.start?.recipe.values.floor ?? 0 }

  /// Whether a right answer is lucky, and why.
  func luck(of trajectory: Trajectory) -> Luck? {
    Luck(
      trajectory, valuation: valuation(of: trajectory.id), choice: proposal(for: trajectory.id),
      floor: floor)
  }
}

/// A share of successes with an interval from counts alone.
struct ChildValue: Equatable, Sendable {
  var mean: Double
  var low: Double
  var high: Double
  var count: Int

  /// The mean reward with Wilson's 95 % interval (Wilson 1927), which needs no table.
  init?(rewards: [Double]) {
    guard !rewards.isEmpty else { return nil }
    let n = Double(rewards.count)
    let z = 1.959964
    count = rewards.count
    mean = rewards.reduce(0, +) / n
    let centre = (mean + z * z / (2 * n)) / (1 + z * z / n)
    let spread = mean * (1 - mean) / n + z * z / (4 * n * n)
    let half = z / (1 + z * z / n) * spread.squareRoot()
    low = max(0, centre - half)
    high = min(1, centre + half)
  }
}

extension Grid {
  /// Draws a signed bar from an axis in the middle: negative to the left, positive to the right.
  ///
  /// Beyond ±`scale`, which fills one side, the bar is cut. An odd number of columns keeps the sides
  /// alike. A bar that is not sure, because its interval holds zero, is hatched.
  mutating func bar(
    _ value: Double, scale: Double = 1, at place: Point, columns: Int, sure: Bool, glyphs: Glyphs
  ) {
    let side = (columns - 1) / 2
    guard side > 0, value.isFinite, scale > 0 else { return }
    let axis = place.column + side
    let length = min(1, abs(value) / scale) * Double(side)
    let role: Role = sure ? (value < 0 ? .barNegative : .barPositive) : .barUnsure
    let cells = barCells(length, leftwards: value < 0, sure: sure, glyphs: glyphs)
    for (offset, character) in cells.enumerated() {
      let column = value < 0 ? axis - 1 - offset : axis + 1 + offset
      self[place.row, column] = Cell(character: character, role: role)
    }
    self[place.row, axis] = Cell(character: glyphs.axis, role: .axis)
  }
}

/// The cells of a bar from its axis outwards, `length` cells long.
func barCells(_ length: Double, leftwards: Bool, sure: Bool, glyphs: Glyphs) -> [Character] {
  let full = !sure ? glyphs.unsure : leftwards ? glyphs.negative : glyphs.positive
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

// Thought Anchors' scores of a step, beside its advantage.
extension WorkbenchState {
  /// What the rollouts that keep the step are worth against those that say something else, and how
  /// far the answers move; nothing where nobody looked.
  func anchorLines(of id: String, columns: Int) -> [[Span]] {
    guard let anchors = valuation(of: id)?.anchors, anchors.indices.contains(step) else {
      return []
    }
    let glyphs = Glyphs.of(glyphs)
    let anchor = anchors[step]
    var lines: [[Span]] = []
    if let worth = anchor.counterfactual {
      let words =
        "kept  V \(share(anchor.keptMean)), \(anchor.kept) rollouts; else V "
        + "\(share(anchor.changedMean)), \(anchor.changed): counterfactual "
        + signed(worth, glyphs: glyphs)
      lines += wrapped(words, columns: columns).map { [Span($0)] }
    } else if anchor.kept > 0 {
      lines.append([Span("kept  by all \(anchor.kept) rollouts: nothing to compare with", .dim)])
    }
    if let divergence = anchor.divergence {
      let words = "the step moves the answers by KL \(fixed(divergence)) nats"
      lines += wrapped(words, columns: columns).map { [Span($0, .dim)] }
    }
    return lines
  }
}
