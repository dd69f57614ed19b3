/// The keys and what they mean: dispatch, hints, help and `README.md` are read from it.
public struct Keymap: Equatable, Sendable {
  /// What a row of the table is about; help is grouped by it.
  public enum Section: String, CaseIterable, Equatable, Sendable {
    /// Moving about.
    case move = "Move"
    /// Screens.
    case screens = "Screens"
    /// Finding.
    case find = "Find"
    /// The critical step.
    case critical = "Critical step"
    /// Values.
    case values = "Values"
    /// Branches.
    case branches = "Branches"
    /// Training.
    case training = "Training"
    /// A study.
    case study = "Study"
    /// Text.
    case text = "Text"
    /// The program.
    case program = "Program"
  }

  /// One row of the table.
  public struct Binding: Equatable, Sendable {
    /// What it does.
    public var command: Command
    /// The keys that do it; each is a sequence such as `g` `g`.
    public var keys: [[Key]]
    /// What a name on the command line may be followed by, such as `N`; empty for nothing.
    public var argument: String
    /// A word or two for the hint line.
    public var hint: String
    /// A sentence for help, without full stop.
    public var help: String
    /// Where it is valid.
    public var screens: Set<ScreenName>
    /// Whether it changes the run, so that a read-only workbench refuses it.
    public var changes: Bool
    /// What it is about.
    public var section: Section

    /// The keys as help writes them, such as `j Down`.
    public var keyNames: [String] {
      keys.map { $0.map(\.name).joined() }
    }
  }

  /// What a sequence of keys means.
  public enum Meaning: Equatable, Sendable {
    /// A command.
    case command(Command)
    /// The beginning of one.
    case beginning
    /// Nothing.
    case nothing
  }

  /// The rows.
  public let bindings: [Binding]

  init(bindings: [Binding]) { self.bindings = bindings }

  /// What these keys mean on a screen.
  public func meaning(of keys: [Key], on screen: ScreenName) -> Meaning {
    let valid = bindings.filter { $0.screens.contains(screen) }
    if let binding = valid.first(where: { $0.keys.contains(keys) }) {
      return .command(binding.command)
    }
    let begun = valid.contains { binding in
      binding.keys.contains { $0.count > keys.count && Array($0.prefix(keys.count)) == keys }
    }
    return begun ? .beginning : .nothing
  }

  /// The row of a command.
  public func binding(of command: Command) -> Binding? {
    bindings.first { $0.command == command }
  }

  /// The first key of a command as help writes it, or its name on the command line.
  public func keyName(of command: Command) -> String {
    binding(of: command)?.keyNames.first ?? ":" + command.rawValue
  }

  /// The whole table as Markdown, for this room's `README.md`.
  public static var markdown: String {
    var lines = ["| key | command | what it does |", "| --- | --- | --- |"]
    for section in Section.allCases {
      for binding in standard.bindings where binding.section == section {
        let keys = binding.keyNames.map { "`" + $0.replacingPipe + "`" }.joined(separator: " ")
        let name = [binding.command.rawValue, binding.argument].filter { !$0.isEmpty }
        lines.append(
          "| \(keys) | `:\(name.joined(separator: " ").replacingPipe)` | \(binding.help) |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension String {
  fileprivate var replacingPipe: String { map { $0 == "|" ? "\\|" : String($0) }.joined() }
}

extension Keymap {
  /// The keys as they come.
  public static let standard = Keymap(
    bindings: Section.allCases.flatMap { section in all.filter { $0.section == section } })

  /// What holds on many screens, then what is each screen's own.
  private static let all =
    moves + screenKeys + finding + sampling + learning + texts + program
    + ScreenName.allCases.flatMap { $0.place.commands }

  /// The key that leads to each screen.
  private static let screenKeys = ScreenName.allCases.compactMap { name in
    name.place.key.map {
      row(.screens, Command(name.rawValue), $0.keys, $0.help, hint: $0.hint)
    }
  }

  private static let everywhere = Set(ScreenName.allCases)
  static let aboutOne: Set<ScreenName> = [.trajectories, .inspect, .branches]

  static func row(
    _ section: Section, _ command: Command, _ keys: String, _ help: String, hint: String = "",
    argument: String = "", on screens: Set<ScreenName> = everywhere, changes: Bool = false
  ) -> Binding {
    let sequences = keys.split(separator: " ").map { name in
      name == "gg"
        ? [Key.character("g"), .character("g")] : [Key(named: String(name))].compactMap { $0 }
    }
    return Binding(
      command: command, keys: sequences.filter { !$0.isEmpty }, argument: argument, hint: hint,
      help: help, screens: screens, changes: changes, section: section)
  }

  private static let moves = [
    row(.move, .down, "j Down", "Next row; in a text, a line down"),
    row(.move, .up, "k Up", "Previous row; in a text, a line up"),
    row(
      .move, .next, "l Right",
      "Next step; in a tree, the first child; on a curve, later; in a table, right"),
    row(
      .move, .previous, "h Left",
      "Previous step; in a tree, the parent; on a curve, earlier; in a table, left"),
    row(
      .move, .nextTrajectory, "L", "Next trajectory", hint: "next",
      on: [.inspect, .branches, .compare]),
    row(
      .move, .previousTrajectory, "H", "Previous trajectory", on: [.inspect, .branches, .compare]),
    row(.move, .first, "gg Home", "First row"),
    row(.move, .last, "G End", "Last row"),
    row(.move, .start, "0", "First step; the start of a curve"),
    row(.move, .end, "$", "Last step; the end of a curve"),
    row(.move, .pageDown, "PgDn", "A page down"),
    row(.move, .pageUp, "PgUp", "A page up"),
    row(.move, .halfDown, "Ctrl-D", "Half a page down"),
    row(.move, .halfUp, "Ctrl-U", "Half a page up"),
    row(
      .move, .nextCritical, "]", "Next trajectory with a critical step, at that step",
      on: aboutOne),
    row(
      .move, .previousCritical, "[", "Previous trajectory with a critical step, at that step",
      on: aboutOne),
    row(.move, .focus, "Tab", "To the other pane", hint: "pane"),
    row(.move, .focusBack, "Shift-Tab", "To the other pane, backwards"),
    row(.move, .step, "", "To a step by its number", argument: "N", on: [.inspect, .compare]),
    row(
      .move, .open, "Enter", "Open what is under the cursor", hint: "open",
      on: [.trajectories, .inspect, .branches, .training, .study, .help]),
    row(.move, .back, "Esc", "Back one layer; never leaves the program", hint: "back"),
  ]

  private static let finding = [
    row(.find, .search, "/", "Search in texts", hint: "search", argument: "TEXT"),
    row(.find, .searchNext, "n", "Next hit"),
    row(.find, .searchPrevious, "N", "Previous hit"),
  ]

  private static let texts = [
    row(.text, .copy, "y", "Copy this step", on: aboutOne),
    row(.text, .copyAll, "Y", "Copy the whole trajectory", on: aboutOne),
    row(.text, .raw, "R", "Show blanks, line ends and token counts", on: [.inspect, .branches]),
    row(.text, .save, "", "Write this screen as text to a file", argument: "FILE"),
  ]

  private static let program = [
    row(.program, .command, ":", "A command by name; Tab completes it"),
    row(.program, .palette, "Ctrl-P Space", "Choose a command from a list", hint: "commands"),
    row(.program, .theme, "", "Paint with another theme", argument: "NAME"),
    row(.program, .glyphs, "", "Draw with Unicode or ASCII", argument: "unicode|ascii"),
    row(.program, .redraw, "Ctrl-L F5", "Paint everything anew"),
    row(.program, .suspend, "Ctrl-Z", "Hand the terminal back to the shell; fg returns"),
    row(.program, .interrupt, "Ctrl-C", "Stop the present work; twice leaves the program"),
    row(.program, .quit, "q", "Leave the screen; on the first one, the program", hint: "quit"),
  ]
}
