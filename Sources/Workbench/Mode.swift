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
