import Foundation
import Glibc
import Synchronization

/// Whether somebody asked this process to stop: Ctrl-C, or a request to terminate.
enum Interruption {
  private static let asked = Atomic<Int>(0)

  /// Whether stopping was asked for.
  static var isAsked: Bool { asked.load(ordering: .relaxed) > 0 }

  /// Exit code of a command that stopped because it was asked to.
  static let exitCode: Int32 = 130

  /// Notes the next Ctrl-C instead of dying of it; a third one ends the process at once.
  static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in
        if asked.add(1, ordering: .relaxed).newValue > 2 { _exit(exitCode) }
      }
    }
  }
}
