import Foundation

/// What the lanes of a call share: the rollouts still to start and those that are finished.
final class DecodingQueue {
  /// A rollout to draw.
  struct Job {
    var request: Int
    var rollout: Int
    var prefix: Int
    /// Most new tokens.
    var limit: Int
    var seed: UInt64
  }

  private let condition = NSCondition()
  private let jobs: [Job]
  private var started = 0
  private var waiting: [(job: Job, continuation: Continuation)] = []
  private var finished = 0
  private var isStopped = false

  init(_ jobs: [Job]) { self.jobs = jobs }

  /// The next rollouts to start, at most `count`; none after a stop.
  func next(_ count: Int) -> ArraySlice<Job> {
    condition.lock()
    defer { condition.unlock() }
    guard !isStopped else { return [] }
    let end = min(jobs.count, started + count)
    defer { started = end }
    return jobs[started..<end]
  }

  /// Whether the lanes should leave off.
  var stopped: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isStopped
  }

  /// Makes the lanes leave off.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.broadcast()
  }

  /// Hands over a finished rollout.
  func finish(_ job: Job, _ continuation: Continuation) {
    condition.lock()
    defer { condition.unlock() }
    waiting.append((job, continuation))
    finished += 1
    condition.broadcast()
  }

  /// The rollouts that finished since the last question.
  func takeFinished() -> [(job: Job, continuation: Continuation)] {
    condition.lock()
    defer { condition.unlock() }
    defer { waiting = [] }
    return waiting
  }

  /// Waits for a finished rollout; false when none will come any more.
  func waitForFinished() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty, finished < jobs.count, !isStopped { condition.wait() }
    return !waiting.isEmpty
  }
}
