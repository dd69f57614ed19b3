import Foundation
import LanguageModel
import Learning
import Records
import Trajectories
import Workbench

/// The workbench's engine: what the reader asks for is done here, on the engine's own thread.
///
/// Everything below `private` is touched on that thread alone; the methods above only hand work in.
final class EngineRoom: @unchecked Sendable {
  private let thread = EngineThread()
  private let run: OpenedRun
  private let inbox: Inbox
  private var trainer: Trainer?
  private var values: [String: StepValues] = [:]
  private var isTraining = false
  /// Whether training waits for a person between two updates.
  private var isPaused = false
  /// The present work in words.
  private var label = ""

  /// Rollouts on each side of a fresh measurement.
  private static let freshRollouts = 64

  init(run: OpenedRun, inbox: Inbox) {
    self.run = run
    self.inbox = inbox
  }

  /// Starts the thread and loads the newest weights behind the first frame.
  func start() {
    // Said before the first frame: what is asked for meanwhile has to wait.
    inbox.post(.engine(.working))
    thread.start()
    work("loading the policy") { room in room.announce(try room.ready()) }
  }

  /// Ends the thread, keeping the updates that were made; answers whether it ended in time.
  func end() -> Bool {
    thread.join(seconds: 2) { [self] in try? trainer?.checkpoint() }
  }

  /// Stops the work under way and drops what waits.
  func cancel() { thread.cancel() }

  /// Values every boundary with that many rollouts, counting those already drawn.
  func estimate(_ trajectory: Trajectory, rollouts: Int) {
    topUp(trajectory) { values in
      (0..<values.steps).map { max(0, rollouts - values.rollouts[$0].count) }
    }
  }

  /// Draws more rollouts at the two boundaries of one step.
  func estimate(_ trajectory: Trajectory, step: Int, rollouts: Int) {
    topUp(trajectory) { values in
      (0..<values.steps).map { $0 == step || $0 == step + 1 ? rollouts : 0 }
    }
  }

  private func topUp(_ trajectory: Trajectory, by more: @escaping (StepValues) -> [Int]) {
    work("valuing the steps") { room in
      let explorer = try room.explorer()
      var known = [room.known(trajectory, explorer)]
      let began = Date()
      _ = explorer.topUp(&known, by: [more(known[0])], report: room.valueReport(trajectory, began))
      try room.record(known[0], trajectory, explorer, since: began)
    }
  }

  /// Searches the critical step adaptively.
  func locate(_ trajectory: Trajectory) {
    work("searching the critical step") { room in
      let explorer = try room.explorer()
      let began = Date()
      let report = room.valueReport(trajectory, began)
      let known = room.known(trajectory, explorer)
      guard let found = explorer.searchAdaptively(trajectory, from: known, report: report)
      else { return }
      try room.record(found, trajectory, explorer, since: began)
    }
  }

  /// Measures the effect of a step on rollouts that had no part in choosing it.
  func measureFresh(_ trajectory: Trajectory, step: Int) {
    work("measuring step \(step + 1) afresh") { room in
      let explorer = try room.explorer()
      let report = room.progressReport()
      guard
        let found = explorer.freshEffect(
          of: trajectory, step: step, rollouts: Self.freshRollouts, report: report)
      else { return }
      room.inbox.post(.effect(found.effect, trajectory: trajectory.id, control: .none))
      let known = room.known(trajectory, explorer)
      guard known.spent > 0 else { return }
      guard var critical = known.criticalStep(explorer.recipe), critical.leader == step
      else { return }
      critical.fresh = found.effect
      try room.run.store.append([.proposed(critical)])
    }
  }

  /// Measures the controls of that effect: a random step and a restart.
  func measureControls(_ trajectory: Trajectory, step: Int) {
    work("measuring the controls") { room in
      let explorer = try room.explorer()
      let tokens = 2 * Self.freshRollouts * max(1, trajectory.responseTokens.count / 2)
      guard
        let found = explorer.controls(
          of: trajectory, step: step, rollouts: Self.freshRollouts, tokens: tokens,
          report: room.progressReport())
      else { return }
      room.inbox.post(.effect(found.randomStep, trajectory: trajectory.id, control: .randomStep))
      let restart = FreshEffect(
        step: 0, before: found.restart, after: found.restart, advantage: 0, low: 0, high: 0)
      room.inbox.post(.effect(restart, trajectory: trajectory.id, control: .restart))
    }
  }

  /// Goes back to the start of a step and draws branches.
  func reset(_ trajectory: Trajectory, step: Int, numbers: Range<Int>) {
    work("sampling from step \(step + 1)") { room in
      let explorer = try room.explorer()
      let seeds = explorer.branchSeeds(of: trajectory, at: step, numbers)
      let version = explorer.version
      let progress = room.progress()
      var finished: [Trajectory] = []
      let branches = explorer.branches(
        of: trajectory, at: step, seeds: seeds,
        name: { "\(trajectory.id)/\(version).\(step + 1).\(numbers.lowerBound + $0 + 1)" }
      ) { branch, done, total in
        finished.append(branch)
        if progress(done, total, done) { room.inbox.post(.partialBranches(finished)) }
        return room.disposition
      }
      try room.run.store.append((branches ?? finished).map { .sampled($0) })
    }
  }

  /// Draws new problems and answers them.
  func draw(_ count: Int) {
    work("answering \(count) new problems") { room in
      let explorer = try room.explorer()
      let first = try room.run.store.newest
      let progress = room.progress()
      for number in 0..<count {
        let problem = explorer.problem(.drawn, [explorer.version, Int(first), number])
        let seed = explorer.recipe.seed(for: .drawn, [explorer.version, Int(first), number, 1])
        let name = "drawn-\(first)/\(number + 1)"
        guard let drawn = try explorer.sample(problem, seeds: [seed], name: { _ in name }) else {
          return
        }
        try room.run.store.append(drawn.map { .sampled($0) })
        _ = progress(number + 1, count, number + 1)
        if room.thread.isCancelled { return }
      }
    }
  }

  /// Values one step under two versions of the policy.
  func compare(_ trajectory: Trajectory, step: Int, versions: (Int, Int)) {
    work("comparing step \(step + 1)") { room in
      let trainer = try room.ready()
      var effects: [FreshEffect] = []
      for version in [versions.0, versions.1] {
        let explorer = try trainer.explorer(version: version)
        let effect = explorer.freshEffect(
          of: trajectory, step: step, rollouts: 2 * Self.freshRollouts,
          report: room.progressReport())
        guard let effect else { return }
        effects.append(effect.effect)
      }
      let comparison = StepComparison(
        trajectory: trajectory.id, step: step, firstVersion: versions.0,
        secondVersion: versions.1, first: effects[0], second: effects[1])
      room.inbox.post(.comparison(comparison))
    }
  }
}

// Training: one update at a time, whatever else is asked for goes first.
extension EngineRoom {
  /// Changes what training does.
  func train(_ request: TrainingRequest) {
    work("training") { room in
      let trainer = try room.ready()
      switch request {
      case .start, .resume:
        try trainer.takeLock()
        room.setTraining(true)
      case .pause: room.setTraining(false, paused: true)
      case .oneUpdate:
        try trainer.takeLock()
        let goesOn = try room.update(trainer)
        room.setTraining(false, paused: goesOn)
      case .stop:
        room.setTraining(false)
        try trainer.stop()
      case .rollBack(let update):
        try trainer.takeLock()
        room.setTraining(false)
        try trainer.rollBack(to: update)
        room.values = [:]
      }
      room.announce(trainer)
    }
  }

  private func setTraining(_ on: Bool, paused: Bool = false) {
    isTraining = on
    isPaused = paused
    inbox.post(.engine(restingState))
    thread.whileIdle(on ? { [weak self] in self?.trainOn() ?? false } : nil)
  }

  /// One update in the background; answers whether there is more to do.
  private func trainOn() -> Bool {
    guard isTraining, let trainer else { return false }
    do {
      guard try update(trainer) else {
        setTraining(false)
        announce(trainer)
        return false
      }
      return true
    } catch {
      fail(error)
      return false
    }
  }

  @discardableResult
  private func update(_ trainer: Trainer) throws -> Bool {
    values = [:]
    let goesOn = try trainer.step { [self] progress in
      let left = trainer.secondsPerUpdate.map {
        $0 * Double(trainer.loop.recipe.updates - progress.update + 1)
      }
      let label =
        "update \(progress.update) of \(trainer.loop.recipe.updates): "
        + progress.phase.rawValue
      inbox.post(
        .progress(
          EngineProgress(
            label: label, done: progress.done, total: progress.total, secondsLeft: left,
            rollouts: progress.phase == .learning ? 0 : progress.done)))
      return disposition
    }
    inbox.post(.checkpoints(trainer.checkpoints))
    inbox.post(.progress(nil))
    return goesOn
  }

  private func fail(_ error: any Error) {
    isTraining = false
    isPaused = false
    thread.whileIdle(nil)
    _ = try? run.store.append([.failed(message: "\(error)")])
    inbox.post(.engine(.failed("\(error)")))
  }
}

// What the work above shares.
extension EngineRoom {
  private var disposition: Disposition { thread.isCancelled ? .stop : .goOn }

  /// Hands work to the thread and tells the screen when it begins and ends.
  private func work(_ label: String, _ body: @escaping (EngineRoom) throws -> Void) {
    thread.submit { [self] in
      self.label = label
      if !isTraining { inbox.post(.engine(.working)) }
      inbox.post(
        .progress(
          EngineProgress(label: label, done: 0, total: 0, secondsLeft: nil, rollouts: 0)))
      do { try body(self) } catch { inbox.post(.message("\(error)", .error)) }
      inbox.post(.progress(nil))
      inbox.post(.engine(restingState))
    }
  }

  /// What the engine does between two works that were asked for.
  private var restingState: EngineState { isTraining ? .training : isPaused ? .paused : .idle }

  private func announce(_ trainer: Trainer) { inbox.post(.checkpoints(trainer.checkpoints)) }

  /// The trainer with the newest weights, loaded when first needed.
  private func ready() throws -> Trainer {
    if let trainer {
      // Another process may have trained on; its newest checkpoint is what is asked about.
      if try trainer.catchUp() { values = [:] }
      return trainer
    }
    let loaded = try Trainer(run)
    trainer = loaded
    return loaded
  }

  private func explorer() throws -> Explorer { try ready().loop.explorer }

  private func known(_ trajectory: Trajectory, _ explorer: Explorer) -> StepValues {
    let known = values[trajectory.id]
    guard let known, known.policyVersion == explorer.version else {
      return StepValues(trajectory: trajectory, policyVersion: explorer.version)
    }
    return known
  }

  private func record(
    _ found: StepValues, _ trajectory: Trajectory, _ explorer: Explorer, since began: Date
  ) throws {
    guard found.spent > 0 else { return }
    values[trajectory.id] = found
    let valuation = found.valuation(seconds: Date().timeIntervalSince(began))
    let proposal = found.criticalStep(explorer.recipe).map { RunEvent.proposed($0) }
    try run.store.append([.valued(valuation)] + [proposal].compactMap { $0 })
  }

  /// Reports values on the way, at most some twenty times a second.
  private func valueReport(
    _ trajectory: Trajectory, _ began: Date
  ) -> (ValueReport) -> Disposition {
    let progress = progress()
    return { [self] report in
      if progress(report.finished, report.total, report.finished) {
        let seconds = Date().timeIntervalSince(began)
        inbox.post(.partialValuation(report.values.valuation(seconds: seconds)))
      }
      return disposition
    }
  }

  private func progressReport() -> (ValueReport) -> Disposition {
    let progress = progress()
    return { [self] report in
      _ = progress(report.finished, report.total, report.finished)
      return disposition
    }
  }

  /// Posts progress with the time left; answers whether it posted, which it does not do too often.
  private func progress() -> (Int, Int, Int) -> Bool {
    let began = Date()
    var last = Date.distantPast
    return { [self] done, total, rollouts in
      let now = Date()
      guard now.timeIntervalSince(last) > 0.05 || done == total else { return false }
      last = now
      let left = now.timeIntervalSince(began) / Double(max(1, done)) * Double(total - done)
      inbox.post(
        .progress(
          EngineProgress(
            label: label, done: done, total: total, secondsLeft: left, rollouts: rollouts)))
      return true
    }
  }
}
