import Trajectories

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
