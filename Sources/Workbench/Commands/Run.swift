import Trajectories

// What stands in the way of a command, and carrying it out.
extension WorkbenchState {
  /// The reason why a command cannot be carried out now, in a sentence; nil when it can.
  ///
  /// The hint line dims what cannot be, the message line says why.
  public func obstacle(to command: Command) -> String? {
    guard let binding = keymap.binding(of: command) else { return nil }
    if binding.changes, let readOnly { return "Nothing can be changed: \(readOnly)" }
    if let obstacle = studyObstacle(to: command) { return obstacle }
    guard binding.screens.contains(screen) else {
      let places = ScreenName.allCases.filter { binding.screens.contains($0) }.map(\.title)
      return "“\(command.rawValue)” belongs to \(places.joined(separator: ", "))."
    }
    if let obstacle = blindObstacle(to: command) ?? trajectoryObstacle(to: command)
      ?? samplingObstacle(to: command) ?? trainingObstacle(to: command)
    {
      return obstacle
    }
    for name in ScreenName.allCases {
      if let obstacle = name.place.obstacle(to: command, self) { return obstacle }
    }
    return nil
  }

  /// Commands that speak of a trajectory.
  private static let aboutTrajectory: Set<Command> = [
    .mark, .confirm, .reject, .clear, .estimate, .sample, .sampleMany, .locate, .fresh, .measure,
    .reset, .copy, .copyAll, .step, .chooseNone, .split, .join,
  ]

  private func trajectoryObstacle(to command: Command) -> String? {
    guard WorkbenchState.aboutTrajectory.contains(command) else { return nil }
    guard selection != nil, let trajectory else {
      return "There is no trajectory yet; \(key(.train)) trains, \(key(.draw)) on the list draws."
    }
    return trajectory.steps.isEmpty ? "This answer is empty: it has no steps." : nil
  }

  /// The first key of a command as help writes it.
  func key(_ command: Command) -> String { keymap.keyName(of: command) }

  /// Carries out a command, or says why it cannot be.
  mutating func run(_ command: Command, _ argument: String = "") -> [Request] {
    if let obstacle = obstacle(to: command) {
      tell(obstacle, .warning)
      return []
    }
    if move(by: command) { return [] }
    if let requests = screen.place.run(command, argument, &self) { return requests }
    if let screen = ScreenName(rawValue: command.rawValue) {
      goTo(screen)
      return []
    }
    for name in ScreenName.allCases where name != screen {
      if let requests = name.place.run(command, argument, &self) { return requests }
    }
    switch command {
    case .focus, .focusBack: screen.place.changeFocus(&self)
    case .step: moveToNumber(argument)
    case .open: return screen.place.open(&self)
    case .back: goBack()
    case .search, .searchNext, .searchPrevious: return runSearch(command, argument)
    case .ask: return runAsking(argument)
    case .estimate, .sample, .sampleMany, .locate, .fresh, .reset, .draw, .limit:
      return begin(command, runSampling(command, argument), argument)
    case .train, .pause, .oneUpdate, .stop, .rollback: return runTraining(command, argument)
    default: return runProgram(command, argument)
    }
    return []
  }

  private mutating func runProgram(_ command: Command, _ argument: String) -> [Request] {
    switch command {
    case .copy, .copyAll: return copy(all: command == .copyAll)
    case .raw:
      raw.toggle()
      tell(raw ? "Showing blanks, line ends and token counts." : "Showing text as it is.")
    case .save: return save(argument)
    case .command: mode = .prompt(Prompt(kind: .command))
    case .palette: mode = .palette(CommandPalette())
    case .theme: return changeTheme(argument)
    case .glyphs: changeGlyphs(argument)
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .interrupt: return interrupt()
    case .quit:
      if past.isEmpty { return leaveProgram() }
      goBack()
    default: break
    }
    return []
  }

  private mutating func copy(all: Bool) -> [Request] {
    let shown = screen == .branches ? branches.cursor.flatMap { anyTrajectory($0) } : trajectory
    guard let shown else { return [] }
    let whole = all || screen != .inspect
    let text = whole ? shown.text : shown.steps.indices.contains(step) ? shown.steps[step].text : ""
    tell(whole ? "Copied \(number(of: shown.id))." : "Copied step \(step + 1).")
    return [.copy(inert(text, keepingNewlines: true))]
  }

  private mutating func save(_ argument: String) -> [Request] {
    guard !argument.isEmpty else {
      tell("Say where to, such as :save screen.txt", .warning)
      return []
    }
    return [.saveDisplay(argument)]
  }

  private mutating func changeTheme(_ name: String) -> [Request] {
    guard !name.isEmpty else {
      tell("The theme is \(theme); there are " + themes.joined(separator: ", ") + ".")
      return []
    }
    guard themes.isEmpty || themes.contains(name) else {
      tell(
        "There is no theme “\(inert(name))”; there are " + themes.joined(separator: ", ") + ".",
        .warning)
      return []
    }
    theme = name
    return [.theme(name)]
  }

  private mutating func changeGlyphs(_ name: String) {
    if let set = GlyphSet(rawValue: name) {
      glyphs = set
    } else if name.isEmpty {
      glyphs = glyphs == .ascii ? .unicode : .ascii
    } else {
      tell("Say :glyphs unicode or :glyphs ascii.", .warning)
    }
  }
}
