import Glibc

/// Makes a terminal usable again that a killed program left in a strange state.
public enum ResetTerminal {
  /// What is written: modes off, alternate screen left, cursor shown, colours and character sets
  /// plain, scrolling region whole, keypad and wrapping as usual.
  public static let bytes =
    TerminalModes.leave
    + "\u{1B}[?1049l\u{1B}[?1l\u{1B}>\u{1B}[?7h\u{1B}[?25h\u{1B}[r\u{1B}(B\u{0F}\u{1B}[0m\r\n"

  /// Writes `bytes` and sets the line discipline as `stty sane` would.
  ///
  /// Nothing happens where the descriptor is no terminal.
  ///
  /// - Parameter descriptor: The terminal, usually standard output.
  /// - Returns: Whether it is a terminal.
  @discardableResult
  public static func reset(_ descriptor: Int32 = 1) -> Bool {
    var modes = termios()
    guard isatty(descriptor) == 1, tcgetattr(descriptor, &modes) == 0 else { return false }
    modes.c_iflag |= tcflag_t(BRKINT | ICRNL | IXON | IUTF8)
    modes.c_iflag &= ~tcflag_t(IGNBRK | INLCR | IGNCR | ISTRIP)
    modes.c_oflag |= tcflag_t(OPOST | ONLCR)
    modes.c_lflag |= tcflag_t(ICANON | ECHO | ECHOE | ECHOK | ISIG | IEXTEN)
    modes.c_lflag &= ~tcflag_t(ECHONL | NOFLSH | TOSTOP)
    tcsetattr(descriptor, TCSANOW, &modes)
    var remaining = Array(bytes.utf8)[...]
    while !remaining.isEmpty {
      let written = remaining.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if written <= 0 { break }
      remaining = remaining.dropFirst(written)
    }
    return true
  }
}

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
