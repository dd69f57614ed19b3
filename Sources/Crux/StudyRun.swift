import Foundation
import LanguageModel
import Learning
import Records
import Tensors
import Trajectories

/// One training of a study: its method, its task setting, its seed.
struct StudyCell: Hashable {
  var method: Int
  var task: Int
  var seed: UInt64
}

/// Trains what a study lacks, several trainings at once, each on a share of the processors.
///
/// Every training has a policy, a loop and a thread of its own; nothing in the engine is shared but
/// the team of threads, which no training uses where each has one processor. So a training's numbers
/// are those it would have alone. All that is changed here is changed under the lock.
final class StudyRun: @unchecked Sendable {
  let study: Study
  private let plan: StudyPlan
  private let file: OutcomeFile?
  private let condition = NSCondition()
  private var known: [OutcomeKey: TrainingOutcome]
  private var pending: [StudyCell]
  private var running: Set<StudyCell> = []
  private var starts: [[String]: EvaluationResult] = [:]
  private var progress: StudyProgress
  private var fault: (any Error)?

  /// A study with what its file knows already.
  init(_ study: Study, plan: StudyPlan, file: OutcomeFile?) {
    self.study = study
    self.plan = plan
    self.file = file
    known = file?.outcomes ?? [:]
    pending = study.seeds.flatMap { seed in
      study.tasks.indices.flatMap { task in
        study.methods.indices.map { StudyCell(method: $0, task: task, seed: seed) }
      }
    }
    progress = StudyProgress(study)
  }

  /// What is known of a training; nil where it is not finished.
  func outcome(of cell: StudyCell) -> TrainingOutcome? {
    key(of: cell).flatMap { known[$0] }
  }

  /// Trains what is lacking; returns when all is done or a stop was asked for.
  ///
  /// - Throws: What kept a result from being written.
  func train(jobs: Int) throws {
    pending.removeAll { outcome(of: $0) != nil }
    guard !pending.isEmpty else { return }
    progress.begin(pending, jobs: jobs)
    let threads = Parallel.threads
    Parallel.threads = max(1, Machine.processors / max(1, jobs))
    defer { Parallel.threads = threads }
    let ended = DispatchGroup()
    for number in 0..<min(jobs, pending.count) {
      ended.enter()
      let thread = Thread { [self] in
        while let cell = next() { finish(cell, work(on: cell)) }
        ended.leave()
      }
      thread.name = "training \(number + 1)"
      thread.stackSize = 16 << 20
      thread.start()
    }
    ended.wait()
    endProgress()
    if let fault { throw fault }
  }

  /// What is to be trained next; waits where it depends on one that is under way.
  private func next() -> StudyCell? {
    condition.lock()
    defer { condition.unlock() }
    while !Interruption.isAsked, fault == nil, !pending.isEmpty {
      if let place = pending.firstIndex(where: isReady) {
        let cell = pending.remove(at: place)
        // Two methods may come to the same training; it is made once.
        if outcome(of: cell) != nil {
          progress.skip(cell)
          continue
        }
        running.insert(cell)
        return cell
      }
      guard !running.isEmpty else { return nil }
      condition.wait()
    }
    return nil
  }

  private func isReady(_ cell: StudyCell) -> Bool {
    guard let key = key(of: cell) else { return false }
    return !running.contains { self.key(of: $0) == key }
  }

  private func finish(_ cell: StudyCell, _ result: Result<TrainingOutcome?, any Error>) {
    condition.lock()
    defer { condition.unlock() }
    running.remove(cell)
    do {
      if let outcome = try result.get(), let key = key(of: cell) {
        known[key] = outcome
        try file?.append(OutcomeLine(key: key, name: progress.name(of: cell), outcome: outcome))
        progress.finish(cell, outcome)
      }
    } catch { fault = fault ?? error }
    condition.broadcast()
  }

  private func key(of cell: StudyCell) -> OutcomeKey? {
    guard let budget = budget(of: cell) else { return nil }
    return plan.key(of: cell, budget: budget)
  }

  /// What a training may use; nil while the training that says so is not finished.
  private func budget(of cell: StudyCell) -> TrainingBudget? {
    let method = study.methods[cell.method]
    guard !method.isUntrained else { return TrainingBudget() }
    guard let source = study.methods.firstIndex(where: { $0.name == method.tokensOf }) else {
      return study.budget
    }
    let other = StudyCell(method: source, task: cell.task, seed: cell.seed)
    guard let end = outcome(of: other)?.curve.last else { return nil }
    return TrainingBudget(tokens: end.trainingTokens + end.estimationTokens)
  }

  private func work(on cell: StudyCell) -> Result<TrainingOutcome?, any Error> {
    Result {
      guard let budget = budget(of: cell) else { return nil }
      let loop = try plan.loop(of: cell)
      let listen = { [self] (said: LoopProgress) -> Disposition in
        condition.lock()
        progress.tell(said, of: cell)
        condition.unlock()
        return Interruption.isAsked ? .stop : .goOn
      }
      guard let start = start(of: cell, loop, listen) else { return nil }
      return Comparison(of: loop, budget: budget)(from: start, report: listen)
    }
  }

  /// Held-out accuracy of the starting policy, measured once for all that share it.
  private func start(
    of cell: StudyCell, _ loop: TrainingLoop, _ listen: (LoopProgress) -> Disposition
  ) -> EvaluationResult? {
    let key = plan.evaluation(of: cell)
    condition.lock()
    let old = starts[key]
    condition.unlock()
    if let old { return old }
    let made = loop.evaluate { said in
      guard case .progress(let progress) = said else { return .goOn }
      return listen(progress)
    }
    condition.lock()
    starts[key] = made
    condition.unlock()
    return made
  }
}
