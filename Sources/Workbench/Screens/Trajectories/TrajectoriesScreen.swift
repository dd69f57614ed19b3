import Trajectories

extension ScreenName {
  /// The list of trajectories.
  public static let trajectories = ScreenName("trajectories", TrajectoriesScreen.self)
}

extension Command {
  /// The list of trajectories.
  public static let trajectories = Command(ScreenName.trajectories.rawValue)
}

/// How trajectories are listed, and where a person is in the list.
public struct TrajectoryList: Equatable, Sendable {
  /// What they are ordered by.
  public enum Sorting: String, CaseIterable, Equatable, Sendable {
    /// The order in which they came.
    case order
    /// Reward.
    case reward
    /// Number of steps.
    case steps
    /// Tokens of the response.
    case length
    /// Size of the critical step's advantage.
    case critical
    /// Version of the policy.
    case update
  }
  /// What they are ordered by.
  public var sorting = Sorting.order
  /// Whether the largest comes first.
  public var descending = false
  /// Words that a trajectory must fulfil; empty lists all.
  public var filter = ""
  /// Row of the selected trajectory when it was last there.
  public var row = 0
  /// The trajectories that are listed so, as far as it is worked out.
  @Derived var listing = Listing()
  /// What is told once that is worked out.
  var awaited: AwaitedCount?
  /// Whether the text pane shows the end of an answer on its way; a reader who scrolls up stops it.
  var followsAnswer = true

  /// All trajectories, in the order in which they came.
  public init() {}
}

/// A column of the list of trajectories.
private struct ListColumn {
  var title: String
  var width: Int
  /// What it takes before it is shown: columns of the list.
  var from: Int
  var cell: (WorkbenchState, Trajectory) -> Span
}

/// The list of trajectories, filtered and ordered, beside the text of the chosen one.
struct TrajectoriesScreen: Screen {
  let state: WorkbenchState
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  static let key: ScreenKey? = ScreenKey(
    keys: "1", help: "The list of trajectories", hint: "list")

  static let commands = [
    Keymap.row(
      .find, .filter, "F",
      "List only some: right, wrong, chain-right, lucky, marked, valued, unvalued, forked, "
        + "truncated, update:N, group:NAME or any text; empty lists all",
      hint: "filter", argument: "WORDS", on: [.trajectories, .training]),
    Keymap.row(
      .find, .sort, "o", "Order by order, reward, steps, length, critical or update",
      hint: "sort", argument: "BY", on: [.trajectories]),
    Keymap.row(.find, .reverse, "O", "Turn the order round", on: [.trajectories]),
  ]

  static let isLowest = true
  static let hasTwoPanes = true
  static let headerRows = 1

  static func panes(_ state: WorkbenchState, in body: Rect) -> [Pane: Rect] {
    Layout.listAndText(state, in: body)
  }

  static func titleWords(_ state: WorkbenchState) -> [String] {
    let count = state.history.trajectories.count
    let share = "\(state.list.listing.listedCount) of \(count)"
    return [
      TitleLine(state: state).taskWords, state.list.filter.isEmpty ? "\(count) in all" : share,
    ]
  }

  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent {
    ListExtent(count: state.list.listing.listedCount, cursor: state.list.row)
  }

  static func text(_ state: WorkbenchState, columns: Int) -> [TextBlock] {
    TrajectoriesScreen(state: state).text(columns: columns)
  }

  static func legend(_ state: WorkbenchState) -> [Span] {
    StatusLine.markLegend(Glyphs.of(state.glyphs))
  }

  static func hints(_ state: WorkbenchState) -> [Command] {
    guard !state.history.trajectories.isEmpty else {
      return [.ask, .draw, .train, .training, .recipe]
    }
    return [
      .open, .estimate, .filter, .sort, .search, .ask, .draw, .train, .training, .confirm, .undo,
    ]
  }

  // MARK: keys

  static func moveRows(_ state: inout WorkbenchState, by rows: Int) {
    state.moveTrajectory(by: rows)
  }

  static func choose(row: Int, column: Int, _ state: inout WorkbenchState) -> Bool {
    let rows = state.listed
    guard rows.indices.contains(row) else { return false }
    state.select(rows[row].id)
    return true
  }

  static func open(_ state: inout WorkbenchState) -> [Request] {
    guard let selection = state.selection else {
      state.tell("There is no trajectory to open yet.")
      return []
    }
    state.enter(.inspect)
    state.step = state.bestStep(of: selection)
    return []
  }

  static func run(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request]? {
    switch command {
    case .filter: state.mode = .prompt(Prompt(kind: .filter, text: state.list.filter))
    case .reverse:
      state.list.descending.toggle()
      tellOrder(&state)
    case .sort: sort(by: argument, &state)
    default: return nil
    }
    return []
  }

  /// Orders by what was named, or by the next.
  private static func sort(by name: String, _ state: inout WorkbenchState) {
    let all = TrajectoryList.Sorting.allCases
    if name.isEmpty {
      let place = all.firstIndex(of: state.list.sorting) ?? 0
      state.list.sorting = all[(place + 1) % all.count]
    } else if let sorting = TrajectoryList.Sorting(rawValue: name) {
      state.list.sorting = sorting
    } else {
      let names = all.map(\.rawValue).joined(separator: ", ")
      state.tell("There is no order “\(inert(name))”; there are \(names).", .warning)
      return
    }
    // The first of what one orders by is what one looks for: the most of it.
    state.list.descending = state.list.sorting != .order
    tellOrder(&state)
  }

  private static func tellOrder(_ state: inout WorkbenchState) {
    state.relist()
    let direction = state.list.descending ? "largest first" : "smallest first"
    state.tell("Ordered by \(state.list.sorting.rawValue), \(direction).")
  }

  // MARK: the list

  func draw(in layout: Layout, on grid: inout Grid) {
    if let area = layout.panes[.text] {
      state.drawText(
        title: state.selection.map { state.number(of: $0) } ?? "", in: area, on: &grid)
    }
    guard let area = layout.panes[.list] else { return }
    let inner = grid.box(area, title: title, focused: state.focus == .list, glyphs: glyphs)
    let rows = state.listed
    let (head, body) = inner.split(top: 1)
    let columns = Self.columns.filter { $0.from <= inner.columns }
    drawRow(columns.map { Span(padded($0.title, to: $0.width), .heading) }, "problem", head, &grid)
    guard !rows.isEmpty else {
      drawEmptyList(in: body, on: &grid)
      return
    }
    let first = state.top(of: .list)
    for (row, trajectory) in rows.dropFirst(first).prefix(body.rows).enumerated() {
      let line = body.split(top: row).bottom.split(top: 1).top
      let cells = columns.map { column in
        let span = column.cell(state, trajectory)
        return Span(padded(clip(span.text, to: column.width - 1), to: column.width), span.role)
      }
      drawRow(cells, oneLine(trajectory.problem.prompt.head(bytes: 4000)), line, &grid)
      if trajectory.id == state.selection { grid.point(at: line, glyphs: glyphs) }
    }
    grid.highlight(state.search.text, in: body)
  }

  private var title: String {
    let list = state.list
    let order = list.sorting == .order ? "" : ", by \(list.sorting.rawValue)"
    let filter = list.filter.isEmpty ? "" : ", only \(list.filter.head(bytes: 1000))"
    let share = list.listing.isComplete ? "" : ", \(list.listing.percent) %"
    return "Trajectories\(order)\(filter)\(share)"
  }

  private func clip(_ text: String, to columns: Int) -> String {
    Workbench.clip(text, to: columns, glyphs: glyphs)
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

  private func drawEmptyList(in area: Rect, on grid: inout Grid) {
    let (text, role) = emptyList
    let lines = wrapped(text, columns: max(1, area.columns - 2))
    for (row, line) in lines.prefix(max(0, area.rows - 1)).enumerated() {
      grid.write(line, row: row + 1, column: 1, in: area, role: role)
    }
  }

  /// What to say in place of rows: never nothing, and what helps.
  private var emptyList: (String, Role) {
    if case .failed(let reason) = state.engine {
      return (inert(reason, keepingNewlines: true), .error)
    }
    if !state.list.listing.isComplete {
      return ("Looked at \(state.list.listing.percent) % so far.", .running)
    }
    if let reading = state.reading {
      return (reading.words.capitalised + ".", .running)
    }
    if !state.list.filter.isEmpty {
      let wish = inert(state.list.filter.head(bytes: 1000))
      let words = "Nothing fulfils “\(wish)”; \(state.key(.filter)) changes that"
      return (words + ", Esc lists all.", .dim)
    }
    if let readOnly = state.readOnly {
      return ("No trajectory was written down yet. Read-only: \(readOnly)", .dim)
    }
    let keys =
      "\(state.key(.ask)) asks a problem of your own, \(state.key(.draw)) draws problems, "
      + "\(state.key(.train)) trains."
    guard state.engine == .loading else { return ("No trajectory yet: " + keys, .dim) }
    let share = (state.progress?.percent).map { " \($0) %." } ?? ""
    let work = inert(state.progress?.label ?? "loading the policy")
    return ("\(work.capitalised):\(share) You may ask already: \(keys)", .running)
  }

  private static var columns: [ListColumn] {
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
        Span("\(one.length)")
      },
      ListColumn(title: "upd", width: 4, from: 60) { _, one in Span("\(one.policyVersion)", .dim) },
      ListColumn(title: "from", width: 9, from: 76) { state, one in state.originSpan(one) },
    ]
  }

  // MARK: the text: problem, answer, what is known

  private func text(columns: Int) -> [TextBlock] {
    if let partialAnswer = state.partialAnswer { return blocks(of: partialAnswer) }
    guard let trajectory = state.trajectory else {
      return [.lines([[Span("Nothing is selected.", .dim)]])]
    }
    let origin = origin(of: trajectory, columns: columns)
    let outcome = [[state.rewardSpan(trajectory), Span("  "), state.chainSpan(trajectory)]]
    let style = StepStyle(isVeiled: state.isVeiled, hidesEnd: !state.raw && !trajectory.truncated)
    return [
      .paragraph(trajectory.problem.prompt, .heading), .answer(to: trajectory.problem),
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

  private func origin(of trajectory: Trajectory, columns: Int) -> [[Span]] {
    var words = "\(trajectory.lengthWords), update \(trajectory.policyVersion)"
    words += trajectory.origin.map { ", " + Self.words(on: $0) } ?? ", seed \(trajectory.seed)"
    words += ", \(trajectory.id)"
    let problem = trajectory.problem
    if trajectory.origin == nil, problem.task == Problem.fileTask, problem.id != trajectory.id {
      words += ", group \(problem.id)"
    }
    if let fork = trajectory.forkedFrom {
      words += ", forked from \(state.number(of: fork.trajectory)) at step \(fork.step + 1)"
    }
    let cut =
      trajectory.truncated
      ? paragraph("cut off by the length limit", columns: columns, role: .warning) : []
    return paragraph(words, columns: columns, role: .dim) + cut
  }

  /// Where another program's answer comes from, and what may be done with it.
  private static func words(on origin: TrajectoryOrigin) -> String {
    let known =
      switch origin.fidelity {
      case .ids: "exact ids"
      case .text: "whole text, no ids"
      case .stripped: "text without special tokens"
      }
    let numbers = origin.numbers.sorted { $0.key < $1.key }.map {
      "\($0.key) \(fixed($0.value))"
    }
    let group = origin.group.map { ["group \($0)"] } ?? []
    return (["\(origin.format), \(known), \(origin.place)"] + group + numbers)
      .joined(separator: ", ")
  }

  /// Untrusted text that is not long as lines of one role.
  private func paragraph(_ text: String, columns: Int, role: Role) -> [[Span]] {
    var layout = ParagraphLayout(text, .init(columns: columns))
    var budget = 0
    var lines: [String] = []
    while !layout.isComplete { lines += layout.goOn(&budget) }
    return lines.map { [Span($0, role)] }
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
