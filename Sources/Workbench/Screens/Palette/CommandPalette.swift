/// The list of all commands, narrowed by what is typed.
public struct CommandPalette: Equatable, Sendable {
  /// What was typed.
  public var text = ""
  /// The row under the cursor.
  public var row = 0

  /// The commands that fit what was typed, the best first.
  func rows(_ state: WorkbenchState) -> [Keymap.Binding] {
    let usable = state.keymap.bindings.filter { $0.command != .palette && $0.command != .command }
    let scored = usable.compactMap { binding -> (binding: Keymap.Binding, score: Int)? in
      let words = binding.command.rawValue + " " + binding.help
      guard let score = fuzzyScore(text, in: words) else { return nil }
      return (binding, score)
    }
    // Nobody looks for a move in a list; what can be done here comes first.
    func rank(_ binding: Keymap.Binding) -> Int {
      binding.section == .move ? 2 : state.obstacle(to: binding.command) == nil ? 0 : 1
    }
    let ranked = scored.map { ($0.binding, text.isEmpty ? rank($0.binding) : $0.score) }
    return ranked.sorted { $0.1 < $1.1 }.map(\.0)
  }

  /// Takes a key while it is open.
  func press(_ key: Key, _ state: inout WorkbenchState) -> [Request] {
    var palette = self
    switch key {
    case .escape: state.mode = .normal
    case .enter: return enter(&state)
    case .down, .control("n"), .tab:
      palette.row = min(row + 1, max(0, rows(state).count - 1))
    case .up, .control("p"), .backTab: palette.row = max(0, row - 1)
    case .backspace:
      if text.isEmpty { state.mode = .normal } else { palette.text.removeLast() }
      palette.row = 0
    case .control("u"): palette = CommandPalette()
    case .character(let character):
      palette.text.append(character)
      palette.row = 0
    default: break
    }
    if case .palette = state.mode { state.mode = .palette(palette) }
    return []
  }

  /// Runs the command under the cursor, or first asks for what it cannot do without.
  private func enter(_ state: inout WorkbenchState) -> [Request] {
    state.mode = .normal
    state.message = nil
    let found = rows(state)
    guard found.indices.contains(row) else { return [] }
    let command = found[row].command
    let needing: Set<Command> = [.step, .rollback, .theme, .save]
    guard needing.contains(command), state.obstacle(to: command) == nil else {
      return state.runByName(command)
    }
    state.mode = .prompt(Prompt(kind: .command, text: command.rawValue + " "))
    return []
  }

  /// Draws it over the middle of the screen.
  func draw(_ state: WorkbenchState, in area: Rect, on grid: inout Grid) {
    let glyphs = Glyphs.of(state.glyphs)
    let columns = min(area.columns - 4, 76)
    let height = min(area.rows, 16)
    let frame = Rect(
      row: area.row + (area.rows - height) / 2, column: area.column + (area.columns - columns) / 2,
      rows: height, columns: columns)
    grid.fill(frame)
    let inner = grid.box(frame, title: "Commands", focused: true, glyphs: glyphs)
    let typed = grid.write("> " + text, row: 0, in: inner, role: .message)
    grid.cursor = Point(row: inner.row, column: inner.column + min(typed, inner.columns - 1))
    let found = rows(state)
    let list = inner.split(top: 1).bottom
    if found.isEmpty { grid.write("No command fits.", row: 0, in: list, role: .dim) }
    let first = max(0, self.row - list.rows + 1)
    for (row, binding) in found.dropFirst(first).prefix(list.rows).enumerated() {
      draw(binding, state, row: row, in: list, on: &grid)
      if first + row == self.row { grid.select(row: row, in: list) }
    }
  }

  private func draw(
    _ binding: Keymap.Binding, _ state: WorkbenchState, row: Int, in area: Rect, on grid: inout Grid
  ) {
    let usable = state.obstacle(to: binding.command) == nil
    let keys = binding.keyNames.joined(separator: " ")
    grid.write(
      padded(keys, to: 13), row: row, column: 1, in: area, role: usable ? .hintKey : .dim)
    grid.write(
      padded(binding.command.rawValue, to: 20), row: row, column: 15, in: area,
      role: usable ? .text : .dim)
    let help = clip(binding.help, to: area.columns - 36, glyphs: Glyphs.of(state.glyphs))
    grid.write(help, row: row, column: 35, in: area, role: .dim)
  }
}

/// How badly typed letters fit a text, lower is better; nil when they do not stand in it in order.
func fuzzyScore(_ typed: String, in text: String) -> Int? {
  let wanted = typed.lowercased().filter { $0 != " " }
  let letters = Array(text.lowercased())
  var place = 0
  var score = 0
  for letter in wanted {
    guard let hit = letters[place...].firstIndex(of: letter) else { return nil }
    // Letters side by side, and the start of a word, cost nothing.
    let begins = hit == 0 || letters[hit - 1] == " " || letters[hit - 1] == "-"
    score += hit == place ? 0 : begins ? 1 : 3 + min(hit - place, 20)
    place = hit + 1
  }
  return score
}
