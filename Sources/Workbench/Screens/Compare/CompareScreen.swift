import Trajectories

extension ScreenName {
  /// One step under two versions of the policy.
  public static let compare = ScreenName("compare", CompareScreen.self)
}

extension Command {
  /// One step under two versions of the policy.
  public static let compare = Command(ScreenName.compare.rawValue)
}

/// What a person compares on the Compare screen.
public struct CompareView: Equatable, Sendable {
  /// Updates the first policy had seen; nil until chosen.
  public var first: Int?
  /// Updates the second policy had seen; nil until chosen.
  public var second: Int?
  /// Whether the second of the two is being chosen.
  public var choosingSecond = true
}

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
struct CompareScreen: Screen {
  let state: WorkbenchState
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  static let key: ScreenKey? = ScreenKey(
    keys: "5", help: "A step under two versions of the policy", hint: "compare")
  static let showsValues = true

  static let commands = [
    Keymap.row(
      .values, .measure, "e Enter", "Value the step under both versions", hint: "measure",
      argument: "FIRST SECOND", on: [.compare], changes: true)
  ]

  static func titleWords(_ state: WorkbenchState) -> [String] {
    [state.selection.map { state.number(of: $0) } ?? "", ScreenName.compare.title]
  }

  static func hints(_ state: WorkbenchState) -> [Command] { [.measure, .focus, .back, .inspect] }

  // MARK: keys

  static func moveRows(_ state: inout WorkbenchState, by rows: Int) { state.moveStep(by: rows) }

  /// Takes the next or an earlier version for the one of the two that is being chosen.
  static func moveAlong(_ state: inout WorkbenchState, by places: Int) {
    guard let now = state.comparedVersions else { return }
    let versions = state.comparableVersions
    let present = state.compare.choosingSecond ? now.second : now.first
    guard let place = versions.firstIndex(of: present) else { return }
    let offset = min(max(places, -10_000), 10_000)
    let chosen = versions[min(max(0, place + offset), versions.count - 1)]
    if state.compare.choosingSecond {
      state.compare.second = chosen
    } else {
      state.compare.first = chosen
    }
  }

  static func changeFocus(_ state: inout WorkbenchState) { state.compare.choosingSecond.toggle() }

  static func obstacle(to command: Command, _ state: WorkbenchState) -> String? {
    guard command == .measure, state.comparableVersions.count < 2 else { return nil }
    return "There is one version only; \(state.key(.train)) trains on."
  }

  static func run(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request]? {
    command == .measure ? state.begin(.measure, measure(argument, &state), argument) : nil
  }

  private static func measure(_ argument: String, _ state: inout WorkbenchState) -> [Request] {
    let words = argument.split(separator: " ").map { Int($0) }
    if !words.isEmpty {
      let known = state.comparableVersions
      guard words.count == 2, let first = words[0], let second = words[1],
        known.contains(first), known.contains(second)
      else {
        let versions = known.map(String.init).joined(separator: ", ")
        state.tell("Say two of \(versions), such as :measure 0 \(known.last ?? 0)", .warning)
        return []
      }
      (state.compare.first, state.compare.second) = (first, second)
    }
    guard let comparison = state.comparison else {
      state.tell(
        "Choose two versions: \(state.key(.previous)) and \(state.key(.next)) change the one, "
          + "\(state.key(.focus)) goes to the other.", .warning)
      return []
    }
    return [comparison]
  }

  // MARK: drawing

  func draw(in layout: Layout, on grid: inout Grid) {
    let area = layout.body.split(left: 1).right
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

  // MARK: the table: a row a quantity, a column a version, and the difference

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

  // MARK: the values with their intervals, on an axis from 0 to 1

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
