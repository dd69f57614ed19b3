package import LanguageModel
import Synchronization

/// Whether somebody asked this process to stop: Ctrl-C, or any signal that would end it, such as
/// those a batch system sends before it kills.
package enum Interruption {
  /// Whether stopping was asked for.
  package static var isAsked: Bool { SessionHost.current.isAskedToStop() }

  /// Goes on unless stopping was asked for.
  package static func check() throws(Stopped) { if isAsked { throw Stopped() } }

  /// Whether work under way should end: a signal asked for it, or the reader of the workbench.
  static var isStopWanted: Bool { isAsked || reader.withLock { $0?() ?? false } }

  /// Has the workbench's reader heard too.
  static func hear(_ isStopWanted: @escaping @Sendable () -> Bool) {
    reader.withLock { $0 = isStopWanted }
  }

  private static let reader = Mutex<(@Sendable () -> Bool)?>(nil)
}
