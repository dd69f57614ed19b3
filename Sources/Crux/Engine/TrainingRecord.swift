import ModelFiles
import Records
import Trajectories
import Workbench

/// What the record of a run says to whoever trains it: the events added up, a person's words, what
/// each checkpoint was written as, and what cannot be read.
struct TrainingRecord {
  /// What the events add up to, but for answers and what was found out about them.
  private(set) var history = RunHistory()
  private(set) var log = MarkLog()
  /// The digest of the manifest of each checkpoint that has one, by update.
  private(set) var manifests: [Int: String] = [:]
  /// The newest update that was ever made and not given up.
  private(set) var lastUpdate = 0
  /// The first row that cannot be read and that learning would go by, whatever a person spoke of;
  /// nil where there is none.
  private(set) var gap: DamagedEvent?
  private var known: Int64 = 0

  /// Reads what the store says since it was read last, a piece at a time: a record may be of any
  /// length.
  ///
  /// - Parameters:
  ///   - store: The run's.
  ///   - goesOn: Asked before each piece whether to go on.
  /// - Throws: `ModelLoadingStopped` where it is not; a sentence where the run cannot be read.
  mutating func read(_ store: RunStore, while goesOn: () -> Bool = { true }) throws {
    while true {
      guard goesOn() else { throw ModelLoadingStopped() }
      let (events, newest) = try store.progress(after: known)
      guard newest != known else { return }
      for recorded in events {
        history.apply(recorded.event)
        log.read(recorded.event)
        note(recorded.event)
      }
      known = newest
    }
  }

  private mutating func note(_ event: RunEvent) {
    switch event {
    case .updated(let metrics): lastUpdate = max(lastUpdate, metrics.update)
    case .checkpointed(let update, let manifest): manifests[update] = manifest
    case .resumed(let update): manifests = manifests.filter { $0.key <= update }
    case .rolledBack(let update):
      lastUpdate = min(lastUpdate, update)
      manifests = manifests.filter { $0.key <= update }
    case .damaged(let row): if gap == nil, row.bearsTraining { gap = row }
    default: break
    }
  }
}
