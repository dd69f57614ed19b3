import Foundation
import Glibc
import Synchronization

/// Whether somebody asked this process to stop: Ctrl-C, or a request to terminate.
enum Interruption {
  /// Whether stopping was asked for.
  static var isAsked: Bool { requests.load(ordering: .relaxed) > 0 }

  /// Whether work under way should end: a signal asked for it, or the reader of the workbench.
  static var isStopWanted: Bool { isAsked || reader.withLock { $0?() ?? false } }

  /// Has the workbench's reader heard too.
  static func hear(_ isStopWanted: @escaping @Sendable () -> Bool) {
    reader.withLock { $0 = isStopWanted }
  }

  private static let reader = Mutex<(@Sendable () -> Bool)?>(nil)

  /// Exit code of a command that stopped because it was asked to.
  static let exitCode: Int32 = 130

  /// Notes the next Ctrl-C instead of dying of it; a third one ends the process at once.
  static func watch() {
    var watched = sigset_t()
    sigemptyset(&watched)
    defer {
      // A program that starts others from a thread pool hands its blocked signals on.
      pthread_sigmask(SIG_UNBLOCK, &watched, nil)
    }
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      sigaddset(&watched, number)
      signal(number) { _ in
        if requests.add(1, ordering: .relaxed).newValue > 2 { _exit(Interruption.exitCode) }
      }
    }
  }

  /// Whether whoever started this process had it ignore a signal, as nohup does.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    let ignore = unsafeBitCast(SIG_IGN, to: Int.self)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == ignore
  }
}

// A signal handler can reach nothing but globals.
private let requests = Atomic<Int>(0)
