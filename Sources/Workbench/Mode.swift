/// What keys mean at the moment.
public enum Mode: Equatable, Sendable {
  /// Keys are commands.
  case normal
  /// Keys edit a line.
  case prompt(Prompt)
  /// Keys narrow the list of commands.
  case palette(CommandPalette)
  /// One key confirms, every other lets it be.
  case confirm(Confirmation)
  /// Keys move the place where a step is split.
  case split(CutPlace)
}

/// A line that is being typed.
public struct Prompt: Equatable, Sendable {
  /// What the line will be used for.
  public var kind: PromptKind
  /// What stands before the cursor.
  public var before = ""
  /// What stands behind it.
  public var after = ""
  /// Which earlier command is shown; nil for none.
  public var recalled: Int?

  /// What stands there.
  public var text: String { before + after }
}

/// What a typed line will be used for.
public enum PromptKind: Equatable, Sendable {
  /// A command by name.
  case command
  /// A text to look for.
  case search
  /// Which trajectories to list.
  case filter
  /// A number for a command, such as how many branches.
  case number(Command)
  /// What to narrow the help to.
  case help
  /// A problem of one's own.
  case problem
  /// The right answer to the problem that was typed.
  case reference(problem: String)
}

/// The list of commands, narrowed by what is typed.
public struct CommandPalette: Equatable, Sendable {
  /// What was typed.
  public var text = ""
  /// The row under the cursor.
  public var row = 0
}

/// A question that one key confirms.
public struct Confirmation: Equatable, Sendable {
  /// The question, with the key in it.
  public var question: String
  /// The key that confirms; never the one that asked.
  public var key: Key
  /// What is then wanted.
  public var requests: [Request]
  /// What must be read before it is confirmed, shown whole; empty for nothing.
  public var details = ""
}
