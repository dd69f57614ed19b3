// What a key press means.
extension WorkbenchState {
  /// Takes a key in whatever mode the keyboard is.
  mutating func press(_ key: Key) -> [Request] {
    // Whoever types on does not wait for it.
    search.walk = nil
    if key == .control("c") { return interrupt() }
    interrupted = false
    if isTooSmall { return pressWhereTooSmall(key) }
    switch mode {
    case .normal: return pressCommand(key)
    case .prompt(let prompt): return press(key, in: prompt)
    case .palette(let palette): return palette.press(key, &self)
    case .split(let place): return press(key, in: place)
    case .confirm(let confirmation):
      mode = .normal
      message = nil
      guard key == confirmation.key, showsWhole(confirmation) else {
        tell("Let be.")
        return []
      }
      return confirmation.requests
    }
  }

  /// Whether the terminal is too small to show anything but that.
  var isTooSmall: Bool {
    size.columns < Layout.smallest.columns || size.rows < Layout.smallest.rows
  }

  private mutating func pressWhereTooSmall(_ key: Key) -> [Request] {
    if case .confirm(let confirmation) = mode {
      mode = .normal
      let isMeant = key == confirmation.key && showsWhole(confirmation)
      return isMeant ? confirmation.requests : []
    }
    guard key == .character("q") else { return [] }
    return leaveProgram()
  }

  private mutating func pressCommand(_ key: Key) -> [Request] {
    message = nil
    let keys = pendingKeys + [key]
    pendingKeys = []
    switch keymap.meaning(of: keys, on: screen) {
    case .command(let command): return run(command)
    case .beginning: pendingKeys = keys
    case .nothing:
      // What did not continue the earlier key is a key of its own.
      if keys.count > 1 { return pressCommand(key) }
      tell("\(key.name) means nothing here; \(self.key(.help)) shows the keys.")
    }
    return []
  }

  /// Stops the present work; the second time in a row leaves the program.
  mutating func interrupt() -> [Request] {
    if interrupted { return [.quit] }
    let wasTyping = mode != .normal
    mode = .normal
    pendingKeys = []
    interrupted = true
    if wasTyping {
      tell("Ctrl-C again leaves Crux.")
      return []
    }
    switch engine {
    case .loading:
      // Without its model nothing else could be done.
      tell("Loading goes on; Ctrl-C again leaves Crux.", .warning)
      return []
    case .working:
      let rest = waiting.isEmpty ? "" : " and what waits behind it"
      tell("Stopping this work\(rest); Ctrl-C again leaves Crux.", .warning)
      return [.cancel]
    case .training:
      let pause = key(.pause)
      let rest = waiting.isEmpty ? "" : ", what waits for its turn is dropped"
      tell(
        "Training goes on\(rest); \(pause) pauses it. Ctrl-C again stops it and leaves.", .warning)
      // Work for the person may wait its turn between updates; the update itself goes on.
      return progress == nil ? [] : [.cancel]
    default:
      tell("Ctrl-C again leaves Crux.")
      return progress == nil ? [] : [.cancel]
    }
  }

  /// Leaves the program; asks first where training runs.
  mutating func leaveProgram() -> [Request] {
    guard engine == .training || (study != nil && engine == .paused) else { return [.quit] }
    ask(
      study == nil
        ? "Training runs. y stops it at its last whole update and leaves."
        : "Trainings are under way. y drops them and leaves; finished ones are kept.", [.quit])
    return []
  }

  /// Asks before something that cannot be taken back; `y` confirms.
  mutating func ask(_ question: String, _ requests: [Request]) {
    mode = .confirm(
      Confirmation(question: question, key: .character("y"), requests: requests))
  }

  mutating func paste(_ text: String) {
    switch mode {
    case .prompt(var prompt):
      switch prompt.kind {
      // A problem may have several lines, which are typed as one.
      case .problem: prompt.insert(oneLine(text))
      case .reference: prompt.insert(firstLine(of: text))
      default: prompt.insert(firstLine(of: shortened(text)))
      }
      mode = .prompt(prompt)
    case .palette(var palette):
      palette.text += inert(firstLine(of: shortened(text)))
      palette.row = 0
      mode = .palette(palette)
    default: tell("There is nowhere to paste; press : or / first.")
    }
  }

  /// A pasted line end must not run a command; it ends what is taken.
  private func firstLine(of text: String) -> String { String(text.prefix { !$0.isNewline }) }

  /// As much as any command, search or filter needs.
  private mutating func shortened(_ text: String) -> String {
    let most = 4096
    guard text.utf8.count > most else { return text }
    tell("Only the first \(grouped(most)) bytes are taken.", .warning)
    return text.head(bytes: most)
  }
}
