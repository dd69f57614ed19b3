import Trajectories

// Commands by name.
extension WorkbenchState {
  /// Names of commands that fit, and what else one may type for them.
  private static let aliases: [String: Command] = ["q": .quit, "w": .save, "h": .help]

  /// Commands that only make sense as keys.
  private static let keysOnly: Set<Command> = [.command, .palette]

  /// Carries out a typed line such as `rollback 30`; a number goes to that row.
  mutating func runLine(_ line: String) -> [Request] {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard let name = words.first else { return [] }
    if commandHistory.last != line { commandHistory.append(line) }
    if commandHistory.count > 100 { commandHistory.removeFirst() }
    let argument = words.count > 1 ? words[1].trimmed : ""
    if let number = Int(name) {
      goTo(number: number)
      return []
    }
    if let command = WorkbenchState.aliases[name] ?? Command(rawValue: name) {
      return runByName(command, argument)
    }
    let fitting = Command.allCases.filter { $0.rawValue.hasPrefix(name) }
    if fitting.count == 1 { return runByName(fitting[0], argument) }
    let names = fitting.map(\.rawValue).joined(separator: ", ")
    tell(
      fitting.isEmpty
        ? "There is no command “\(inert(name))”; \(key(.palette)) lists them all."
        : "“\(inert(name))” may be \(names).", .warning)
    return []
  }

  /// Carries out a command that was named rather than pressed.
  mutating func runByName(_ command: Command, _ argument: String = "") -> [Request] {
    switch command {
    // A named quit means the program; the key leaves one screen at a time.
    case .quit: return leaveProgram()
    case .filter where !argument.isEmpty && obstacle(to: .filter) == nil:
      applyFilter(argument == "all" ? "" : argument)
      return []
    default: return run(command, argument)
    }
  }

  private mutating func goTo(number: Int) {
    guard screen == .trajectories else {
      moveToNumber(String(number))
      return
    }
    guard history.trajectories.indices.contains(number - 1) else {
      tell("Trajectories are numbered from 1 to \(history.trajectories.count).", .warning)
      return
    }
    let id = history.trajectories[number - 1].id
    reveal(id)
    select(id)
  }

  /// What the last word of a line may become.
  func candidates(for prompt: Prompt) -> [String] {
    let words = prompt.text.split(separator: " ", omittingEmptySubsequences: false)
    let last = String(words.last ?? "")
    if prompt.kind == .filter { return ListFilter.words.filter { $0.hasPrefix(last) } }
    guard words.count > 1 else {
      return Command.allCases.filter { !WorkbenchState.keysOnly.contains($0) }.map(\.rawValue)
        .filter { $0.hasPrefix(last) }
    }
    let values: [String] =
      switch Command(rawValue: String(words[0])) {
      case .theme: themes
      case .glyphs: ["unicode", "ascii"]
      case .sort: TrajectoryList.Sorting.allCases.map(\.rawValue)
      case .filter: ListFilter.words
      case .rollback: rollbackTargets.map(String.init)
      case .measure: comparableVersions.map(String.init)
      default: []
      }
    return values.filter { $0.hasPrefix(last) }
  }

  /// Completes the last word as far as all candidates agree.
  mutating func complete(_ prompt: inout Prompt) {
    let fitting = candidates(for: prompt)
    guard var common = fitting.first else { return }
    for name in fitting.dropFirst() {
      while !name.hasPrefix(common) { common.removeLast() }
    }
    let words = prompt.text.split(separator: " ", omittingEmptySubsequences: false)
    let kept = words.dropLast().map { $0 + " " }.joined()
    let ending = fitting.count == 1 && !common.hasSuffix(":") ? " " : ""
    prompt.replace(with: kept + common + ending)
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
