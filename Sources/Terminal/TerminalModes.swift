/// The modes that Crux sets in a terminal beside those of ncurses, and how they are undone.
enum TerminalModes {
  /// Bracketed paste.
  static let paste = "\u{1B}[?2004h"
  /// Mouse presses, drags and the wheel, as decimal numbers (SGR).
  static let mouse = "\u{1B}[?1002h\u{1B}[?1006h"

  /// Undoes every mode that is ever set here, and those that others may have left.
  ///
  /// Synchronised output, bracketed paste, the mouse in all its forms, focus reports.
  static let leave =
    "\u{1B}[?2026l\u{1B}[?2004l\u{1B}[?1006l\u{1B}[?1003l\u{1B}[?1002l\u{1B}[?1000l\u{1B}[?1004l"

  /// Opens a synchronised update: the terminal shows it whole.
  static let beginFrame = "\u{1B}[?2026h"
  /// Closes a synchronised update.
  static let endFrame = "\u{1B}[?2026l"
}
