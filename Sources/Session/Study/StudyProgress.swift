package import Learning
package import Trajectories

/// How far a study is: what is done, what is under way, and how long the rest may take.
package struct StudyProgress {
  private let study: Study
  private var jobs = 1
  private var left: Set<StudyCell> = []
  private var began: [StudyCell: Double] = [:]
  private var costs: [[Int]: (seconds: Double, count: Int)] = [:]
  /// Trainings that this is about.
  package private(set) var total = 0
  /// How many of them are done.
  package private(set) var done = 0
  /// Trainings under way, with the share of their updates that is made.
  private(set) var underWay: [StudyCell: Double] = [:]
  /// Seconds that the training which was finished last took.
  package private(set) var lastSeconds = 0.0

  package init(_ study: Study) { self.study = study }

  /// Takes news; `now` are seconds from any beginning.
  package mutating func take(_ news: StudyNews, now: Double) {
    switch news {
    case .ahead(let cells, let jobs):
      (left, total, done, self.jobs) = (Set(cells), cells.count, 0, jobs)
    case .progressed(let cell, let said):
      if began[cell] == nil { began[cell] = now }
      let updates = study.recipes[cell.method][cell.task].updates
      underWay[cell] = min(1, Double(max(0, said.update - 1)) / Double(max(1, updates)))
    case .skipped(let cell):
      left.remove(cell)
      done += 1
    case .finished(let cell, _): finish(cell, now: now)
    }
  }

  private mutating func finish(_ cell: StudyCell, now: Double) {
    done += 1
    left.remove(cell)
    lastSeconds = began[cell].map { now - $0 } ?? 0
    for key in [[cell.method, cell.task], [cell.method], []] {
      let old = costs[key] ?? (0, 0)
      costs[key] = (old.seconds + lastSeconds, old.count + 1)
    }
    (began[cell], underWay[cell]) = (nil, nil)
  }

  /// Seconds to go at the pace so far, by what the like has cost; nil while nothing is known.
  package var secondsLeft: Double? {
    guard costs[[]] != nil else { return nil }
    let ahead = left.reduce(0.0) { sum, cell in
      let known = costs[[cell.method, cell.task]] ?? costs[[cell.method]] ?? costs[[]]
      guard let known else { return sum }
      return sum + known.seconds / Double(known.count) * (1 - (underWay[cell] ?? 0))
    }
    return ahead / Double(max(1, min(jobs, left.count)))
  }
}

/// What a study says while it is trained.
package enum StudyNews {
  /// These trainings lie ahead, so many at once.
  case ahead([StudyCell], jobs: Int)
  /// How far a training is.
  case progressed(StudyCell, LoopProgress)
  /// A training turned out to be another one, which is done.
  case skipped(StudyCell)
  /// A training is finished.
  case finished(StudyCell, TrainingOutcome)
}
