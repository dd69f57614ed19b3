import Synchronization

/// What the process around a session lends it: a person to tell and to ask, and what its signals said.
///
/// The executable sets it once, before any work begins. Where nobody did, as in tests, nothing is
/// told, nobody is there to be asked, and no signal came.
package struct SessionHost: Sendable {
  /// Whether a signal asked this process to stop.
  package var isAskedToStop: @Sendable () -> Bool = { false }
  /// Tells a person a line beside the results.
  package var tell: @Sendable (String) -> Void = { _ in }
  /// Shows a person words and asks a question; nil where nobody is there.
  package var ask: @Sendable (_ words: String, _ question: String) throws -> Bool? = { _, _ in nil }
  /// What stands behind a write that failed, where only the process knows it.
  package var faultSentence: @Sendable () -> String? = { nil }

  package init() {}

  /// What this process lends.
  package static var current: SessionHost { shared.withLock { $0 } }

  /// Lends all that from here on.
  package static func set(_ host: SessionHost) { shared.withLock { $0 = host } }

  private static let shared = Mutex(SessionHost())
}

/// Tells a person a line.
func tell(_ line: String) { SessionHost.current.tell(line) }
