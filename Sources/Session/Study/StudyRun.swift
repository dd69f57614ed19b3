package import Foundation
import LanguageModel
import Learning
package import Records
import Tensors
package import Trajectories

/// Trains what a study lacks, several trainings at once, each on a share of the processors.
///
/// Every training has a policy, a loop and a thread of its own; nothing in the engine is shared but
/// the team of threads, which no training uses where each has one processor. So a training's numbers
/// are those it would have alone. All that is changed here is changed under the lock.
package final class StudyRun: @unchecked Sendable {
  let study: Study
  private let plan: StudyPlan
  private var file: OutcomeFile?
  private let condition = NSCondition()
  private var known: [OutcomeKey: TrainingOutcome] = [:]
  private var keys: [StudyCell: OutcomeKey] = [:]
  private var pending: [StudyCell] = []
  private var running: Set<StudyCell> = []
  private var starts: [[String]: EvaluationResult] = [:]
  private let gate: StudyGate
  private let hear: (StudyNews) -> Void
  private var fault: (any Error)?

  /// A study of which nothing is known yet.
  ///
  /// - Parameters:
  ///   - study: What is compared.
  ///   - plan: Its recipes and policies.
  ///   - gate: Where trainings wait or learn that they are to stop.
  ///   - hear: Is told what happens, by one thread at a time.
  package init(
    _ study: Study, plan: StudyPlan, gate: StudyGate,
    hear: @escaping (StudyNews) -> Void
  ) {
    self.study = study
    self.plan = plan
    self.gate = gate
    self.hear = hear
  }

  /// A study to look at what its file says is finished.
  package convenience init(finishedOf study: Study, in file: URL) throws {
    let plan = try StudyPlan(study, in: file.deletingLastPathComponent())
    self.init(study, plan: plan, gate: StudyGate { false }) { _ in }
    read(try OutcomeFile(OutcomeFile.place(of: file), isWritten: false))
  }

  /// What is known of a training; nil where it is not finished.
  package func outcome(of cell: StudyCell) -> TrainingOutcome? {
    key(of: cell).flatMap { known[$0] }
  }

  /// How many trainings are finished.
  package var finished: Int { study.cells.count { outcome(of: $0) != nil } }

  /// Takes what a file says in place of what was known.
  package func read(_ file: OutcomeFile) { known = file.outcomes }

  /// Trains what is lacking; returns when all is done or a stop was asked for.
  ///
  /// - Parameters:
  ///   - jobs: Trainings at once.
  ///   - file: Tells what is finished, and keeps what is made.
  /// - Throws: What kept a result from being written.
  package func train(jobs: Int, file: OutcomeFile?) throws {
    if let file { read(file) }
    self.file = file
    defer { self.file = nil }
    pending = study.cells.filter { outcome(of: $0) == nil }
    guard !pending.isEmpty else { return }
    hear(.ahead(pending, jobs: jobs))
    let threads = Parallel.threads
    Parallel.threads = max(1, Machine.processors / max(1, jobs))
    defer { Parallel.threads = threads }
    let ended = DispatchGroup()
    for number in 0..<min(jobs, pending.count) {
      ended.enter()
      let thread = Thread { [self] in
        while let (cell, budget) = next() { finish(cell, work(on: cell, within: budget)) }
        ended.leave()
      }
      thread.name = "training \(number + 1)"
      thread.stackSize = 16 << 20
      thread.start()
    }
    ended.wait()
    if let fault { throw fault }
  }

  /// What is to be trained next; waits where it depends on one that is under way.
  private func next() -> (StudyCell, TrainingBudget)? {
    condition.lock()
    defer { condition.unlock() }
    while fault == nil, !pending.isEmpty, isGoingOn() {
      if let place = pending.firstIndex(where: isReady) {
        let cell = pending.remove(at: place)
        // Two methods may come to the same training; it is made once.
        if outcome(of: cell) != nil {
          hear(.skipped(cell))
          continue
        }
        guard let budget = budget(of: cell) else { continue }
        running.insert(cell)
        return (cell, budget)
      }
      guard !running.isEmpty else { return nil }
      condition.wait()
    }
    return nil
  }

  /// Waits out a pause, unlocked, as others may have something to write down.
  private func isGoingOn() -> Bool {
    condition.unlock()
    defer { condition.lock() }
    do { try gate.pass() } catch { return false }
    return true
  }

  private func isReady(_ cell: StudyCell) -> Bool {
    guard let key = key(of: cell) else { return false }
    return !running.contains { self.key(of: $0) == key }
  }

  private func finish(_ cell: StudyCell, _ result: Result<TrainingOutcome, any Error>) {
    condition.lock()
    defer { condition.unlock() }
    running.remove(cell)
    do {
      let outcome = try result.get()
      if let key = key(of: cell) {
        known[key] = outcome
        try file?.append(OutcomeLine(key: key, name: study.name(of: cell), outcome: outcome))
        hear(.finished(cell, outcome))
      }
    } catch is Stopped {
      // What is not finished is made anew another time.
    } catch {
      fault = fault ?? error
    }
    condition.broadcast()
  }

  private func key(of cell: StudyCell) -> OutcomeKey? {
    if let key = keys[cell] { return key }
    guard let budget = budget(of: cell) else { return nil }
    let key = plan.key(of: cell, budget: budget)
    keys[cell] = key
    return key
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

  private func work(
    on cell: StudyCell, within budget: TrainingBudget
  ) -> Result<TrainingOutcome, any Error> {
    Result {
      let loop = try plan.loop(of: cell) { [gate] in gate.now }
      let progress = WorkProgress<LoopProgress> { [self] said throws(Stopped) in
        condition.lock()
        hear(.progressed(cell, said))
        condition.unlock()
        try gate.pass()
      }
      let start = try start(of: cell, loop, progress)
      return try Comparison(of: loop, budget: budget)(from: start, progress: progress)
    }
  }

  /// Held-out accuracy of the starting policy, measured once for all that share it.
  private func start(
    of cell: StudyCell, _ loop: TrainingLoop, _ progress: WorkProgress<LoopProgress>
  ) throws(Stopped) -> EvaluationResult {
    let key = plan.evaluation(of: cell)
    condition.lock()
    let old = starts[key]
    condition.unlock()
    if let old { return old }
    let made = try loop.evaluate(progress)
    condition.lock()
    starts[key] = made
    condition.unlock()
    return made
  }
}

/// The recipes and policies of a study, checked before anything is trained.
package struct StudyPlan {
  private var recipes: [[Recipe]]
  private let study: Study
  private let folders: [URL]
  private var fingerprints: [String: String] = [:]
  private var largest = 0

  /// Looks up and reads every policy once.
  ///
  /// - Parameters:
  ///   - study: What is compared.
  ///   - folders: For each method the folder its recipe's paths are looked up from.
  /// - Throws: A sentence where a policy is not found or does not know the words of a task.
  package init(_ study: Study, folders: [URL]) throws {
    self.study = study
    self.folders = folders
    recipes = study.recipes
    var uses: [String: [(recipe: Recipe, folder: URL)]] = [:]
    for method in recipes.indices {
      for task in recipes[method].indices {
        var recipe = recipes[method][task]
        recipe.model = try Locations.model(recipe.model, besides: folders[method]).path
        recipe = recipe.withWholePaths(in: folders[method])
        recipe.record.trajectories = 0
        if study.methods[method].isUntrained { recipe.updates = 0 }
        recipes[method][task] = recipe
        uses[Self.place(of: recipe), default: []].append((recipe, folders[method]))
      }
    }
    for place in uses.keys.sorted() { if let some = uses[place] { try read(some) } }
  }

  /// The same where every path is looked up from one folder, that of the study's file.
  init(_ study: Study, in folder: URL) throws {
    try self.init(study, folders: study.methods.map { _ in folder })
  }

  /// Takes a policy's fingerprint, and checks that it knows the words of every task it is to meet.
  private mutating func read(_ uses: [(recipe: Recipe, folder: URL)]) throws {
    let (recipe, folder) = uses[0]
    let model = try Self.load(recipe, folder: folder)
    let adapter = model.policy.adapter == nil ? "" : "+" + model.policy.parameters.fingerprint
    fingerprints[Self.place(of: recipe)] = model.policy.base.fingerprint + adapter
    largest = max(largest, model.policy.base.count)
    for (recipe, _) in uses {
      if recipe.updates > 0, let problem = recipe.trainingProblem { throw Complaint(problem) }
      try model.check(fits: try recipe.makeTask(), of: recipe)
    }
  }

  /// Trainings at once: as many as processors, but one of a large policy.
  package var jobs: Int { largest < RunStart.largePolicy ? Machine.processors : 1 }

  private static func place(of recipe: Recipe) -> String {
    recipe.model + "\n" + recipe.adapter.start
  }

  private static func load(_ recipe: Recipe, folder: URL) throws -> LoadedModel {
    try LoadedModel(URL(fileURLWithPath: recipe.model)).adapted(as: recipe, besides: folder)
  }

  /// The recipe of a training.
  func recipe(of cell: StudyCell) -> Recipe {
    var recipe = recipes[cell.method][cell.task]
    recipe.seed = cell.seed
    return recipe
  }

  /// What the outcome of a training is kept under.
  func key(of cell: StudyCell, budget: TrainingBudget) -> OutcomeKey {
    let recipe = recipe(of: cell)
    return OutcomeKey(
      recipe, model: fingerprints[Self.place(of: recipe)] ?? "", budget: budget,
      isUntrained: study.methods[cell.method].isUntrained)
  }

  /// What the accuracy of the starting policy depends on.
  func evaluation(of cell: StudyCell) -> [String] {
    let key = key(of: cell, budget: TrainingBudget())
    let sections = ["task.", "prompt.", "sampling.", "evaluation."]
    return [key.model]
      + key.recipe.filter { line in sections.contains { line.hasPrefix($0) } }
  }

  /// A loop at its start, with a policy of its own; `now` are seconds from any beginning.
  func loop(of cell: StudyCell, now: @escaping () -> Double) throws -> TrainingLoop {
    let recipe = recipe(of: cell)
    let model = try Self.load(recipe, folder: folders[cell.method])
    return try model.loop(of: recipe, now: now)
  }
}

/// Where the trainings of a study wait while a person wants a pause, and learn that they are to stop.
///
/// Seconds of a training are taken from its clock, which stands still meanwhile.
package final class StudyGate: @unchecked Sendable {
  private let condition = NSCondition()
  private let isStopped: () -> Bool
  private var pausedSince: TimeInterval?
  private var paused: TimeInterval = 0

  /// A gate that is open until `isStopped`.
  package init(isStopped: @escaping () -> Bool) { self.isStopped = isStopped }

  /// Seconds from any beginning, without pauses.
  var now: TimeInterval {
    condition.withLock { (pausedSince ?? Self.clock) - paused }
  }

  private static var clock: TimeInterval { ProcessInfo.processInfo.systemUptime }

  /// Holds every training at its next report.
  func pause() {
    condition.withLock { pausedSince = pausedSince ?? Self.clock }
  }

  /// Lets them go on.
  func resume() {
    condition.withLock {
      if let since = pausedSince { paused += Self.clock - since }
      pausedSince = nil
      condition.broadcast()
    }
  }

  /// Waits out a pause, and goes on unless the trainings are to stop.
  func pass() throws(Stopped) {
    condition.withLock {
      while pausedSince != nil, !isStopped() {
        // Whoever stops does not know of this gate.
        _ = condition.wait(until: Date(timeIntervalSinceNow: 0.05))
      }
    }
    if isStopped() { throw Stopped() }
  }
}
