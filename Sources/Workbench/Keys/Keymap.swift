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
