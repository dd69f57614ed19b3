import Trajectories

extension ScreenName {
  /// The branches of a trajectory as a tree.
  public static let branches = ScreenName("branches", BranchesScreen.self)
}

extension Command {
  /// The branches of a trajectory as a tree.
  public static let branches = Command(ScreenName.branches.rawValue)
}

/// Where a person is on the Branches screen.
public struct BranchesView: Equatable, Sendable {
  /// The branch under the cursor.
  public var cursor: String?
}

/// The tree of branches that a trajectory belongs to, beside what the chosen one changes.
struct BranchesScreen: Screen {
  let state: WorkbenchState
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  static let key: ScreenKey? = ScreenKey(
    keys: "3", help: "The branches of a trajectory", hint: "branches")
  static let hasTwoPanes = true
  static let showsValues = true

  static func panes(_ state: WorkbenchState, in body: Rect) -> [Pane: Rect] {
    Layout.listAndText(state, in: body, wanted: branchRows(of: state).count + 2)
  }

  static func titleWords(_ state: WorkbenchState) -> [String] {
    [state.selection.map { state.number(of: $0) } ?? "", ScreenName.branches.title]
  }

  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent {
    let rows = branchRows(of: state)
    return ListExtent(
      count: rows.count, cursor: rows.firstIndex { $0.id == state.branches.cursor })
  }

  static func text(_ state: WorkbenchState, columns: Int) -> [TextBlock] {
    BranchesScreen(state: state).text
  }

  static func hints(_ state: WorkbenchState) -> [Command] {
    [.open, .reset, .focus, .back, .train]
  }

  // MARK: keys

  static func arrive(_ state: inout WorkbenchState) { state.branches.cursor = state.selection }

  static func follow(_ state: inout WorkbenchState) { state.branches.cursor = state.selection }

  static func bringIntoRange(_ state: inout WorkbenchState) {
    guard state.screen == .branches, state.selection != nil else { return }
    let ids = branchRows(of: state).compactMap(\.id)
    if let cursor = state.branches.cursor, ids.contains(cursor) { return }
    state.branches.cursor = state.selection
  }

  static func moveRows(_ state: inout WorkbenchState, by rows: Int) {
    let ids = branchRows(of: state).compactMap(\.id)
    guard !ids.isEmpty else { return }
    let place = ids.firstIndex { $0 == state.branches.cursor } ?? 0
    state.branches.cursor = ids[place.moved(by: rows, within: ids.count)]
    state.resetText()
  }

  /// To the first child or to the parent.
  static func moveAlong(_ state: inout WorkbenchState, by places: Int) {
    guard let cursor = state.branches.cursor else { return }
    if places > 0, let child = state.allBranches(of: cursor).first {
      state.branches.cursor = child.id
    } else if places < 0, let parent = state.anyTrajectory(cursor)?.forkedFrom?.trajectory,
      state.anyTrajectory(parent) != nil
    {
      state.branches.cursor = parent
    }
    state.resetText()
  }

  static func choose(row: Int, column: Int, _ state: inout WorkbenchState) -> Bool {
    let rows = branchRows(of: state)
    guard rows.indices.contains(row), let id = rows[row].id else { return false }
    state.branches.cursor = id
    state.resetText()
    return true
  }

  static func open(_ state: inout WorkbenchState) -> [Request] {
    guard let branch = state.branches.cursor else { return [] }
    guard let trajectory = state.history.trajectory(branch) else {
      state.tell("This branch is still being drawn.")
      return []
    }
    state.enter(.inspect)
    state.selection = branch
    state.step = state.firstDivergence(of: trajectory) ?? state.bestStep(of: branch)
    return []
  }

  // MARK: search

  static func searchedRows(_ state: WorkbenchState) -> Int { branchRows(of: state).count }

  static func searched(row: Int, _ state: WorkbenchState) -> Trajectory? {
    let rows = branchRows(of: state)
    return rows.indices.contains(row) ? rows[row].id.flatMap { state.anyTrajectory($0) } : nil
  }

  static func searchPlace(_ state: WorkbenchState) -> SearchWalk.Place? {
    guard let cursor = state.branches.cursor else { return nil }
    return branchRows(of: state).firstIndex { $0.id == cursor }.map { SearchWalk.Place(row: $0) }
  }

  static func show(found: Trajectory, step: Int?, _ state: inout WorkbenchState) {
    state.branches.cursor = found.id
    state.resetText()
  }

  // MARK: drawing

  func draw(in layout: Layout, on grid: inout Grid) {
    if let area = layout.panes[.text] {
      state.drawText(
        title: state.branches.cursor.map { state.number(of: $0) } ?? "", in: area, on: &grid)
    }
    guard let area = layout.panes[.list] else { return }
    let inner = grid.box(area, title: "Branches", focused: state.focus == .list, glyphs: glyphs)
    let rows = branchRows(of: state)
    guard !rows.isEmpty else {
      let words = "No trajectory yet: \(state.key(.trajectories)) shows the list."
      grid.write(words, row: 0, column: 1, in: inner, role: .dim)
      return
    }
    let first = state.top(of: .list)
    for (place, row) in rows.dropFirst(first).prefix(inner.rows).enumerated() {
      let line = inner.split(top: place).bottom.split(top: 1).top
      draw(row, in: line, on: &grid)
      if row.id == state.branches.cursor { grid.point(at: line, glyphs: glyphs) }
    }
    if rows.count == 1, inner.rows > 2 {
      grid.write("No branches yet: \(resetHint)", row: 2, column: 2, in: inner, role: .dim)
    }
    grid.highlight(state.search.text, in: inner)
  }

  private var resetHint: String {
    "\(state.key(.inspect)) shows the steps, \(state.key(.reset)) there draws branches."
  }

  private func draw(_ row: BranchRow, in area: Rect, on grid: inout Grid) {
    switch row {
    case .trajectory(let id, let lead):
      guard let trajectory = state.anyTrajectory(id) else { return }
      let number = state.history.trajectory(id) == nil ? "new" : state.number(of: id)
      let lines = [
        Span(lead.isEmpty ? "" : lead + " ", .border), Span(number + " ", .dim),
        state.rewardSpan(trajectory), Span("  "),
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
    let difference = state.firstDivergence(of: trajectory)
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
    let children = state.branches(of: parent, at: step)
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
    if let valuation = state.valuation(of: parent), valuation.values.indices.contains(step) {
      let known = valuation.values[step]
      if known.rollouts > 0 {
        spans.append(Span("  estimate \(share(known.mean)), n \(known.rollouts)", .dim))
      }
    }
    return spans
  }

  /// The branch under the cursor beside what it left.
  private var text: [TextBlock] {
    guard let branch = state.branches.cursor, let shown = state.anyTrajectory(branch) else {
      return [.lines([[Span("No branch is selected.", .dim)]])]
    }
    var head = [state.rewardSpan(shown), Span("  "), state.chainSpan(shown)]
    guard let fork = shown.forkedFrom, let parent = state.anyTrajectory(fork.trajectory) else {
      return [
        .lines([head]), .paragraph(shown.problem.prompt, .heading),
        .steps(shown.steps, StepStyle()),
      ]
    }
    head.append(Span("  left \(state.number(of: parent.id)) before step \(fork.step + 1)", .dim))
    guard let difference = state.firstDivergence(of: shown) else {
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
    let isRecut = state.history.isRecut(parent.id) || state.history.isRecut(branch.id)
    let place =
      isRecut && branch.steps.indices.contains(step)
      ? parent.steps.place(ofToken: branch.steps[step].start) : step
    return parent.steps.indices.contains(place) ? parent.steps[place].text : ""
  }

  private func orEnd(_ text: String) -> String { text.isEmpty ? "(the end)" : text }
}

/// One line of the tree of branches.
enum BranchRow: Equatable, Sendable {
  /// A trajectory, with the lines that lead to it.
  case trajectory(id: String, lead: String)
  /// The place where branches leave a trajectory.
  case fork(parent: String, step: Int, lead: String)

  /// The trajectory of the row; nil for a fork.
  var id: String? {
    if case .trajectory(let id, _) = self { id } else { nil }
  }
}

/// The tree that the selected trajectory belongs to, from its root, line by line.
func branchRows(of state: WorkbenchState) -> [BranchRow] {
  guard let selection = state.selection else { return [] }
  var builder = TreeBuilder(state: state)
  let root = state.root(of: selection)
  builder.add(root, lead: "", below: "")
  return builder.rows
}

private struct TreeBuilder {
  let state: WorkbenchState
  var rows: [BranchRow] = []
  var seen: Set<String> = []

  mutating func add(_ id: String, lead: String, below: String) {
    // A file may hold a circle of forks; each trajectory is shown once.
    guard seen.insert(id).inserted, seen.count < 4096 else { return }
    rows.append(.trajectory(id: id, lead: lead))
    let glyphs = Glyphs.of(state.glyphs)
    let children = state.allBranches(of: id)
    let steps = Set(children.compactMap { $0.forkedFrom?.step }).sorted()
    for (place, step) in steps.enumerated() {
      let last = place + 1 == steps.count
      rows.append(
        .fork(parent: id, step: step, lead: below + (last ? glyphs.lastBranch : glyphs.branch)))
      let inner = below + (last ? "  " : glyphs.trunk)
      let siblings = children.filter { $0.forkedFrom?.step == step }
      for (index, child) in siblings.enumerated() {
        let end = index + 1 == siblings.count
        add(
          child.id, lead: inner + (end ? glyphs.lastBranch : glyphs.branch),
          below: inner + (end ? "  " : glyphs.trunk))
      }
    }
  }
}

extension [Trajectory] {
  /// The same by the policy that drew them, the oldest first; what was drawn by different policies
  /// is never one estimate.
  var byPolicy: [(version: Int, drawn: [Trajectory])] {
    Set(map(\.policyVersion)).sorted().map { version in
      (version, filter { $0.policyVersion == version })
    }
  }
}

extension WorkbenchState {
  /// The trajectory from which all forks lead to this one.
  func root(of id: String) -> String {
    var id = id
    var seen: Set<String> = []
    while seen.insert(id).inserted, let parent = anyTrajectory(id)?.forkedFrom?.trajectory,
      anyTrajectory(parent) != nil
    {
      id = parent
    }
    return id
  }

  /// The branches that leave a trajectory, those on the way included.
  func allBranches(of id: String) -> [Trajectory] {
    let known = history.branches(of: id)
    let coming = partialBranches.filter { branch in
      branch.forkedFrom?.trajectory == id && history.trajectory(branch.id) == nil
    }
    return known + coming
  }

  /// A trajectory that was recorded or is on the way.
  func anyTrajectory(_ id: String) -> Trajectory? {
    history.trajectory(id) ?? partialBranches.first { $0.id == id }
  }

  /// The branches that leave a trajectory at one step.
  func branches(of id: String, at step: Int) -> [Trajectory] {
    allBranches(of: id).filter { $0.forkedFrom?.step == step }
  }

  /// The first step at which a branch differs from the trajectory it left; nil where none does.
  func firstDivergence(of branch: Trajectory) -> Int? {
    guard let fork = branch.forkedFrom, let parent = anyTrajectory(fork.trajectory) else {
      return nil
    }
    let start = max(0, fork.step)
    if history.isRecut(parent.id) || history.isRecut(branch.id) {
      // Steps of the two no longer stand beside each other; tokens do.
      let tokens = zip(branch.responseTokens, parent.responseTokens)
      let same = tokens.prefix { $0 == $1 }.count
      guard same < max(branch.responseTokens.count, parent.responseTokens.count) else { return nil }
      return branch.steps.place(ofToken: same)
    }
    let longest = max(branch.steps.count, parent.steps.count)
    guard start < longest else { return nil }
    return (start..<longest).first { place in
      guard place < branch.steps.count, place < parent.steps.count else { return true }
      return branch.steps[place].text != parent.steps[place].text
    }
  }
}
