/// Why the terminal cannot be used, and what to do about it.
public enum TerminalError: Error, Equatable, CustomStringConvertible {
  /// Standard input or output is a file, a pipe or nothing.
  case notATerminal
  /// Terminfo has no entry of that name.
  case unknownTerminal(String)
  /// The terminal cannot place its cursor.
  case cannotPlaceCursor(String)
  /// No locale here encodes text as UTF-8.
  case noUnicode
  /// Another screen is open in this process.
  case alreadyOpen
  /// The system refused.
  case system(String)

  /// A sentence for the user.
  public var description: String {
    switch self {
    case .notATerminal:
      "Standard input and output must be a terminal to show the workbench; "
        + "crux show prints one frame of it, other subcommands print text."
    case .unknownTerminal(let name) where name.isEmpty:
      "TERM is not set, so the terminal is unknown; set it, for example TERM=xterm-256color."
    case .unknownTerminal(let name):
      "The terminal “\(name)” is not in the terminfo database; "
        + "set TERM to one that is, for example xterm-256color, or install ncurses-term."
    case .cannotPlaceCursor(let name):
      "The terminal “\(name)” cannot place its cursor, so the workbench cannot be shown; "
        + "set TERM to what the terminal really is, or print a frame with crux show."
    case .noUnicode:
      "No UTF-8 locale is installed; install C.UTF-8, or set LC_CTYPE to a locale that is UTF-8."
    case .alreadyOpen: "The terminal is already in use by this process."
    case .system(let reason): "The terminal cannot be opened: \(reason)."
    }
  }
}
