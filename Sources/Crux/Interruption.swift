import Session
import Terminal

extension Interruption {
  /// Exit code of a command that stopped because it was asked to: 128 and the signal, as shells say.
  static var exitCode: Int32 { 128 + (EndRequests.first ?? 2) }

  /// Notes such signals instead of dying of them; a third Ctrl-C ends the process at once.
  static func watch() { EndRequests.watch() }
}
