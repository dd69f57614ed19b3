import Trajectories

/// A column of the list of trajectories.
private struct ListColumn {
  var title: String
  var width: Int
  /// What it takes before it is shown: columns of the list.
  var from: Int
  var cell: (WorkbenchState, Trajectory) -> Span
}

extension WorkbenchState {
  func drawTrajectories(in layout: Layout, on grid: inout Grid) {
    if let area = layout.panes[.text] {
      drawText(title: selection.map { number(of: $0) } ?? "", in: area, on: &grid)
    }
    guard let area = layout.panes[.list] else { return }
    let order = list.sorting == .order ? "" : ", by \(list.sorting.rawValue)"
    let filter = list.filter.isEmpty ? "" : ", only \(list.filter.head(bytes: 1000))"
    let share = listing.isComplete ? "" : ", \(listing.percent) %"
    let inner = grid.box(
      area, title: "Trajectories\(order)\(filter)\(share)", focused: focus == .list,
      glyphs: Glyphs.of(glyphs))
    let rows = listed
    let (head, body) = inner.split(top: 1)
    let columns = listColumns.filter { $0.from <= inner.columns }
    drawRow(columns.map { Span(padded($0.title, to: $0.width), .heading) }, "problem", head, &grid)
    guard !rows.isEmpty else {
      drawEmptyList(in: body, on: &grid)
      return
    }
    let first = top(of: .list)
    for (row, trajectory) in rows.dropFirst(first).prefix(body.rows).enumerated() {
      let line = body.split(top: row).bottom.split(top: 1).top
      let cells = columns.map { column in
        let span = column.cell(self, trajectory)
        return Span(padded(clip(span.text, to: column.width - 1), to: column.width), span.role)
      }
      drawRow(cells, oneLine(trajectory.problem.prompt.head(bytes: 4000)), line, &grid)
      guard trajectory.id == selection else { continue }
      mark(line: line, on: &grid)
    }
    grid.highlight(search, in: body)
  }

  private func clip(_ text: String, to columns: Int) -> String {
    Workbench.clip(text, to: columns, glyphs: Glyphs.of(glyphs))
  }

  private func drawRow(_ cells: [Span], _ problem: String, _ area: Rect, _ grid: inout Grid) {
    let used = grid.write(cells, row: 0, column: 2, in: area)
    let role: Role = problem == "problem" ? .heading : .text
    let room = area.columns - used - 3
    let text = clip(Self.core(of: inert(problem), columns: room), to: room)
    grid.write(text, row: 0, column: used + 2, in: area, role: role)
  }

  /// What a question asks about, where it is too long: `…the following problem: 4 + 3 =` begins
  /// like all its kind.
  static func core(of problem: String, columns: Int) -> String {
    guard cellWidth(problem) > columns else { return problem }
    var rest = problem[...]
    while let colon = rest.firstIndex(of: ":") {
      let after = rest[rest.index(after: colon)...]
      guard after.first == " ", after.count > 1 else { break }
      rest = after.dropFirst()
    }
    return String(rest)
  }

  /// Shows that a row is the selected one: a pointer, reverse, and the terminal's own cursor.
  func mark(line: Rect, on grid: inout Grid) {
    grid.write(String(Glyphs.of(glyphs).selected), row: 0, in: line, role: .heading)
    grid.select(row: 0, in: line)
    grid.cursor = Point(row: line.row, column: line.column)
  }

  private func drawEmptyList(in area: Rect, on grid: inout Grid) {
    let (text, role) = emptyList
    let lines = wrapped(text, columns: max(1, area.columns - 2))
    for (row, line) in lines.prefix(max(0, area.rows - 1)).enumerated() {
      grid.write(line, row: row + 1, column: 1, in: area, role: role)
    }
  }

  /// What to say in place of rows: never nothing, and what helps.
  private var emptyList: (String, Role) {
    if case .failed(let reason) = engine { return (inert(reason, keepingNewlines: true), .error) }
    if !listing.isComplete { return ("Looked at \(listing.percent) % so far.", .running) }
    if let reading { return (words(for: reading).capitalised + ".", .running) }
    if !list.filter.isEmpty {
      let wish = inert(list.filter.head(bytes: 1000))
      let words = "Nothing fulfils “\(wish)”; \(key(.filter)) changes that"
      return (words + ", Esc lists all.", .dim)
    }
    if let readOnly {
      return ("No trajectory was written down yet. Read-only: \(readOnly)", .dim)
    }
    let keys =
      "\(key(.ask)) asks a problem of your own, \(key(.draw)) draws problems, "
      + "\(key(.train)) trains."
    guard engine == .loading else { return ("No trajectory yet: " + keys, .dim) }
    let share = (progress?.percent).map { " \($0) %." } ?? ""
    let work = inert(progress?.label ?? "loading the policy")
    return ("\(work.capitalised):\(share) You may ask already: \(keys)", .running)
  }

  private var listColumns: [ListColumn] {
    [
      ListColumn(title: "#", width: 5, from: 0) { state, one in
        Span(state.number(of: one.id))
      },
      ListColumn(title: "reward", width: 8, from: 0) { state, one in state.rewardSpan(one) },
      ListColumn(title: "chain", width: 6, from: 56) { state, one in state.chainSpan(one) },
      ListColumn(title: "critical", width: 9, from: 0) { state, one in state.criticalSpan(one) },
      ListColumn(title: "mark", width: 8, from: 0) { state, one in state.markSpan(one.id) },
      ListColumn(title: "steps", width: 6, from: 66) { _, one in Span("\(one.steps.count)") },
      ListColumn(title: "tok", width: 4, from: 90) { _, one in
        Span("\(one.responseTokens.count)")
      },
      ListColumn(title: "upd", width: 4, from: 60) { _, one in Span("\(one.policyVersion)", .dim) },
      ListColumn(title: "from", width: 9, from: 76) { state, one in state.originSpan(one) },
    ]
  }
}

// Facts about a trajectory as a word with a sign, so that colour says nothing alone.
extension WorkbenchState {
  func rewardSpan(_ trajectory: Trajectory) -> Span {
    guard !isVeiled(trajectory.id) else { return Span("hidden", .dim) }
    let reward = trajectory.reward
    if trajectory.problem.isAgreement {
      return reward >= 0.5
        ? Span("= same", .right) : Span(glyphs == .ascii ? "~ other" : "≠ other", .wrong)
    }
    if reward >= 1 { return Span("+ right", .right) }
    if reward <= 0 { return Span("\(Glyphs.of(glyphs).minus) wrong", .wrong) }
    return Span("\(share(reward)) part", reward >= 0.5 ? .right : .wrong)
  }

  func chainSpan(_ trajectory: Trajectory) -> Span {
    guard !isVeiled(trajectory.id) else { return Span("", .dim) }
    if luck(of: trajectory) != nil { return Span("lucky", .warning) }
    return switch trajectory.chainCorrect {
    case nil: Span("", .dim)
    case true?: Span("sound", .right)
    case false?: Span("slip", .wrong)
    }
  }

  func criticalSpan(_ trajectory: Trajectory) -> Span {
    guard !isVeiled(trajectory.id) else { return Span("hidden", .dim) }
    guard let proposal = proposal(for: trajectory.id) else {
      return valuation(of: trajectory.id) == nil ? Span("unvalued", .dim) : Span("valued", .dim)
    }
    guard let step = proposal.proposed else { return Span("unclear", .dim) }
    guard step == proposal.leader else { return Span("\(step + 1)", .text) }
    let sign = signed(proposal.advantage, glyphs: Glyphs.of(glyphs))
    guard proposal.step != nil else { return Span("\(step + 1) \(sign)?", .barUnsure) }
    return Span("\(step + 1) \(sign)", proposal.advantage < 0 ? .barNegative : .barPositive)
  }

  func markSpan(_ id: String) -> Span {
    let glyphs = Glyphs.of(glyphs)
    guard let mark = mark(of: id) else {
      return proposal(for: id)?.proposed == nil
        ? Span("", .dim) : Span(String(glyphs.proposed), .stepProposed)
    }
    return mark.kind == .rejected
      ? Span("\(glyphs.rejected) no \(mark.step + 1)", .stepRejected)
      : Span("\(glyphs.confirmed) \(mark.step + 1)", .stepConfirmed)
  }

  func originSpan(_ trajectory: Trajectory) -> Span {
    if trajectory.truncated { return Span("cut off", .warning) }
    guard let fork = trajectory.forkedFrom else { return Span("", .dim) }
    return Span("of \(number(of: fork.trajectory))@\(fork.step + 1)", .dim)
  }
}

// The text beside the list of trajectories: problem, answer, what is known.
extension WorkbenchState {
  func trajectoryBlocks(columns: Int) -> [TextBlock] {
    if let partialAnswer { return blocks(of: partialAnswer) }
    guard let trajectory else { return [.lines([[Span("Nothing is selected.", .dim)]])] }
    let origin = origin(of: trajectory, columns: columns)
    let outcome = [[rewardSpan(trajectory), Span("  "), chainSpan(trajectory)]]
    let style = StepStyle(isVeiled: isVeiled, hidesEnd: !raw && !trajectory.truncated)
    return [
      .paragraph(trajectory.problem.prompt, .heading), answerBlock(of: trajectory.problem),
      .lines(outcome + origin + [[]]),
      trajectory.steps.isEmpty
        ? .lines([[Span("The answer is empty.", .dim)]]) : .steps(trajectory.steps, style),
    ]
  }

  private func blocks(of answer: PartialAnswer) -> [TextBlock] {
    [
      .paragraph(answer.prompt, .heading),
      .lines([[Span("being answered, \(answer.tokens) tokens so far", .running)], []]),
      .paragraph(answer.text, .text),
    ]
  }

  /// The right answer, or what stands in its place where nobody knows it.
  func answerBlock(of problem: Problem) -> TextBlock {
    let answer = oneLine(problem.reference.head(bytes: 20_000))
    let words =
      answer.isEmpty && problem.isOwn
      ? "right answer not known"
      : problem.isAgreement
        ? "right answer not known; values say how often rollouts end on the same: \(answer)"
        : "right answer \(answer)"
    return .paragraph(words, .dim)
  }

  private func origin(of trajectory: Trajectory, columns: Int) -> [[Span]] {
    var words = "\(trajectory.responseTokens.count) tokens, update \(trajectory.policyVersion)"
    words += ", seed \(trajectory.seed), \(trajectory.id)"
    if let fork = trajectory.forkedFrom {
      words += ", forked from \(number(of: fork.trajectory)) at step \(fork.step + 1)"
    }
    let cut =
      trajectory.truncated
      ? paragraph("cut off by the length limit", columns: columns, role: .warning) : []
    return paragraph(words, columns: columns, role: .dim) + cut
  }

  /// Untrusted text that is not long as lines of one role.
  func paragraph(_ text: String, columns: Int, role: Role) -> [[Span]] {
    var layout = ParagraphLayout(text, .init(columns: columns))
    var budget = 0
    var lines: [String] = []
    while !layout.isComplete { lines += layout.goOn(&budget) }
    return lines.map { [Span($0, role)] }
  }
}
