package import Foundation
package import LanguageModel
package import Learning
import ModelFiles
import Records
import Tensors
package import Trajectories
package import Workbench

/// One run as it is trained: the loop, its list of events and its checkpoints.
///
/// A trainer may be opened without training; the lock is taken before the first update, and only then
/// are the optimizer's moments read, which are twice the size of the weights.
package final class Trainer {
  package private(set) var run: OpenedRun
  private(set) var model: LoadedModel
  package private(set) var loop: TrainingLoop
  package private(set) var secondsPerUpdate: Double?
  private var lock: TrainingLock?
  private var record = TrainingRecord()
  /// Answers that a person spoke of, as they came.
  private var spokenOf: [String: Trajectory] = [:]
  /// What was made and is not in the record yet, since there was no room for it.
  private var unwritten: [RunEvent] = []
  /// What trackers read; nil until this process trains, and where it has to be written anew.
  private var trackers: TrackerFiles?

  /// Opens a run at its newest checkpoint; `progress` hears what share is read.
  package init(_ run: OpenedRun, progress: WorkProgress<Double> = .unheard) throws {
    self.run = run
    // Before the record is read: another process may train, and events come before weights.
    let found = CheckpointFolder.newest(in: run.folder)
    try record.read(run.store, progress: progress.reporting { 0 })
    guard let newest = found else {
      throw Complaint(
        "\(run.folder.path) has no checkpoint, so there is no policy to work with"
          + (run.neverBegan
            ? "; it never began: crux train --resume \(shellWord(run.folder.path)) begins it."
            : "."))
    }
    (model, loop) = try Trainer.load(
      newest, run: run, record: record, moments: false, progress: progress)
    followRecipe()
  }

  /// Opens a run that has just begun with a model that is in memory.
  init(_ run: OpenedRun, begunWith model: LoadedModel) throws {
    self.run = run
    self.model = model.widened()
    try record.read(run.store)
    loop = try Trainer.makeLoop(model, run: run, record: record)
    followRecipe()
  }

  /// Begins a run: writes its recipe, its first event and checkpoint 0.
  package static func begin(
    _ recipe: Recipe, model: LoadedModel, task: any ReasoningTask, in folder: URL
  ) throws -> OpenedRun {
    var recipe = recipe
    if let adapter = model.policy.adapter {
      // What its files said is what the record tells.
      recipe.adapter = AdapterChoice(adapter.settings, start: recipe.adapter.start)
    }
    let store = try RunStore(creating: folder, recipe: RecipeFile.text(of: recipe))
    let lock = try TrainingLock(run: folder)
    let manifest = try CheckpointFiles.begin(recipe, model: model, run: folder)
    let start = RunStart(
      recipe: recipe, machine: Machine.summary, parameters: model.weightCount,
      version: Version.text)
    let note = ProcessInfo.processInfo.environment[OpenBLASChoice.note]
    let warnings =
      (note.map { [$0] } ?? []) + SpeedChecks.current.warnings(for: recipe) + model.warnings
      + task.warnings
    try store.append(
      [.started(start)] + warnings.map(RunEvent.warned) + [
        .checkpointed(update: 0, manifest: manifest)
      ])
    try store.close()
    withExtendedLifetime(lock) {}
    // Whoever began a run with a command goes on with it; where that cannot be kept, they are asked.
    if RewardConsent.allows(recipe.task.rewardCommand) {
      try? RewardConsent.remember(recipe.task.rewardCommand)
    }
    return try OpenedRun(folder, readOnly: false)
  }

  /// Makes this process the one that trains the run; goes on from the newest checkpoint.
  ///
  /// - Throws: `RecipeEdited` where recipe.toml was edited and that is not accepted; a sentence where
  ///   another trains the run, or its record or its checkpoint is not whole.
  package func takeLock(acceptingEdits: Bool = false) throws {
    guard lock == nil else { return }
    if let reason = run.readOnly { throw Complaint("This run cannot be trained: \(reason).") }
    if run.recipe.server.isNamed, let problem = run.recipe.trainingProblem {
      throw Complaint(problem)
    }
    try run.store.checkPlace()
    try readStore()
    try refuseGaps()
    try run.readRecipe()
    guard run.edits.isEmpty || acceptingEdits else { throw RecipeEdited(run: run) }
    lock = try TrainingLock(run: run.folder)
    trackers = nil
    try CheckpointFolder.removeLeftovers(in: run.folder)
    let edits = run.acceptEdits(at: CheckpointFolder.newest(in: run.folder)?.update ?? 0)
    do { try loadNewest() } catch {
      lock = nil
      throw error
    }
    try readStore()
    let update = loop.state.update
    if history.policyVersion > update { try append([.resumed(update: update)]) }
    try record(edits)
    let machine = Machine.summary
    if let before = history.start?.machine, before != machine {
      try append([
        .warned(
          message: "This run began on “\(before)” and goes on on “\(machine)”; "
            + "its numbers may differ in their last digits from here on.")
      ])
    }
  }

  /// Loads the newest checkpoint if it is not the one at hand; answers whether it did.
  ///
  /// The process that trains holds the newest weights itself.
  func catchUp() throws -> Bool {
    guard lock == nil, CheckpointFolder.newest(in: run.folder)?.update != loop.state.update
    else { return false }
    try loadNewest()
    return true
  }

  /// Records accepted edits; where a number was changed in the meantime, the file's counts now.
  private func record(_ edits: [RecipeEdit]) throws {
    guard !edits.isEmpty else { return }
    try append(edits.map { .edited($0) })
    for key in RecipeChange.Key.allCases where edits.contains(where: { $0.key == key.rawValue }) {
      try change(key, to: run.recipe[key], because: "recipe.toml was edited")
    }
  }

  private func loadNewest() throws {
    guard let newest = CheckpointFolder.newest(in: run.folder) else { return }
    try record.read(run.store)
    (model, loop) = try Trainer.load(
      newest, run: run, record: record, known: model, moments: lock != nil)
    followRecipe()
  }

  /// Changes a number of the recipe from here on; the record tells that and why.
  ///
  /// - Throws: A sentence where the number does not fit, or the run goes no further by it.
  package func change(_ key: RecipeChange.Key, to value: Int, because reason: String) throws {
    if let reason = run.readOnly { throw Complaint("This run cannot be changed: \(reason).") }
    try readStore()
    let made = history.policyVersion
    let change = RecipeChange(
      update: made, key: key, before: loop.recipe[key], value: value, reason: reason)
    guard change.before != value else { return }
    var recipe = loop.recipe
    recipe[key] = value
    try recipe.check()
    guard key != .updates || value > made else {
      throw Complaint("The run has made \(made) updates already; take more than that.")
    }
    try append([.changed(change)])
  }

  /// Evaluates, keeps a checkpoint and makes an update, as far as each is due.
  ///
  /// - Returns: Whether there is more to do.
  package func step(_ progress: WorkProgress<LoopProgress>) throws -> Bool {
    do { return try advance(progress) } catch is Stopped {
      // What was stopped is still to be made.
      return true
    } catch let error as TaskError {
      // A judge that was stopped with the rest is no failure; what it did not judge is dropped.
      guard Interruption.isStopWanted else { throw error }
      return true
    }
  }

  private func advance(_ progress: WorkProgress<LoopProgress>) throws -> Bool {
    try writeRest()
    try readStore()
    try refuseGaps()
    try settle(progress)
    guard !loop.isFinished else {
      if history.status != .finished { try append([.finished]) }
      lock = nil
      return false
    }
    let update = loop.state.update + 1
    let count = record.log.count(for: update)
    var events: [RunEvent] = count > 0 ? [.followed(marks: count, update: update)] : []
    let words = try words(count)
    let metrics = try loop.update(marks: words, progress: progress) { event in
      // After a return an update is made again, under the same names.
      if case .sampled(let answer) = event { spokenOf[answer.id] = nil }
      events.append(event)
    }
    let average = secondsPerUpdate ?? metrics.seconds
    secondsPerUpdate = 0.8 * average + 0.2 * metrics.seconds
    // An update is written down wholly or not at all.
    try append(events)
    try settle(progress)
    return try !finish()
  }

  /// Writes a checkpoint of this moment unless there is one.
  package func checkpoint() throws {
    try run.store.checkPlace()
    guard lock != nil, CheckpointFolder.newest(in: run.folder)?.update != loop.state.update
    else { return }
    let manifest = try CheckpointFiles.write(loop, model: model, run: run.folder)
    // The weights are those of the last whole update, whatever has become of the judge since.
    unwritten.append(.checkpointed(update: loop.state.update, manifest: manifest))
    try writeRest()
    try readStore()
  }

  /// Ends the run on a person's wish.
  func stop() throws {
    try checkpoint()
    try append([.stopped])
    lock = nil
  }

  /// Returns to a checkpoint; later updates no longer count.
  func rollBack(to update: Int) throws {
    guard let target = CheckpointFolder.list(in: run.folder).first(where: { $0.update == update })
    else {
      let there = checkpoints.map(String.init).joined(separator: ", ")
      throw Complaint("There is no checkpoint \(update); there are \(there).")
    }
    // What cannot be loaded must not cost those that can.
    (model, loop) = try Trainer.load(
      target, run: run, record: record, known: model, moments: lock != nil)
    try CheckpointFolder.discard(after: update, in: run.folder)
    try append([.rolledBack(update: update)])
  }

  /// Whether a rollout takes a reader's time.
  var isLarge: Bool { model.weightCount >= RunStart.largePolicy }

  /// The events of the run, added up.
  package var history: RunHistory { record.history }

  /// What the newest update did.
  package var metrics: Metrics? { history.metrics.last }

  /// The newest measurement of held-out accuracy.
  package var evaluation: EvaluationResult? { history.evaluations.last }

  /// Updates whose weights can be loaded.
  var checkpoints: [Int] { CheckpointFolder.list(in: run.folder).map(\.update) }

  /// Draws rollouts of the policy as it was after an update, or as it is now.
  func sampler(version: Int) throws -> RolloutSampler {
    guard version != loop.state.update else { return loop.sampler }
    guard let folder = CheckpointFolder.list(in: run.folder).first(where: { $0.update == version })
    else { throw Complaint("There is no checkpoint of update \(version).") }
    try record.read(run.store)
    let past = try CheckpointFiles.model(folder, run: run.folder, record: record, known: model)
    return RolloutSampler(
      policy: past.policy, codec: loop.codec, task: loop.task, recipe: loop.recipe,
      version: version)
  }
}

extension Trainer {
  /// Evaluation and checkpoint of the present update.
  private func settle(_ progress: WorkProgress<LoopProgress>) throws {
    let update = loop.state.update
    if loop.wantsEvaluation, history.evaluations.last?.policyVersion != update {
      try append([.evaluated(try loop.evaluate(progress))])
    }
    if loop.wantsCheckpoint { try checkpoint() }
  }

  private func finish() throws -> Bool {
    guard loop.isFinished else { return false }
    try append([.finished])
    lock = nil
    return true
  }

  /// Writes down what was made; what there is no room for is kept and written by `writeRest`.
  func append(_ events: [RunEvent]) throws {
    try loop.task.check()
    unwritten += events
    try writeRest()
    try readStore()
  }

  /// Writes what there was no room for.
  func writeRest() throws {
    guard !unwritten.isEmpty else { return }
    try run.store.append(unwritten)
    track(unwritten)
    unwritten = []
  }

  /// Tells trackers what was written down, where this process trains.
  ///
  /// Their files follow from the record, so a failure costs nothing: they are written anew with the
  /// next update.
  private func track(_ events: [RunEvent]) {
    guard lock != nil else { return }
    do {
      if let trackers, !TrackerFiles.goBack(events) {
        try trackers.append(events, time: Date().timeIntervalSince1970)
      } else {
        trackers = try TrackerFiles(of: run.store)
      }
    } catch { trackers = nil }
  }

  private func readStore() throws {
    try record.read(run.store)
    followRecipe()
  }

  private func followRecipe() {
    loop.recipe = record.log.recipe(run.recipe, for: loop.state.update + 1)
  }

  /// Refuses to learn by a record of which a word or a number is not known.
  private func refuseGaps() throws {
    if let gap = record.gap { throw refusal(of: gap) }
    for mark in record.log.standing(record.log.count) { _ = try asItCame(mark.trajectory) }
  }

  private func refusal(of gap: DamagedEvent) -> Complaint {
    Complaint(
      "\(gap.words). Training would go by it, so \(run.folder.path) can be looked at but not "
        + "trained; restore it from a copy.")
  }

  /// An answer that a person spoke of, as it was drawn; nil where the record does not have it.
  private func asItCame(_ name: String) throws -> Trajectory? {
    if let known = spokenOf[name] { return known }
    switch try run.store.sampled(name) {
    case .sampled(let answer):
      spokenOf[name] = answer
      return answer
    case .damaged(let row): throw refusal(of: row)
    default: return nil
    }
  }

  private func words(_ count: Int) throws -> [MarkedTrajectory] {
    try record.log.standing(count).compactMap { mark in
      guard var trajectory = try asItCame(mark.trajectory) else { return nil }
      try loop.sampler.check(trajectory)
      // Words before a cut speak of the steps before it.
      let steps = record.log.steps(of: mark.trajectory, after: count)
      if let steps, steps.last?.end == trajectory.responseTokens.count {
        trajectory.steps = steps
      }
      return MarkedTrajectory(mark: mark, trajectory: trajectory)
    }
  }

  private static func load(
    _ checkpoint: CheckpointFolder, run: OpenedRun, record: TrainingRecord,
    known: LoadedModel? = nil, moments: Bool, progress: WorkProgress<Double> = .unheard
  ) throws -> (LoadedModel, TrainingLoop) {
    let model = try CheckpointFiles.model(
      checkpoint, run: run.folder, record: record, known: known, moments: moments,
      isServed: run.recipe.server.isNamed, progress: progress
    ).widened()
    let loop = try makeLoop(model, run: run, record: record)
    try CheckpointFiles.restore(loop, from: checkpoint, moments: moments)
    return (model, loop)
  }

  private static func makeLoop(
    _ model: LoadedModel, run: OpenedRun, record: TrainingRecord
  ) throws -> TrainingLoop {
    try TrainingLoop(
      policy: model.policy, reference: try start(of: run.folder, record, model),
      codec: try model.codec(for: run.recipe), task: try run.recipe.makeTask(),
      recipe: run.recipe, now: { ProcessInfo.processInfo.systemUptime })
  }

  /// Makes the policy the run began with, when learning first asks for it.
  private static func start(
    of run: URL, _ record: TrainingRecord, _ model: LoadedModel
  ) throws -> () throws -> any Policy {
    guard let first = CheckpointFolder.list(in: run).first, first.update == 0 else {
      let copy = model.policy.copy()
      return { copy }
    }
    return {
      let policy = try CheckpointFiles.model(first, run: run, record: record, known: model).policy
      return policy.adapter?.isIdentity == true ? policy.adapted(by: nil) : policy
    }
  }
}

extension RolloutSampler {
  /// Refuses an answer of the record that this policy cannot have given or been given, before it goes
  /// on from it.
  ///
  /// - Throws: A sentence that names the answer and what is wrong.
  func check(_ answer: Trajectory) throws {
    let tokens = answer.promptTokens + answer.responseTokens
    let known = 0..<Token(policy.vocabulary)
    if let strange = tokens.first(where: { !known.contains($0) }) {
      throw Complaint(
        "\(answer.id) holds token \(strange), but the policy's vocabulary ends at "
          + "\(policy.vocabulary - 1); it is not an answer of this policy, so it is only shown.")
    }
    guard tokens.count <= policy.contextLength else {
      throw Complaint(
        "\(answer.id) has \(tokens.count) tokens with its prompt, more than the policy's "
          + "\(policy.contextLength); it is only shown.")
    }
    guard !answer.steps.isEmpty, !answer.promptTokens.isEmpty else {
      throw Complaint("\(answer.id) has no prompt or no steps to go back to; it is only shown.")
    }
  }
}

/// What the record of a run says to whoever trains it: the events added up, a person's words, what
/// each checkpoint was written as, and what cannot be read.
package struct TrainingRecord {
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
  ///   - progress: Called before each piece.
  /// - Throws: `Stopped`; a sentence where the run cannot be read.
  mutating func read(_ store: RunStore, progress: WorkProgress<Void> = .unheard) throws {
    while true {
      try progress(())
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

/// A run's recipe.toml says something else than the run goes by, and nobody has accepted that.
struct RecipeEdited: Error, CustomStringConvertible {
  let run: OpenedRun

  /// What was edited, key by key.
  var words: String {
    let most = 6
    let edits = run.edits.prefix(most).map(\.words) + (run.edits.count > most ? ["…"] : [])
    return "\(run.name)/\(RunStore.recipeName) was edited since the run went by it: "
      + edits.joined(separator: "; ")
  }

  var description: String {
    words
      + ".\ncrux train --resume \(shellWord(run.folder.path)) --accept-changes goes on with that; "
      + "or write the old values back."
  }
}
