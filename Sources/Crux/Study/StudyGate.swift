import Foundation
import LanguageModel

/// Where the trainings of a study wait while a person wants a pause, and learn that they are to stop.
///
/// Seconds of a training are taken from its clock, which stands still meanwhile.
final class StudyGate: @unchecked Sendable {
  private let condition = NSCondition()
  private let isStopped: () -> Bool
  private var pausedSince: TimeInterval?
  private var paused: TimeInterval = 0

  /// A gate that is open until `isStopped`.
  init(isStopped: @escaping () -> Bool) { self.isStopped = isStopped }

  /// Seconds from any beginning, without pauses.
  var now: TimeInterval {
    condition.withLock { (pausedSince ?? Self.clock) - paused }
  }

  private static var clock: TimeInterval { ProcessInfo.processInfo.systemUptime }

  /// Holds every training at its next report.
  func pause() {
    condition.withLock { pausedSince = pausedSince ?? Self.clock }
  }

  /// Lets them go on.
  func resume() {
    condition.withLock {
      if let since = pausedSince { paused += Self.clock - since }
      pausedSince = nil
      condition.broadcast()
    }
  }

  /// Waits out a pause; answers whether to go on.
  func pass() -> Disposition {
    condition.withLock {
      while pausedSince != nil, !isStopped() {
        // Whoever stops does not know of this gate.
        _ = condition.wait(until: Date(timeIntervalSinceNow: 0.05))
      }
    }
    return isStopped() ? .stop : .goOn
  }
}
