import Trajectories

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

// The question whether a program that a file names may run: never asked without showing it whole.
extension WorkbenchState {
  /// Asks whether a command may judge answers; where it cannot be shown whole it cannot be allowed
  /// here, and nobody is asked in the middle of typing.
  mutating func askConsent(to command: String, shown words: String) {
    guard mode == .normal, pendingKeys.isEmpty else {
      tell("A reward command is not allowed yet; do it again to be asked.", .warning)
      return
    }
    let confirmation = Confirmation(
      question: "Let it run, now and from now on?", key: .character("Y"),
      requests: [.trust(command)], details: words)
    guard showsWhole(confirmation) else {
      tell(
        "The reward command is too long to show here, so it does not run; crux trust in a shell "
          + "shows it.", .warning)
      return
    }
    mode = .confirm(confirmation)
  }

  /// Whether all that a question is about can be read on the screen as it is.
  func showsWhole(_ confirmation: Confirmation) -> Bool {
    guard !confirmation.details.isEmpty else { return true }
    let frame = consentFrame
    return !isTooSmall && consentLines(confirmation).count <= frame.rows - 2
  }

  private var consentFrame: Rect {
    let area = Layout(of: self).body
    return Rect(
      row: area.row, column: area.column + 1, rows: area.rows, columns: area.columns - 2)
  }

  private func consentLines(_ confirmation: Confirmation) -> [String] {
    wrapped(
      inert(confirmation.details, keepingNewlines: true), columns: consentFrame.columns - 2)
  }

  /// Draws what a question is about over the screen.
  func drawConsent(_ confirmation: Confirmation, on grid: inout Grid) {
    guard !confirmation.details.isEmpty else { return }
    let frame = consentFrame
    grid.fill(frame)
    let inner = grid.box(
      frame, title: "A command of this recipe", focused: true, glyphs: Glyphs.of(glyphs))
    guard showsWhole(confirmation) else {
      grid.write("The window is too small to show it whole.", row: 0, in: inner, role: .warning)
      return
    }
    for (row, line) in consentLines(confirmation).enumerated() {
      grid.write(line, row: row, in: inner, role: .text)
    }
  }
}
