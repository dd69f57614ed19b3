import LanguageModel
import Synchronization
import Terminal

/// Whether somebody asked this process to stop: Ctrl-C, or any signal that would end it, such as
/// those a batch system sends before it kills.
enum Interruption {
  /// Whether stopping was asked for.
  static var isAsked: Bool { EndRequests.first != nil }

  /// Goes on unless stopping was asked for.
  static func check() throws(Stopped) { if isAsked { throw Stopped() } }

  /// Whether work under way should end: a signal asked for it, or the reader of the workbench.
  static var isStopWanted: Bool { isAsked || reader.withLock { $0?() ?? false } }

  /// Has the workbench's reader heard too.
  static func hear(_ isStopWanted: @escaping @Sendable () -> Bool) {
    reader.withLock { $0 = isStopWanted }
  }

  private static let reader = Mutex<(@Sendable () -> Bool)?>(nil)

  /// Exit code of a command that stopped because it was asked to: 128 and the signal, as shells say.
  static var exitCode: Int32 { 128 + (EndRequests.first ?? 2) }

  /// Notes such signals instead of dying of them; a third Ctrl-C ends the process at once.
  static func watch() { EndRequests.watch() }
}
