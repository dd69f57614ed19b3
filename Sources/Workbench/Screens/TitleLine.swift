import Trajectories

// The first line: what is open, under which policy, and what the engine does.
extension WorkbenchState {
  func drawTitle(in area: Rect, on grid: inout Grid) {
    let glyphs = Glyphs.of(glyphs)
    grid.fill(area, role: .title)
    let place = placeWords.map { inert($0) }.joined(separator: " \(glyphs.separator) ")
    let (state, role) = engineWords
    // From the least needed: what was spent, then the policy; the engine's state stays.
    let wanted = min(cellWidth(place) + 9, area.columns * 7 / 10)
    func width(_ spans: [Span]) -> Int { spans.reduce(1) { $0 + cellWidth($1.text) + 3 } - 3 }
    let version = "update \(history.policyVersion)"
    let policy = "policy \(inert(policyName)), \(version)"
    let wishes =
      (study == nil
      ? [[policy, state, spentWords], [policy, state], [version, state], [state]]
      : [[state, spentWords], [state]])
      .map { words in
        words.filter { !$0.isEmpty }.map { Span($0, $0 == state ? role : .title) }
      }
    let right = wishes.first { width($0) + wanted <= area.columns } ?? [Span(state, role)]
    let start = max(1, area.columns - width(right))
    grid.write(" crux  ", row: 0, in: area, role: .title)
    grid.write(
      clip(place, to: max(0, start - 9), glyphs: glyphs), row: 0, column: 7, in: area, role: .title)
    var column = start
    for span in right {
      column += 3 + grid.write(span.text, row: 0, column: column, in: area, role: span.role)
    }
  }

  private var placeWords: [String] {
    ([runName] + screen.place.titleWords(self)).filter { !$0.isEmpty }
  }

  /// The task in a few words, such as `chains, 4 hard`.
  var taskWords: String {
    // A file's problems are of no task of the recipe.
    let shown = screen == .inspect ? trajectory : history.trajectories.first
    if let shown, shown.problem.isOwn {
      if shown.isLabelled { return "labelled solutions" }
      let isOfRecipe = history.start?.recipe.task.name == .file
      if shown.problem.task == Problem.fileTask, !isOfRecipe { return "problems of a file" }
    }
    guard let task = history.start?.recipe.task else { return "" }
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
      switch engine {
      case .loading: ("LOADING", .running)
      case .idle where blind.isOn: ("BLIND \(judgedCount) of \(blind.trajectories.count)", .warning)
      case .idle where otherTrainer != nil: ("WATCHING", .running)
      case .idle: (readOnly == nil ? "idle" : "read-only", .dim)
      case .working: ("WORKING", .running)
      case .training: ("TRAINING", .running)
      case .paused: ("PAUSED", .warning)
      case .failed: ("FAILED", .error)
      }
    guard let progress, progress.total > 0 else { return (word, role) }
    let share = engine == .loading ? "\(progress.percent) %" : "\(progress.done)/\(progress.total)"
    return (word + " " + share, role)
  }

  /// Rollouts and time: of the present work, or of all that was drawn about the trajectory.
  private var spentWords: String {
    if let progress {
      let left = progress.secondsLeft.map { ", \(duration($0)) left" } ?? ""
      return progress.rollouts > 0
        ? "\(progress.rollouts) rollouts\(left)" : String(left.dropFirst(2))
    }
    guard [.inspect, .branches, .compare].contains(screen), let selection, !isVeiled(selection)
    else { return "" }
    let cost = history.cost(of: selection)
    guard cost.rollouts > 0 else { return "" }
    let time = cost.seconds > 0 ? ", \(duration(cost.seconds))" : ""
    return "\(cost.rollouts) rollout\(cost.rollouts == 1 ? "" : "s")\(time)"
  }
}
