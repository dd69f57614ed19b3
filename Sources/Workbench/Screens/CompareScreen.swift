import Trajectories

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
