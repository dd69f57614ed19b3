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

extension ScreenName {
  /// One trajectory, step by step.
  public static let inspect = ScreenName("inspect", InspectScreen.self)
}

extension Command {
  /// One trajectory, step by step.
  public static let inspect = Command(ScreenName.inspect.rawValue)
}

/// The steps of a trajectory with what each did, beside all that is known of the chosen one.
struct InspectScreen: Screen {
  let state: WorkbenchState
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  static let key: ScreenKey? = ScreenKey(
    keys: "2", help: "The steps of a trajectory", hint: "inspect")
  static let commands = judging

  static let hasTwoPanes = true
  static let headerRows = 1

  static func panes(_ state: WorkbenchState, in body: Rect) -> [Pane: Rect] {
    // Sentences are read in wide lines; short lines leave room for a text beside them.
    Layout.listAndText(
      state, in: body, wide: state.isProse ? 160 : 100,
      wanted: (state.trajectory?.steps.count ?? 0) + 3)
  }

  static func titleWords(_ state: WorkbenchState) -> [String] {
    [TitleLine(state: state).taskWords, state.selection.map { state.number(of: $0) } ?? ""]
  }

  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent {
    ListExtent(count: state.trajectory?.steps.count ?? 0, cursor: state.step)
  }

  static func text(_ state: WorkbenchState, columns: Int) -> [TextBlock] {
    StepText(state: state, columns: columns).blocks
  }

  static func legend(_ state: WorkbenchState) -> [Span] {
    guard !state.isVeiled else { return [] }
    let glyphs = Glyphs.of(state.glyphs)
    let marks = StatusLine.markLegend(glyphs)
    guard state.stepSheet.of(state.trajectory?.steps ?? []).hasWrong else { return marks }
    return marks + [Span("  " + String(glyphs.wrong), .wrong), Span(" wrong", .dim)]
  }

  static func hints(_ state: WorkbenchState) -> [Command] {
    if state.isVeiled { return [.mark, .chooseNone, .nextTrajectory, .split, .join, .blind] }
    if state.blind.isOn {
      return [.nextTrajectory, .agreement, .estimate, .mark, .confirm, .reset, .fresh, .blind]
    }
    return [
      .estimate, .mark, .confirm, .reject, .reset, .sample, .fresh, .locate, .train, .compare,
      .split, .join, .blind,
    ]
  }

  // MARK: keys

  static func moveRows(_ state: inout WorkbenchState, by rows: Int) { state.moveStep(by: rows) }

  static func choose(row: Int, column: Int, _ state: inout WorkbenchState) -> Bool {
    guard state.trajectory?.steps.indices.contains(row) == true else { return false }
    state.move(to: row)
    return true
  }

  /// Opens the branches that leave the step.
  static func open(_ state: inout WorkbenchState) -> [Request] {
    guard let selection = state.selection else { return [] }
    guard let first = state.branches(of: selection, at: state.step).first else {
      state.tell("No branches leave this step; \(state.key(.reset)) draws some.")
      return []
    }
    state.enter(.branches)
    state.branches.cursor = first.id
    return []
  }

  static func run(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request]? {
    switch command {
    case .mark, .confirm, .reject, .clear: return judge(command, &state)
    case .undo: return state.undo()
    case .redo: return [.redo]
    case .blind: state.changeBlindness()
    case .chooseNone: return state.label(as: nil)
    case .split, .join: return cut(command, argument, &state)
    default: return nil
    }
    return []
  }

  static func obstacle(to command: Command, _ state: WorkbenchState) -> String? {
    judgingObstacle(to: command, state) ?? cuttingObstacle(to: command, state)
  }

  // MARK: search

  /// The trajectory in front comes last where it is not listed.
  static func searchedRows(_ state: WorkbenchState) -> Int {
    let isListed = state.selection.flatMap { state.row(of: $0) } != nil
    return state.list.listing.listedCount + (isListed ? 0 : 1)
  }

  static func searched(row: Int, _ state: WorkbenchState) -> Trajectory? {
    let rows = state.listed
    return rows.indices.contains(row) ? rows[row] : state.trajectory
  }

  static let searchesSteps = true

  static func searchPlace(_ state: WorkbenchState) -> SearchWalk.Place? {
    guard state.trajectory?.steps.isEmpty == false else { return nil }
    let row = state.selection.flatMap { state.row(of: $0) } ?? state.list.listing.listedCount
    return SearchWalk.Place(row: row, step: state.step)
  }

  // MARK: drawing

  func draw(in layout: Layout, on grid: inout Grid) {
    if let area = layout.panes[.text] {
      state.drawText(title: stepTitle, in: area, on: &grid)
    }
    guard let area = layout.panes[.list] else { return }
    let inner = grid.box(area, title: stepsTitle, focused: state.focus == .list, glyphs: glyphs)
    guard let trajectory = state.trajectory, !trajectory.steps.isEmpty else {
      let words =
        state.trajectory == nil ? emptyInspect : "This answer is empty: it has no steps."
      grid.write(words, row: 0, column: 1, in: inner, role: .dim)
      return
    }
    let columns = stepColumns(of: trajectory, within: inner.columns)
    let (head, body) = inner.split(top: 1)
    drawHead(columns, in: head, on: &grid)
    let first = state.top(of: .list)
    for row in 0..<min(body.rows, trajectory.steps.count - first) {
      let line = body.split(top: row).bottom.split(top: 1).top
      draw(step: first + row, of: trajectory, columns, in: line, on: &grid)
      if first + row == state.step { grid.point(at: line, glyphs: glyphs) }
    }
    grid.highlight(state.search.text, in: body)
  }

  private var stepTitle: String {
    guard let trajectory = state.trajectory, trajectory.steps.indices.contains(state.step) else {
      return "Step"
    }
    let text = oneLine(state.shownText(of: state.step, in: trajectory).head(bytes: 4000))
    return "Step \(state.step + 1) of \(trajectory.steps.count): \(text)"
  }

  private func stepColumns(of trajectory: Trajectory, within columns: Int) -> StepColumns {
    let sheet = state.stepSheet.of(trajectory.steps)
    // Sentences take the room of numbers that are not there.
    let isBare = state.valuation(of: trajectory.id) == nil && sheet.isProse
    guard !state.isVeiled(trajectory.id), !isBare else { return StepColumns(textAlone: columns) }
    return StepColumns(columns: columns, longest: sheet.longest)
  }

  private var emptyInspect: String {
    "No trajectory yet: \(state.key(.trajectories)) shows the list, \(state.key(.train)) trains."
  }

  private var stepsTitle: String {
    guard let selection = state.selection, let trajectory = state.trajectory else { return "Steps" }
    let outcome = state.rewardSpan(trajectory).text
    var words = ["Steps", state.isVeiled ? outcome : String(outcome.dropFirst(2))]
    if let valuation = state.valuation(of: selection) {
      let counts = valuation.values.dropLast().map(\.rollouts)
      let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
      words.append(least == most ? "\(least) rollouts a step" : "\(least) to \(most) rollouts")
    }
    if let proposal = state.proposal(for: selection) {
      words.insert(state.ruleWords(proposal.rule), at: 1)
    }
    let dash = state.glyphs == .ascii ? " - " : " ─ "
    return words.joined(separator: dash)
  }

  private func drawHead(_ columns: StepColumns, in area: Rect, on grid: inout Grid) {
    grid.write("  #  step", row: 0, in: area, role: .heading)
    if columns.bar > 0 {
      let start = 6 + columns.text
      let minus = String(glyphs.minus)
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
    grid.write(aligned("\(step + 1)", to: 4), row: 0, in: area, role: .dim)
    // Colour says nothing alone.
    let isWrong = !state.isVeiled(trajectory.id) && trajectory.steps[step].verdict == .wrong
    if isWrong { grid.write(String(glyphs.wrong), row: 0, column: 4, in: area, role: .wrong) }
    let text = clip(
      inert(oneLine(state.shownText(of: step, in: trajectory).head(bytes: 4000))),
      to: columns.text - 1, glyphs: glyphs)
    grid.write(text, row: 0, column: 6, in: area, role: stepRole(step, of: trajectory))
    if columns.hasNumbers { drawNumbers(of: step, in: trajectory.id, columns, area, on: &grid) }
    let (marker, role) = state.marker(of: step, in: trajectory.id)
    grid.write(marker, row: 0, column: area.columns - 2, in: area, role: role)
  }

  private func drawNumbers(
    of step: Int, in id: String, _ columns: StepColumns, _ area: Rect, on grid: inout Grid
  ) {
    let start = 6 + columns.text
    let numbers = area.columns - 21
    let value = state.valuation(of: id).flatMap { valuation in
      valuation.values.indices.contains(step) ? valuation.values[step] : nil
    }
    if let credit = state.credit(of: step, in: id) {
      if columns.bar > 0 {
        let place = Point(row: area.row, column: area.column + start)
        AdvantageBar(value: credit.advantage, isSure: credit.sure, glyphs: glyphs)
          .draw(at: place, columns: columns.bar, on: &grid)
      }
      let role: Role =
        !credit.sure ? .barUnsure : credit.advantage < 0 ? .barNegative : .barPositive
      let number = aligned(signed(credit.advantage, glyphs: glyphs), to: 7)
      grid.write(number, row: 0, column: numbers, in: area, role: role)
    } else {
      drawUnknown(columns, start: start, in: area, on: &grid)
    }
    // A value under an earlier policy stands in for one that is missing, and looks like it.
    let earlier = state.earlierValues(of: id, boundary: step).last?.value
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
    grid[area.row, axis] = Cell(character: glyphs.axis, role: .axis)
  }

  private func stepRole(_ step: Int, of trajectory: Trajectory) -> Role {
    guard !state.isVeiled(trajectory.id) else { return .text }
    return switch trajectory.steps[step].verdict {
    case .wrong: .wrong
    case .inherited: .dim
    case .right, nil: .text
    }
  }
}

// A person's word on the critical step; it counts once its event comes back.
extension InspectScreen {
  /// The keys of what a person says of steps.
  static let judging = [
    Keymap.row(
      .critical, .mark, "m", "Mark this step as the critical one; training resets there",
      hint: "mark", on: [.inspect], changes: true),
    Keymap.row(
      .critical, .confirm, "c", "Confirm the step that the rule proposes", hint: "confirm",
      on: [.trajectories, .inspect], changes: true),
    Keymap.row(
      .critical, .reject, "x", "Reject it; the trajectory is not reset", hint: "reject",
      on: [.trajectories, .inspect], changes: true),
    Keymap.row(
      .critical, .clear, "X", "Take your word on this trajectory back",
      on: [.trajectories, .inspect], changes: true),
    Keymap.row(.critical, .undo, "u", "Undo the newest mark or cut", hint: "undo", changes: true),
    Keymap.row(.critical, .redo, "Ctrl-R", "Put the mark or cut undone last back", changes: true),
    Keymap.row(
      .critical, .blind, "B", "Hide what is known until you have chosen, or show it again",
      hint: "blind", on: Keymap.aboutOne),
    Keymap.row(
      .critical, .chooseNone, "M", "In blind mode: no step of this trajectory is critical",
      hint: "none", on: [.inspect], changes: true),
    Keymap.row(
      .critical, .split, "|", "Split this step at a place to choose, or after N tokens",
      hint: "split", argument: "N", on: [.inspect], changes: true),
    Keymap.row(
      .critical, .join, "J", "Join this step with the next; values that survive are kept",
      hint: "join", on: [.inspect], changes: true),
  ]

  static func judge(_ command: Command, _ state: inout WorkbenchState) -> [Request] {
    guard let selection = state.selection else { return [] }
    if state.isVeiled, command == .mark { return state.label(as: state.step) }
    let proposal = state.proposal(for: selection)
    let standing = state.mark(of: selection)
    switch command {
    case .mark:
      return say(Mark(trajectory: selection, step: state.step, kind: .marked), &state)
    case .confirm:
      guard let step = proposal?.proposed else { return [] }
      return say(Mark(trajectory: selection, step: step, kind: .confirmed), &state)
    case .reject:
      guard let step = standing?.step ?? proposal?.proposed else { return [] }
      return say(Mark(trajectory: selection, step: step, kind: .rejected), &state)
    default:
      guard let standing else { return [] }
      return say(Mark(trajectory: selection, step: standing.step, kind: .cleared), &state)
    }
  }

  private static func say(_ mark: Mark, _ state: inout WorkbenchState) -> [Request] {
    guard state.history.mark(of: mark.trajectory) != mark else {
      state.tell("This was already said of step \(mark.step + 1).")
      return []
    }
    return [.mark(mark)]
  }

  /// Why a word on the trajectory in front makes no sense; nil where it does.
  static func judgingObstacle(to command: Command, _ state: WorkbenchState) -> String? {
    switch command {
    case .undo:
      guard state.history.words.isEmpty, state.trainingBegan == nil else { return nil }
      return "There is no mark or cut to undo."
    case .redo:
      return state.history.undoneWords.isEmpty ? "No mark or cut was undone." : nil
    default: break
    }
    guard let selection = state.selection else { return nil }
    switch command {
    case .confirm: return confirmObstacle(of: selection, state)
    case .reject:
      return state.mark(of: selection) == nil ? confirmObstacle(of: selection, state) : nil
    case .clear:
      return state.mark(of: selection) == nil ? "You said nothing of this one." : nil
    default: return nil
    }
  }

  private static func confirmObstacle(of id: String, _ state: WorkbenchState) -> String? {
    guard let proposal = state.proposal(for: id) else {
      return "No step is proposed: \(state.key(.estimate)) values the steps first."
    }
    guard proposal.proposed == nil else { return nil }
    return "None is clear: \(state.key(.locate)) draws more rollouts, "
      + "\(state.key(.mark)) marks one yourself."
  }
}
