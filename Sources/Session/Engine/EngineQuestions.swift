import Foundation
import LanguageModel
import Learning
import Records
import Trajectories
import Workbench

/// An answer, and what the run's record says its boundaries are worth.
struct RecordedAnswer {
  var trajectory: Trajectory
  /// By the policy that the record ends with, drawn as rollouts are drawn now; nil where there is none.
  var valuation: Valuation?
}

// What a reader asks of one answer or of the policy.
extension Engine {
  /// Rollouts on each side of a fresh measurement.
  private func freshRollouts() throws -> Int { try ready().history.start?.freshRollouts ?? 64 }

  /// Values every boundary with that many rollouts, counting those already drawn.
  func estimate(_ answer: RecordedAnswer, rollouts: Int) {
    topUp(answer) { values in
      (0..<values.steps).map {
        values.isExact($0) ? 0 : max(0, rollouts - values.drawn(from: $0))
      }
    }
  }

  /// Draws more rollouts at the two boundaries of one step.
  func estimate(_ answer: RecordedAnswer, step: Int, rollouts: Int) {
    topUp(answer) { values in
      (0..<values.steps).map {
        ($0 == step || $0 == step + 1) && !values.isExact($0) ? rollouts : 0
      }
    }
  }

  private func topUp(_ answer: RecordedAnswer, by more: @escaping (StepValues) -> [Int]) {
    let trajectory = answer.trajectory
    work("valuing the steps") { room in
      let valuer = try room.valuer(about: trajectory)
      var known = [room.known(answer, valuer)]
      let missing = more(known[0])
      // Asked twice while it waited: there is nothing left to draw.
      guard missing.contains(where: { $0 > 0 }) else { return }
      let began = Date()
      let before = known[0]
      // What was drawn until somebody stopped it counts all the same.
      try? valuer.value(
        &known, .each([missing]), progress: room.valueProgress(trajectory, began))
      room.tellSpeed(known[0].tokens - before.tokens, since: began)
      try room.record(known[0], beyond: before, valuer, since: began)
    }
  }

  /// Searches the critical step with the recipe's estimator, top-two where that is uniform.
  func locate(_ answer: RecordedAnswer) {
    let trajectory = answer.trajectory
    work("searching the critical step") { room in
      let valuer = try room.valuer(about: trajectory)
      let began = Date()
      let progress = room.valueProgress(trajectory, began)
      let known = room.known(answer, valuer)
      // A uniform recipe has nothing to search with.
      let chosen = valuer.recipe.values.estimator
      let estimator = chosen.isUniform ? Estimator.topTwo : chosen
      var found = [known]
      // What was drawn until somebody stopped it counts all the same.
      try? valuer.value(&found, .search(by: estimator), progress: progress)
      room.tellSpeed(found[0].tokens - known.tokens, since: began)
      try room.record(found[0], beyond: known, valuer, since: began)
    }
  }

  /// Measures the effect of a step on rollouts that had no part in choosing it.
  func measureFresh(_ trajectory: Trajectory, step: Int) {
    work("measuring step \(step + 1) afresh") { room in
      let valuer = try room.valuer(about: trajectory)
      let began = Date()
      let found = try EffectEstimator(valuer).fresh(
        of: trajectory, step: step, rollouts: try room.freshRollouts(),
        progress: room.countProgress())
      let seconds = Date().timeIntervalSince(began)
      try room.append([
        .measured(valuer.sampler.measurement(found, of: trajectory, seconds: seconds))
      ])
    }
  }

  /// Measures the controls of that effect: a random step and a restart.
  func measureControls(_ trajectory: Trajectory, step: Int) {
    work("measuring the controls") { room in
      let valuer = try room.valuer(about: trajectory)
      let began = Date()
      let rollouts = try room.freshRollouts()
      let tokens = 2 * rollouts * max(1, trajectory.responseTokens.count / 2)
      let found = try EffectEstimator(valuer).controls(
        of: trajectory, step: step, rollouts: rollouts, tokens: tokens,
        progress: room.countProgress())
      let seconds = Date().timeIntervalSince(began) / Double(max(1, found.tokens))
      try room.append(
        [(found.randomStep, Control.randomStep), (found.restart, .restart)].map { found, control in
          .measured(
            valuer.sampler.measurement(
              found, of: trajectory, control, seconds: seconds * Double(found.tokens)))
        })
    }
  }

  /// Goes back to the start of a step and draws branches beside the `drawn` that are known already.
  func reset(_ trajectory: Trajectory, step: Int, count: Int, drawn: Int) {
    work("sampling from step \(step + 1)") { room in
      let place = "\(trajectory.id)@\(step)"
      // Another reset of the step may have waited before this one.
      let first = max(drawn, room.branchCounts[place] ?? 0)
      let numbers = first..<first + count
      room.branchCounts[place] = numbers.upperBound
      let valuer = try room.valuer(about: trajectory)
      let began = Date()
      let seeds = valuer.sampler.branchSeeds(of: trajectory, at: step, numbers)
      let version = valuer.version
      let progress = room.progress()
      var finished: [Trajectory] = []
      let branches = try? valuer.sampler.branches(
        of: trajectory, at: step, seeds: seeds,
        name: { "\(trajectory.id)/\(version).\(step + 1).\(numbers.lowerBound + $0 + 1)" },
        progress: WorkProgress { report throws(Stopped) in
          finished.append(report.answer)
          if progress(report.finished, report.total, report.finished) {
            room.inbox.post(.partialBranches(finished))
          }
          try room.checkStop()
        })
      let drawn = branches ?? finished
      let seconds = Date().timeIntervalSince(began) / Double(max(1, drawn.count))
      try room.append(drawn.map { .sampled($0.timed(seconds)) })
    }
  }

  /// Values one step under two versions of the policy.
  func compare(_ trajectory: Trajectory, step: Int, versions: (Int, Int)) {
    work("comparing step \(step + 1)") { room in
      let trainer = try room.ready()
      try room.refuseServedComparison()
      let began = Date()
      var found: [FreshMeasurement] = []
      for version in [versions.0, versions.1] {
        let sampler = try trainer.sampler(version: version)
        try sampler.check(trajectory)
        found.append(
          try EffectEstimator(StepValuer(sampler)).fresh(
            of: trajectory, step: step, rollouts: 2 * (try room.freshRollouts()),
            progress: room.countProgress()))
      }
      let seconds = Date().timeIntervalSince(began)
      var comparison = StepComparison(
        trajectory: trajectory.id, step: step, tokens: trajectory.steps[step].tokens,
        firstVersion: versions.0, secondVersion: versions.1, first: found[0].effect,
        second: found[1].effect, cost: found[0].cost(seconds: seconds) + found[1].cost(seconds: 0))
      comparison.evidence = found.map(\.evidence)
      try room.append([.compared(comparison)])
    }
  }
}

// What the questions share.
extension Engine {
  /// Values an answer by rollouts from within it.
  ///
  /// - Throws: A sentence where nobody could judge them.
  private func valuer(about trajectory: Trajectory) throws -> StepValuer {
    var sampler = try sampler()
    try sampler.check(trajectory)
    let problem = trajectory.problem
    guard !problem.isOwn || problem.isAgreement || !problem.reference.isEmpty else {
      throw Complaint(
        "Nobody says the right answer to this problem, so rollouts cannot be judged; open the file "
          + "with --gold and a benchmark that has it.")
    }
    // Somebody else's answer may be longer than the policy's own may get.
    let limit = sampler.recipe.sampling.limit
    if problem.isOwn, trajectory.responseTokens.count >= limit { sampler.newTokens = limit }
    return StepValuer(sampler)
  }

  /// What was found out here, else what the run's record says, under the present policy.
  func known(_ answer: RecordedAnswer, _ valuer: StepValuer) -> StepValues {
    let trajectory = answer.trajectory
    guard let known = values[trajectory.id], known.policyVersion == valuer.version else {
      let recorded = answer.valuation.flatMap { $0.policyVersion == valuer.version ? $0 : nil }
      let evidence = try? run?.store.evidence(of: trajectory, version: valuer.version)
      return recorded.flatMap {
        StepValues(
          trajectory: trajectory, recorded: $0, evidence: evidence ?? [],
          reuses: valuer.reuses, masksTruncated: valuer.masksTruncated)
      } ?? valuer.nothingKnown(of: trajectory)
    }
    // A person may have cut it otherwise since.
    return known.trajectory.steps.map(\.tokens) == trajectory.steps.map(\.tokens)
      ? known : known.recut(as: trajectory)
  }

  /// Writes down values, what they cost beyond those `before`, and what the rule says of them.
  private func record(
    _ found: StepValues, beyond before: StepValues, _ valuer: StepValuer, since began: Date
  ) throws {
    var found = found
    let trajectory = found.trajectory
    guard found.spent > 0 || found.isKnown(0) else { return }
    valuer.addHints(to: &found)
    let kept = valuer.recipe.record.rollouts
    var valuation = valuer.valuation(of: found, seconds: Date().timeIntervalSince(began))
    valuation.cost = Cost(
      rollouts: found.spent - before.spent, tokens: found.tokens - before.tokens,
      seconds: valuation.seconds)
    valuation.evidence = found.unrecorded(kept)
    let proposal = found.criticalStep(valuer.recipe).map { RunEvent.proposed($0) }
    values[trajectory.id] = found
    try append([.valued(valuation)] + [proposal].compactMap { $0 })
    values[trajectory.id] = found.noted(kept)
  }

  /// Reports values on the way, at most some twenty times a second.
  private func valueProgress(
    _ trajectory: Trajectory, _ began: Date
  ) -> WorkProgress<ValueReport> {
    let progress = progress()
    return WorkProgress { [self] report throws(Stopped) in
      if progress(report.finished, report.total, report.finished) {
        let seconds = Date().timeIntervalSince(began)
        inbox.post(.partialValuation(report.values.valuation(seconds: seconds)))
      }
      try checkStop()
    }
  }

  private func countProgress() -> WorkProgress<ValueReport> {
    let progress = progress()
    return WorkProgress { [self] report throws(Stopped) in
      _ = progress(report.finished, report.total, report.finished)
      try checkStop()
    }
  }
}

extension RolloutSampler {
  /// What was measured of a step, as the record keeps it.
  fileprivate func measurement(
    _ found: FreshMeasurement, of trajectory: Trajectory, _ control: Control = .none,
    seconds: Double
  ) -> StepMeasurement {
    var measurement = StepMeasurement(
      trajectory: trajectory.id, control: control, policyVersion: version,
      tokens: trajectory.steps[found.effect.step].tokens, effect: found.effect,
      cost: found.cost(seconds: seconds))
    measurement.evidence = found.evidence
    return measurement
  }
}

extension Trajectory {
  /// The same with the seconds that somebody waited for it.
  func timed(_ seconds: Double) -> Trajectory {
    var timed = self
    timed.seconds = seconds
    return timed
  }
}

// Steps that a person splits or joins.
extension Engine {
  /// The text of each token of a response; any thread may ask.
  func pieces(of trajectory: Trajectory) throws -> [String] {
    guard let codec else {
      throw Complaint("The policy is still loading; its tokenizer tells where a step may be split.")
    }
    return codec.pieces(trajectory.responseTokens)
  }

  /// Splits the step that holds a token just before it.
  func split(_ answer: RecordedAnswer, at token: Int) throws {
    let whole = answer.trajectory
    let steps = whole.steps(splitAt: token, pieces: try pieces(of: whole))
    try cut(.split, answer, token: token, steps: steps)
  }

  /// Joins a step with the next.
  func join(_ answer: RecordedAnswer, after step: Int) throws {
    let whole = answer.trajectory
    let steps = whole.steps(joiningAfter: step)
    try cut(.joined, answer, token: steps == nil ? 0 : whole.steps[step].end, steps: steps)
  }

  /// Makes a change of a boundary last; it comes back as an event.
  private func cut(_ kind: StepCutKind, _ answer: RecordedAnswer, token: Int, steps: [Step]?) throws
  {
    let trajectory = answer.trajectory
    guard let run else {
      throw Complaint("The run has not begun: its policy is still loading.")
    }
    guard let steps else {
      throw Complaint("Step boundaries of \(trajectory.id) cannot be changed there.")
    }
    guard let task else {
      throw Complaint("The policy is still loading; its task looks at the new steps.")
    }
    let cut = StepCut(
      trajectory: trajectory.id, kind: kind, token: token, starts: trajectory.steps.map(\.start),
      steps: task.examine(recut: steps, of: trajectory))
    try run.store.append([.recut(cut)])
    var changed = trajectory
    changed.steps = cut.steps
    proposeAnew(answer, as: changed)
  }

  /// Lets the rule speak again where all boundaries that are left are valued.
  private func proposeAnew(_ answer: RecordedAnswer, as trajectory: Trajectory) {
    thread.submit { [self] in
      guard let trainer, let valuer = try? StepValuer(sampler()) else { return }
      var values = known(answer, valuer).recut(as: trajectory)
      guard (0..<values.steps).allSatisfy(values.isKnown) else { return }
      valuer.addHints(to: &values)
      self.values[trajectory.id] = values
      let proposal = values.criticalStep(trainer.loop.recipe)
      do { try append([proposal].compactMap { $0 }.map { .proposed($0) }) } catch {
        inbox.post(.message("\(error)", .error))
      }
    }
  }
}
