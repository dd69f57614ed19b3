import Trajectories

/// The last two lines: a message or what is being typed, and the keys of the focus.
struct StatusLine {
  let state: WorkbenchState
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }

  /// Draws what stands in the message line.
  func drawMessage(in area: Rect, on grid: inout Grid) {
    switch state.mode {
    case .prompt(let prompt): draw(prompt, in: area, on: &grid)
    case .confirm(let confirmation):
      grid.write(confirmation.question, row: 0, column: 1, in: area, role: .warning)
    case .split(let place) where state.message == nil:
      grid.write(place.words, row: 0, column: 1, in: area, role: .message)
    default:
      if let message = state.message {
        let role: Role =
          switch message.severity {
          case .information: .message
          case .warning: .warning
          case .error: .error
          }
        let text = clip(inert(message.text), to: area.columns - 2, glyphs: glyphs)
        grid.write(text, row: 0, column: 1, in: area, role: role)
      } else {
        drawStanding(in: area, on: &grid)
      }
    }
  }

  /// What stands in the message line while there is no message: the work, or what marks mean.
  private func drawStanding(in area: Rect, on grid: inout Grid) {
    if let progress = state.progress, state.reading == nil || state.engine != .loading {
      let share = shareWords(of: progress)
      let drawn = progress.rollouts > 0 ? ", \(progress.rollouts) rollouts" : ""
      let left = progress.secondsLeft.map { ", \(duration($0)) left" } ?? ""
      let text = "\(inert(progress.label))\(share)\(drawn)\(left)" + stopWords + waitingWords
      grid.write(
        clip(text, to: area.columns - 2, glyphs: glyphs), row: 0, column: 1, in: area,
        role: .running)
      return
    }
    if let reading = state.reading {
      let text = reading.words + "; \(state.key(.quit)) leaves"
      grid.write(
        clip(text, to: area.columns - 2, glyphs: glyphs), row: 0, column: 1, in: area,
        role: .running)
      return
    }
    if !state.search.text.isEmpty, state.screen.place.hasTwoPanes {
      let text =
        "searching “\(inert(state.search.text.head(bytes: 1000)))”: n next, N previous, Esc on the list ends it"
      grid.write(
        clip(text, to: area.columns - 2, glyphs: glyphs), row: 0, column: 1, in: area,
        role: .dim)
      return
    }
    grid.write(state.screen.place.legend(state), row: 0, column: 1, in: area)
  }

  /// What the marks of steps mean.
  static func markLegend(_ glyphs: Glyphs) -> [Span] {
    [
      Span(String(glyphs.proposed), .stepProposed), Span(" proposed  ", .dim),
      Span(String(glyphs.confirmed), .stepConfirmed), Span(" marked or confirmed  ", .dim),
      Span(String(glyphs.rejected), .stepRejected), Span(" rejected", .dim),
    ]
  }

  private func shareWords(of progress: EngineProgress) -> String {
    guard progress.total > 0 else { return "" }
    // Of a model nobody wants to know the bytes.
    return state.engine == .loading
      ? " \(progress.percent) %" : " \(progress.done) of \(progress.total)"
  }

  private var stopWords: String {
    switch state.engine {
    case .loading: "; \(state.key(.quit)) leaves"
    case .training: "; \(state.key(.pause)) pauses training"
    case .paused: "; \(state.key(.pause)) goes on"
    default: "; \(state.key(.interrupt)) stops it"
    }
  }

  /// What was asked for and has to wait.
  private var waitingWords: String {
    guard let next = state.waiting.first else { return "" }
    return "; then \(inert(next))"
      + (state.waiting.count > 1 ? " and \(state.waiting.count - 1) more" : "")
  }

  private func draw(_ prompt: Prompt, in area: Rect, on grid: inout Grid) {
    let label = " " + question(of: prompt.kind)
    let used = grid.write(label, row: 0, in: area, role: .hintKey)
    let room = max(1, area.columns - used - 1)
    // A long line shows its part around the cursor.
    let note = prompt.isEmpty ? nil : state.message.map { $0.text }
    let before = tail(
      of: prompt.before, columns: max(8, room - (note.map { cellWidth($0) + 2 } ?? 0)))
    // Neighbours decide whether a joiner is shown by its number.
    let width = cellWidth(inert(before))
    let shown = before + prompt.after.head(bytes: 16 * room)
    grid.write(shown, row: 0, column: used, in: area, role: .message)
    if let note {
      let column = used + cellWidth(inert(shown)) + 2
      grid.write(note, row: 0, column: column, in: area, role: .warning)
    }
    grid.cursor = Point(row: area.row, column: area.column + min(used + width, area.columns - 1))
  }

  /// The end of a text, in fewer cells than that as far as its characters tell.
  private func tail(of text: String, columns: Int) -> String {
    var (start, width) = (text.endIndex, 0)
    while start > text.startIndex {
      let place = text.index(before: start)
      width += cellWidth(inert(String(text[place])))
      guard width < columns else { break }
      start = place
    }
    return String(text[start...])
  }

  private func question(of kind: PromptKind) -> String {
    switch kind {
    case .command: ":"
    case .search: "/"
    case .filter: "list only: "
    case .help: "keys with: "
    case .problem: "problem: "
    case .reference: "right answer [not known]: "
    case .number(let command):
      switch command {
      case .reset: "branches to draw [\(state.defaultCount(of: command))]: "
      case .draw: "problems to draw [\(state.defaultCount(of: command))]: "
      case .limit: "most tokens of an answer [\(state.defaultCount(of: command))]: "
      case .train:
        "all \(state.history.policyVersion) updates were made; more to make "
          + "[\(state.defaultCount(of: command))]: "
      default: "rollouts before and after this step [\(state.defaultCount(of: command))]: "
      }
    }
  }

  /// Draws the keys that matter now.
  func drawHints(in area: Rect, on grid: inout Grid) {
    let hints = self.hints
    var column = 1
    // Help stays in sight at the right, however many hints there are.
    let last =
      state.mode == .normal
      ? hints.last.map { 3 + cellWidth($0.key) + cellWidth($0.words) } ?? 0 : 0
    for (place, hint) in hints.enumerated() {
      let width = cellWidth(hint.key) + 1 + cellWidth(hint.words)
      let room = area.columns - (place + 1 == hints.count ? 0 : last)
      guard column + width <= room else { continue }
      column += grid.write(
        hint.key, row: 0, column: column, in: area, role: hint.dimmed ? .dim : .hintKey)
      column += grid.write(
        " " + hint.words, row: 0, column: column, in: area, role: hint.dimmed ? .dim : .hint)
      column += 2
    }
  }

  /// The keys that matter now, the most needed first, help last.
  var hints: [Hint] {
    switch state.mode {
    case .prompt(let prompt):
      let hints = [Hint(key: "Enter", words: "do it"), Hint(key: "Esc", words: "leave")]
      guard prompt.kind == .command || prompt.kind == .filter else { return hints }
      let all = state.candidates(for: prompt).joined(separator: " ")
      let fitting = clip(inert(all), to: state.size.columns - 30, glyphs: glyphs)
      return hints + [Hint(key: "Tab", words: fitting)]
    case .palette:
      return [
        Hint(key: "Enter", words: "run"), Hint(key: "Up Down", words: "choose"),
        Hint(key: "Esc", words: "leave"),
      ]
    case .split:
      return [
        Hint(key: "Left Right", words: "token"), Hint(key: "Up Down", words: "sentence"),
        Hint(key: "Enter", words: "split here"), Hint(key: "Esc", words: "leave"),
      ]
    case .confirm(let confirmation):
      return [
        Hint(key: confirmation.key.name, words: "yes"), Hint(key: "any other key", words: "no"),
      ]
    case .normal:
      return hintedCommands.compactMap { command in
        guard let binding = state.keymap.binding(of: command) else { return nil }
        return Hint(
          key: state.keymap.keyName(of: command), words: words(for: binding),
          dimmed: state.obstacle(to: command) != nil)
      }
    }
  }

  private func words(for binding: Keymap.Binding) -> String {
    switch (binding.command, state.engine) {
    case (.pause, .paused), (.train, .paused): "resume"
    case (.focus, _) where state.screen == .compare: "other version"
    default: binding.hint
    }
  }

  /// The commands of the hint line; each has a hint in the key table.
  private var hintedCommands: [Command] {
    let pane: [Command] =
      Layout(of: state).onePane && state.screen.place.hasTwoPanes ? [.focus] : []
    let some = state.screen.place.hints(state)
    return pane + some.filter { !pane.contains($0) } + [.help]
  }
}

/// A key and a word or two.
struct Hint: Equatable, Sendable {
  var key: String
  var words: String
  var dimmed = false
}
