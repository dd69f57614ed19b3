import ArgumentParser
import Terminal

/// Gives a terminal back that a killed program left in a strange state.
struct ResetTerminalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset-terminal",
    abstract: "Undo what a killed workbench may have left in the terminal.")

  func run() { ResetTerminal.reset() }
}
