import Trajectories

/// The first line: what is open, under which policy, and what the engine does.
struct TitleLine {
  let state: WorkbenchState
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  /// Draws it.
  func draw(in area: Rect, on grid: inout Grid) {
    grid.fill(area, role: .title)
    let place = placeWords.map { inert($0) }.joined(separator: " \(glyphs.separator) ")
    let (work, role) = engineWords
    // From the least needed: what was spent, then the policy; the engine's state stays.
    let wanted = min(cellWidth(place) + 9, area.columns * 7 / 10)
    func width(_ spans: [Span]) -> Int { spans.reduce(1) { $0 + cellWidth($1.text) + 3 } - 3 }
    let wishes = wishes(work).map { words in
      words.filter { !$0.isEmpty }.map { Span($0, $0 == work ? role : .title) }
    }
    let right = wishes.first { width($0) + wanted <= area.columns } ?? [Span(work, role)]
    let start = max(1, area.columns - width(right))
    grid.write(" crux  ", row: 0, in: area, role: .title)
    grid.write(
      clip(place, to: max(0, start - 9), glyphs: glyphs), row: 0, column: 7, in: area, role: .title)
    var column = start
    for span in right {
      column += 3 + grid.write(span.text, row: 0, column: column, in: area, role: span.role)
    }
  }

  /// What may stand on the right, the most that is wished for first.
  private func wishes(_ work: String) -> [[String]] {
    guard state.study == nil else { return [[work, spentWords], [work]] }
    // A served policy has no updates here; that a server draws is said as long as there is room.
    let servers = state.server.map { inert($0) }
    if let server = servers.first {
      return [["policy \(server)", work, spentWords], [server, work, spentWords]]
        + servers.map { [$0, work] } + [[work]]
    }
    let version = "update \(state.history.policyVersion)"
    let policy = "policy \(inert(state.policyName)), \(version)"
    return [[policy, work, spentWords], [policy, work], [version, work], [work]]
  }

  private var placeWords: [String] {
    ([state.runName] + state.screen.place.titleWords(state)).filter { !$0.isEmpty }
  }

  /// The task in a few words, such as `chains, 4 hard`.
  var taskWords: String {
    // A file's problems are of no task of the recipe.
    let shown = state.screen == .inspect ? state.trajectory : state.history.trajectories.first
    if let shown, shown.problem.isOwn {
      if shown.isLabelled { return "labelled solutions" }
      let isOfRecipe = state.history.start?.recipe.task.name == .file
      if shown.problem.task == Problem.fileTask, !isOfRecipe { return "problems of a file" }
    }
    guard let task = state.history.start?.recipe.task else { return "" }
    switch task.name {
    case .chains: return "chains, \(task.hard) hard"
    case .countdown: return "countdown, \(task.length) numbers"
    case .file: return task.file.split(separator: "/").last.map(String.init) ?? "file"
    case .sums:
      let fewest = task.minTerms == task.maxTerms ? "" : "\(task.minTerms) to "
      return "sums, \(fewest)\(task.maxTerms) numbers"
    }
  }

  /// What the engine does as a word, so that colour says nothing alone.
  private var engineWords: (String, Role) {
    let (word, role): (String, Role) =
      switch state.engine {
      case .loading: ("LOADING", .running)
      case .idle where state.blind.isOn:
        ("BLIND \(state.judgedCount) of \(state.blind.trajectories.count)", .warning)
      case .idle where state.otherTrainer != nil: ("WATCHING", .running)
      case .idle: (state.readOnly == nil ? "idle" : "read-only", .dim)
      case .working: ("WORKING", .running)
      case .training: ("TRAINING", .running)
      case .paused: ("PAUSED", .warning)
      case .failed: ("FAILED", .error)
      }
    guard let progress = state.progress, progress.total > 0 else { return (word, role) }
    let share =
      state.engine == .loading ? "\(progress.percent) %" : "\(progress.done)/\(progress.total)"
    return (word + " " + share, role)
  }

  /// Rollouts and time: of the present work, or of all that was drawn about the trajectory.
  private var spentWords: String {
    if let progress = state.progress {
      let left = progress.secondsLeft.map { ", \(duration($0)) left" } ?? ""
      return progress.rollouts > 0
        ? "\(progress.rollouts) rollouts\(left)" : String(left.dropFirst(2))
    }
    guard [.inspect, .branches, .compare].contains(state.screen), let selection = state.selection,
      !state.isVeiled(selection)
    else { return "" }
    let cost = state.history.cost(of: selection)
    guard cost.rollouts > 0 else { return "" }
    let time = cost.seconds > 0 ? ", \(duration(cost.seconds))" : ""
    return "\(cost.rollouts) rollout\(cost.rollouts == 1 ? "" : "s")\(time)"
  }
}
