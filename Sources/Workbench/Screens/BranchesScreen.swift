import Trajectories

extension WorkbenchState {
  func drawBranches(in layout: Layout, on grid: inout Grid) {
    if let area = layout.panes[.text] {
      drawText(title: branch.map { number(of: $0) } ?? "", in: area, on: &grid)
    }
    guard let area = layout.panes[.list] else { return }
    let glyphs = Glyphs.of(glyphs)
    let inner = grid.box(area, title: "Branches", focused: focus == .list, glyphs: glyphs)
    let rows = branchRows(of: self)
    guard !rows.isEmpty else {
      let words = "No trajectory yet: \(key(.trajectories)) shows the list."
      grid.write(words, row: 0, column: 1, in: inner, role: .dim)
      return
    }
    let first = top(of: .list)
    for (place, row) in rows.dropFirst(first).prefix(inner.rows).enumerated() {
      let line = inner.split(top: place).bottom.split(top: 1).top
      draw(row, in: line, on: &grid)
      if row.id == branch { mark(line: line, on: &grid) }
    }
    if rows.count == 1, inner.rows > 2 {
      let step = resetHint
      grid.write("No branches yet: \(step)", row: 2, column: 2, in: inner, role: .dim)
    }
    grid.highlight(search, in: inner)
  }

  private var resetHint: String {
    "\(key(.inspect)) shows the steps, \(key(.reset)) there draws branches."
  }

  private func draw(_ row: BranchRow, in area: Rect, on grid: inout Grid) {
    switch row {
    case .trajectory(let id, let lead):
      guard let trajectory = anyTrajectory(id) else { return }
      let number = history.trajectory(id) == nil ? "new" : number(of: id)
      let lines = [
        Span(lead.isEmpty ? "" : lead + " ", .border), Span(number + " ", .dim),
        rewardSpan(trajectory), Span("  "),
      ]
      let used = grid.write(lines, row: 0, column: 2, in: area)
      let text = branchSummary(trajectory)
      grid.write(text, row: 0, column: used + 2, in: area)
    case .fork(let parent, let step, let lead):
      grid.write([Span(lead + " ", .border)] + forkSpans(parent, step), row: 0, column: 2, in: area)
    }
  }

  /// The part of a branch that is its own, its first difference standing out.
  private func branchSummary(_ trajectory: Trajectory) -> [Span] {
    guard let fork = trajectory.forkedFrom else {
      return [Span(oneLine(trajectory.problem.prompt.head(bytes: 4000)))]
    }
    let difference = firstDivergence(of: trajectory)
    var spans: [Span] = []
    var room = 4000
    for place in max(0, fork.step)..<max(0, fork.step, trajectory.steps.count) where room > 0 {
      let role: Role = place == difference ? .match : .dim
      let text = trajectory.steps[place].text.head(bytes: room)
      room -= text.utf8.count + 1
      spans.append(Span(oneLine(text), role))
      spans.append(Span("  ", .dim))
    }
    if difference == nil { spans.append(Span("the same again", .dim)) }
    return spans
  }

  /// A fork in words: how many branches, and what their rewards say of the value there.
  private func forkSpans(_ parent: String, _ step: Int) -> [Span] {
    let children = branches(of: parent, at: step)
    let right = children.count { $0.reward >= 0.5 }
    let word = children.first?.problem.isAgreement == true ? "the same" : "right"
    var spans = [
      Span("step \(step + 1) ", .heading), Span("\(children.count) branches, \(right) \(word)"),
    ]
    let drawn = children.byPolicy
    for (version, group) in drawn {
      guard let value = ChildValue(rewards: group.map(\.reward)) else { continue }
      let under = drawn.count == 1 ? "" : "update \(version): "
      let numbers = "\(under)V \(share(value.mean)) \(interval(value.low, value.high))"
      spans.append(Span("  " + numbers, version == drawn.last?.version ? .text : .dim))
    }
    if let valuation = valuation(of: parent), valuation.values.indices.contains(step) {
      let known = valuation.values[step]
      if known.rollouts > 0 {
        spans.append(Span("  estimate \(share(known.mean)), n \(known.rollouts)", .dim))
      }
    }
    return spans
  }

  /// The branch under the cursor beside what it left.
  func branchBlocks(columns: Int) -> [TextBlock] {
    guard let branch, let shown = anyTrajectory(branch) else {
      return [.lines([[Span("No branch is selected.", .dim)]])]
    }
    var head = [rewardSpan(shown), Span("  "), chainSpan(shown)]
    guard let fork = shown.forkedFrom, let parent = anyTrajectory(fork.trajectory) else {
      return [
        .lines([head]), .paragraph(shown.problem.prompt, .heading),
        .steps(shown.steps, StepStyle()),
      ]
    }
    head.append(Span("  left \(number(of: parent.id)) before step \(fork.step + 1)", .dim))
    guard let difference = firstDivergence(of: shown) else {
      let same = [Span("It says the same as what it left.", .dim)]
      let style = StepStyle(branch: .init(fork: .max, difference: nil))
      return [.lines([head, same]), .steps(shown.steps, style)]
    }
    let was = counterpart(of: difference, of: shown, in: parent)
    let isNow = shown.steps.indices.contains(difference) ? shown.steps[difference].text : ""
    let style = StepStyle(branch: .init(fork: fork.step, difference: difference))
    return [
      .lines([head, [Span("they part at step \(difference + 1)", .heading)]]),
      .paragraph("was  " + orEnd(was), .dim), .paragraph("now  " + orEnd(isNow), .match),
      .lines([[]]), .steps(shown.steps, style),
    ]
  }

  /// What the parent says at a step of a branch.
  private func counterpart(of step: Int, of branch: Trajectory, in parent: Trajectory) -> String {
    let isRecut = history.isRecut(parent.id) || history.isRecut(branch.id)
    let place =
      isRecut && branch.steps.indices.contains(step)
      ? parent.steps.place(ofToken: branch.steps[step].start) : step
    return parent.steps.indices.contains(place) ? parent.steps[place].text : ""
  }

  private func orEnd(_ text: String) -> String { text.isEmpty ? "(the end)" : text }
}
