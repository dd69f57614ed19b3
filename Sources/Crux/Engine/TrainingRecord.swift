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
  private var gaps: [DamagedEvent] = []
  private var known: Int64 = 0

  /// Reads what the store says since it was read last.
  mutating func read(_ store: RunStore) throws {
    let (events, newest) = try store.progress(after: known)
    for recorded in events {
      history.apply(recorded.event)
      log.read(recorded.event)
      note(recorded.event)
    }
    known = newest
  }

  private mutating func note(_ event: RunEvent) {
    switch event {
    case .updated(let metrics): lastUpdate = max(lastUpdate, metrics.update)
    case .checkpointed(let update, let manifest): manifests[update] = manifest
    case .resumed(let update): manifests = manifests.filter { $0.key <= update }
    case .rolledBack(let update):
      lastUpdate = min(lastUpdate, update)
      manifests = manifests.filter { $0.key <= update }
    case .damaged(let row): gaps.append(row)
    default: break
    }
  }

  /// The first row that cannot be read and that learning would go by, whatever a person spoke of;
  /// nil where there is none.
  var gap: DamagedEvent? { gaps.first(where: \.bearsTraining) }
}
