import Foundation
import Records
import Synchronization
import Trajectories
import Workbench

/// Reads the events of a run in order: those that are there on a thread of its own, a batch at a time,
/// so that the first frame waits for none; those that come later when it is asked.
final class RunReader: @unchecked Sendable {
  private let store: RunStore
  private let inbox: Inbox
  private let isOver = DispatchSemaphore(value: 0)
  private let shared = Mutex(Shared())
  /// What went wrong last, so that it is told once.
  private var failure: String?

  /// What both threads know.
  private struct Shared {
    /// Number of the last event that was read.
    var known: Int64 = 0
    var isReading = false
    var isStopped = false
  }

  /// Events of a batch: some milliseconds of reading.
  private static let batch = 256

  init(_ store: RunStore, inbox: Inbox) {
    self.store = store
    self.inbox = inbox
  }

  /// Begins to read what is there.
  func start() {
    shared.withLock { $0.isReading = true }
    let thread = Thread { [self] in
      readAll()
      shared.withLock { $0.isReading = false }
      isOver.signal()
      inbox.wake()
    }
    thread.name = "reader"
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// Waits until all that was there is read, but no longer than that.
  func wait(seconds: Double) {
    if isOver.wait(timeout: .now() + seconds) == .success { isOver.signal() }
  }

  /// Stops the reading after the present batch.
  func stop() {
    shared.withLock { $0.isStopped = true }
  }

  private func readAll() {
    do {
      let total = Int(try store.newest)
      while !shared.withLock({ $0.isStopped }) {
        let (events, known) = try next()
        guard !events.isEmpty else { break }
        inbox.post(.reading(RunReading(done: min(known, total), total: total)))
        inbox.post(.events(events))
        if known >= total { break }
      }
    } catch { inbox.post(.message("\(error)", .error)) }
    inbox.post(.reading(nil))
  }

  private func next() throws -> (events: [RunEvent], known: Int) {
    let known = shared.withLock { $0.known }
    let new = try store.events(after: known, limit: Self.batch)
    let last = new.last?.id ?? known
    shared.withLock { $0.known = last }
    return (new.map(\.event), Int(last))
  }

  /// What came since it was asked last; nothing while what was there is still being read.
  func news() -> [Action] {
    // In this order: the last batch is sent before the reading ends.
    guard !shared.withLock({ $0.isReading }), !inbox.holdsEvents else { return [] }
    do {
      let (events, _) = try next()
      failure = nil
      // More than a batch waits its turn, so that a key need not.
      if events.count == Self.batch { inbox.wake() }
      return events.isEmpty ? [] : [.events(events)]
    } catch {
      guard failure != "\(error)" else { return [] }
      failure = "\(error)"
      return [.message("\(error)", .error)]
    }
  }
}
