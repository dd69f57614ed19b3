import Foundation
import Glibc
import Records
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
