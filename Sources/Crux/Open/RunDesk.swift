import Foundation
import Glibc
import Records
import Synchronization
import Terminal
import Trajectories
import Workbench

/// The workbench's run: its engine, its list of events, and who trains it.
final class RunDesk: Desk {
  private let opening: Opening
  private let engine: EngineRoom
  private let performer: Performer
  private let blind: BlindMode
  private var reader: RunReader?
  private var lastLook = Date.distantPast
  private var otherTrainer: Int?
  /// Whether the run's folder is not where it was opened.
  private var isAway = false

  /// How often others are looked for, seconds.
  private static let patience = 0.2

  init(_ opening: Opening, blind: BlindMode) {
    self.opening = opening
    self.blind = blind
    engine = EngineRoom(opening: opening, inbox: Inbox())
    performer = Performer(engine: engine)
  }

  var inbox: Inbox { engine.inbox }

  var failure: String? { engine.failure }

  /// The run, nil while it has not begun.
  var run: OpenedRun? { engine.run }

  func state(of size: Size, glyphs: GlyphSet) -> WorkbenchState {
    var state = WorkbenchState(
      runName: opening.name, policyName: opening.policyName, size: size, glyphs: glyphs,
      readOnly: opening.readOnly)
    state.blind = blind
    return state
  }

  func start(patience seconds: Double) {
    let deadline = Date(timeIntervalSinceNow: seconds)
    if let store = engine.run?.store {
      reader = RunReader(store, inbox: inbox)
      reader?.start()
    }
    engine.start()
    engine.waitForOpening(seconds: seconds)
    reader?.wait(seconds: max(0, deadline.timeIntervalSinceNow))
  }

  func perform(_ request: Request, state: WorkbenchState) -> [Action] {
    performer.perform(request, state: state)
  }

  /// Whatever process wrote them, events reach the screen by this one way.
  func news() -> [Action] {
    guard let store = engine.run?.store else { return [] }
    var told: [Action] = []
    // By the clock: while the engine reports there may be no quiet moment.
    if Date().timeIntervalSince(lastLook) > Self.patience {
      lastLook = Date()
      told = noticePlace(of: store) ?? others(of: store)
    }
    guard !isAway else { return told }
    // A run that began just now has few events, which are read here.
    if reader == nil { reader = RunReader(store, inbox: inbox) }
    return told + (reader?.news() ?? [])
  }

  /// Tells once that the run's folder is gone, and once that it is back; nil where it is there as it
  /// was.
  private func noticePlace(of store: RunStore) -> [Action]? {
    do {
      try store.checkPlace()
      guard isAway else { return nil }
      isAway = false
      return [.message("\(store.folder.path) is back where it was.", .information)]
    } catch {
      defer { isAway = true }
      return isAway ? [] : [.message("\(error)", .error)]
    }
  }

  /// Whether another process trains this run, where that changed.
  private func others(of store: RunStore) -> [Action] {
    let holder = TrainingLock.holder(of: store.folder).map(Int.init)
    let other = holder == Int(getpid()) ? nil : holder
    guard other != otherTrainer else { return [] }
    otherTrainer = other
    return [.trainedElsewhere(other)]
  }

  func end() -> Bool {
    reader?.stop()
    return engine.end()
  }
}

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
      Waker().wake()
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
      if events.count == Self.batch { Waker().wake() }
      return events.isEmpty ? [] : [.events(events)]
    } catch {
      guard failure != "\(error)" else { return [] }
      failure = "\(error)"
      return [.message("\(error)", .error)]
    }
  }
}
