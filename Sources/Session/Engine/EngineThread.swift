import Foundation
import Glibc
import Synchronization

/// The one thread on which the policy lives: work asked for goes first, training fills the rest.
///
/// The screen never waits for it. It stops between two answers of the policy, never in the middle
/// of a kernel, and is joined before the process ends.
final class EngineThread: @unchecked Sendable {
  /// One piece of work; it looks at `isCancelled` when it reports.
  typealias Work = () -> Void

  /// By how much the engine stands back behind the screen; `nice` by default has as much.
  private static let courtesy: Int32 = 10

  private let condition = NSCondition()
  private var waiting: [Work] = []
  private var background: (() -> Bool)?
  private var isInBackground = false
  private var farewell: Work?
  private var ended = false
  private var isSayingFarewell = false
  private var finished = false
  private let cancelled = Atomic<Bool>(false)

  /// Whether the work under way should stop at its next report.
  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  /// Starts the thread.
  func start() {
    let thread = Thread { [self] in
      // The thread of the screen goes first; on Linux this holds for this thread, and for those that
      // it starts to compute with.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.courtesy)
      run()
    }
    thread.name = "engine"
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// Adds work behind what is waiting.
  func submit(_ work: @escaping Work) {
    condition.lock()
    waiting.append(work)
    condition.signal()
    condition.unlock()
  }

  /// Drops what is waiting and asks the work under way to stop; a step of the background goes on,
  /// since nobody asked for it and half of it would be lost.
  func cancel() {
    condition.lock()
    waiting.removeAll()
    if !isInBackground { cancelled.store(true, ordering: .relaxed) }
    condition.unlock()
  }

  /// Sets what is done while nothing is asked for; it answers whether it wants to be called again.
  ///
  /// Call it from work on this thread.
  func whileIdle(_ step: (() -> Bool)?) {
    condition.lock()
    background = step
    condition.unlock()
  }

  /// Stops the work under way, does one last thing and ends the thread; answers whether the work
  /// stopped within the time, which does not count the last thing.
  ///
  /// OpenBLAS waits for ever when a process exits while a product is under way, so this must come
  /// before `exit`.
  func join(seconds: Double, last: @escaping Work) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    waiting.removeAll()
    farewell = last
    ended = true
    cancelled.store(true, ordering: .relaxed)
    condition.broadcast()
    let deadline = Date(timeIntervalSinceNow: seconds)
    while !finished {
      if isSayingFarewell {
        condition.wait()
      } else if !condition.wait(until: deadline), !isSayingFarewell {
        return finished
      }
    }
    return true
  }

  private func run() {
    while let work = next() { work() }
    condition.lock()
    isSayingFarewell = true
    condition.broadcast()
    condition.unlock()
    farewell?()
    condition.lock()
    finished = true
    condition.broadcast()
    condition.unlock()
  }

  /// The next work: what was asked for, else one step of the background, else a wait.
  private func next() -> Work? {
    condition.lock()
    defer { condition.unlock() }
    while !ended {
      // Here, under the lock: a wish to stop that comes later must not be forgotten.
      cancelled.store(false, ordering: .relaxed)
      isInBackground = waiting.isEmpty && background != nil
      if !waiting.isEmpty { return waiting.removeFirst() }
      if let background { return { [self] in if !background() { whileIdle(nil) } } }
      condition.wait()
    }
    return nil
  }
}
