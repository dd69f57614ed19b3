import Foundation
import Learning
import Trajectories

/// A study's progress as lines on standard error.
struct StudyPrinter {
  private let study: Study
  private var progress: StudyProgress
  private var lastTold = Date.distantPast

  init(_ study: Study) {
    self.study = study
    progress = StudyProgress(study)
  }

  /// Tells news: a line that stays for a training that is finished, one that is replaced, at most
  /// five a second, on the way.
  mutating func tell(_ news: StudyNews) {
    progress.take(news, now: ProcessInfo.processInfo.systemUptime)
    let counts = "\(progress.done) of \(progress.total)"
    switch news {
    case .progressed(let cell, let said):
      guard Date().timeIntervalSince(lastTold) > 0.2 else { return }
      lastTold = Date()
      tellProgress("\(counts); \(study.name(of: cell)): update \(said.update)\(timeLeft)")
    case .finished(let cell, let outcome):
      endProgress()
      let seconds = String(format: "; %.0f s", progress.lastSeconds)
      Crux.tell(
        "\(counts)  \(study.name(of: cell)): \(Self.words(for: outcome))\(seconds)\(timeLeft)")
    case .ahead, .skipped: break
    }
  }

  private static func words(for outcome: TrainingOutcome) -> String {
    if let failure = outcome.failure { return failure }
    guard let end = outcome.curve.last else { return "nothing was measured" }
    let chain = end.sampledChain.map { String(format: ", every line right %.3f", $0) } ?? ""
    return String(format: "sampled %.3f%@, greedy %.3f", end.sampled, chain, end.greedy)
  }

  private var timeLeft: String {
    guard let seconds = progress.secondsLeft, seconds > 0 else { return "" }
    return seconds < 90
      ? String(format: "; %.0f s left", seconds) : String(format: "; %.0f min left", seconds / 60)
  }
}
