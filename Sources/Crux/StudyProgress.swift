import Foundation
import Learning
import Trajectories

/// What is said on standard error while a study is trained.
struct StudyProgress {
  private let study: Study
  private var jobs = 1
  private var total = 0
  private var done = 0
  private var left: [StudyCell] = []
  private var began: [StudyCell: Date] = [:]
  private var shares: [StudyCell: Double] = [:]
  private var costs: [[Int]: (seconds: Double, count: Int)] = [:]
  private var lastTold = Date.distantPast

  init(_ study: Study) { self.study = study }

  /// What a training is called.
  func name(of cell: StudyCell) -> String {
    let task = study.tasks.count > 1 ? ", \(study.tasks[cell.task])" : ""
    return "\(study.methods[cell.method].name)\(task), seed \(cell.seed)"
  }

  /// These trainings lie ahead.
  mutating func begin(_ cells: [StudyCell], jobs: Int) {
    (left, total, self.jobs) = (cells, cells.count, jobs)
  }

  /// A training turned out to be another one that is done.
  mutating func skip(_ cell: StudyCell) {
    left.removeAll { $0 == cell }
    done += 1
  }

  /// How far a training is; a line on a terminal, at most five a second.
  mutating func tell(_ said: LoopProgress, of cell: StudyCell) {
    let now = Date()
    if began[cell] == nil { began[cell] = now }
    let updates = study.recipes[cell.method][cell.task].updates
    shares[cell] = min(1, Double(max(0, said.update - 1)) / Double(max(1, updates)))
    guard now.timeIntervalSince(lastTold) > 0.2 else { return }
    lastTold = now
    tellProgress("\(counts); \(name(of: cell)): update \(said.update)\(timeLeft)")
  }

  /// A training is finished; a line that stays.
  mutating func finish(_ cell: StudyCell, _ outcome: TrainingOutcome) {
    done += 1
    left.removeAll { $0 == cell }
    let seconds = began[cell].map { Date().timeIntervalSince($0) } ?? 0
    for key in [[cell.method, cell.task], [cell.method], []] {
      let old = costs[key] ?? (0, 0)
      costs[key] = (old.seconds + seconds, old.count + 1)
    }
    (began[cell], shares[cell]) = (nil, nil)
    endProgress()
    var line = "\(counts)  \(name(of: cell)): "
    if let failure = outcome.failure {
      line += failure
    } else if let end = outcome.curve.last {
      let chain = end.sampledChain.map { String(format: ", every line right %.3f", $0) } ?? ""
      line += String(format: "sampled %.3f%@, greedy %.3f", end.sampled, chain, end.greedy)
    }
    show(line + String(format: "; %.0f s", seconds) + timeLeft)
  }

  private func show(_ line: String) { Crux.tell(line) }

  private var counts: String { "\(done) of \(total)" }

  /// What is left at the pace so far; empty while nothing is known.
  private var timeLeft: String {
    guard costs[[]] != nil else { return "" }
    let ahead = left.reduce(0.0) { sum, cell in
      let known = costs[[cell.method, cell.task]] ?? costs[[cell.method]] ?? costs[[]]
      guard let known else { return sum }
      return sum + known.seconds / Double(known.count) * (1 - (shares[cell] ?? 0))
    }
    let seconds = ahead / Double(max(1, min(jobs, max(1, left.count))))
    guard seconds > 0 else { return "" }
    return seconds < 90
      ? String(format: "; %.0f s left", seconds) : String(format: "; %.0f min left", seconds / 60)
  }
}
