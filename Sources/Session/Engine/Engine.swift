import Foundation
import LanguageModel
import Learning
import Records
import Synchronization
import Trajectories
import Workbench

/// What the reader asks for is done here, on the engine's own thread.
///
/// Everything but `start`, `end`, `cancel`, `run`, `failure` and the questions, which only hand work
/// in, is touched on that thread alone.
final class Engine: @unchecked Sendable {
  let thread = EngineThread()
  let inbox: Inbox
  let opening: Opening
  private let outcome: Mutex<Outcome>
  private let isOver = DispatchSemaphore(value: 0)
  private let queue = Mutex<[Waiting]>([])
  var trainer: Trainer?
  /// Servers that draw in place of the trainer's policy; nil where it draws itself.
  var server: ServedModel?
  /// Those that somebody named beside the run; nil leaves it to the recipe.
  let wantedServer: ServerChoice?
  var values: [String: StepValues] = [:]
  /// Problems of a file that wait for an answer.
  var unanswered: ArraySlice<AskedProblem> = []
  /// Answers of a dump that this policy cannot have written, and why the first cannot be its.
  var leftOut = (count: 0, first: "")
  /// Branches drawn or asked for so far, by trajectory and step.
  var branchCounts: [String: Int] = [:]
  /// Largest number in the name of an answer to a problem that the reader typed.
  var asked = 0
  var isTraining = false
  /// Whether training waits for a person between two updates.
  var isPaused = false
  /// Whether the disk is full and something waits to be written.
  private(set) var waitsForRoom = false
  /// The update after which training waits by itself; nil where it goes on to the recipe's last.
  var pauseUpdate: Int?
  /// How many of the answers drawn under the present limit it cut off.
  var cutOff = (cut: 0, drawn: 0)
  /// The present work in words.
  var label = ""

  /// What became of the opening.
  private struct Outcome {
    var run: OpenedRun?
    var failure: String?
    var codec: (any TextCodec)?
    var task: (any ReasoningTask)?
  }

  /// Work that waits for its turn.
  private struct Waiting: Equatable {
    var label: String
    var number: UUID
  }

  init(opening: Opening, server: ServerChoice? = nil, inbox: Inbox) {
    self.opening = opening
    self.inbox = inbox
    wantedServer = server
    outcome = Mutex(Outcome(run: opening.run))
  }

  /// The run, nil while it has not begun; any thread may ask.
  var run: OpenedRun? { outcome.withLock { $0.run } }

  /// Text to tokens and back, nil while the policy loads; any thread may ask.
  var codec: (any TextCodec)? { outcome.withLock { $0.codec } }

  /// What judges answers, nil while the policy loads; any thread may ask.
  var task: (any ReasoningTask)? { outcome.withLock { $0.task } }

  /// Why the run could not begin, nil where it did or still may; any thread may ask.
  var failure: String? { outcome.withLock { $0.failure } }

  /// Starts the thread and loads the newest weights behind the first frame.
  func start() {
    inbox.post(.engine(.loading))
    Interruption.hear { [thread] in thread.isCancelled }
    thread.start()
    thread.submit { [self] in load() }
  }

  /// Ends the thread, keeping the updates that were made; answers whether it ended in time.
  func end() -> Bool {
    // The last checkpoint hangs on it, so an update of a large policy is waited for.
    let isOver = thread.join(seconds: 10) { [self] in
      do {
        try trainer?.writeRest()
        try trainer?.checkpoint()
      } catch {
        let words = "The last checkpoint was not written: \(sentence(for: error))"
        outcome.withLock { $0.failure = words }
      }
      server?.end()
      discardIfEmpty()
      // One plain file is left where nobody else has the run open.
      try? run?.store.close()
    }
    if isOver { Interruption.hear { false } }
    return isOver
  }

  /// Removes a run that began here and in which nothing happened.
  private func discardIfEmpty() {
    guard case .beginning = opening, let run, (try? run.store.checkPlace()) != nil,
      let events = try? run.store.events()
    else { return }
    let onlyBegan = events.allSatisfy { recorded in
      switch recorded.event {
      case .started, .warned, .checkpointed(update: 0, _): true
      default: false
      }
    }
    guard onlyBegan else { return }
    try? run.store.close()
    try? FileManager.default.removeItem(at: run.folder)
  }

  /// Stops the work under way and drops what waits.
  func cancel() {
    thread.cancel()
    queue.withLock { $0 = [] }
    inbox.post(.waiting([]))
  }

  private func load() {
    label = "loading \(opening.policyName)"
    let progress = loadingProgress()
    do {
      let trainer = try opening.load(progress)
      self.trainer = trainer
      let begun = run == nil
      outcome.withLock {
        ($0.run, $0.codec, $0.task) = (trainer.run, trainer.loop.codec, trainer.loop.task)
      }
      if begun {
        inbox.post(.begun(runName: trainer.run.name, policyName: trainer.run.policyName))
        trainer.model.warnings.forEach { inbox.post(.message($0, .warning)) }
      }
      announce(trainer)
      // Whoever is paid for rollouts draws none to be measured.
      if !serve(trainer), trainer.isLarge { measureSpeed(trainer.loop.sampler) }
    } catch {
      // Whoever left did not fail.
      if !thread.isCancelled { refuse(error, isUseless: run == nil) }
    }
    inbox.post(.progress(nil))
    if failure == nil {
      answerFile(opening.problems)
      inbox.post(.engine(restingState))
    }
    isOver.signal()
  }

  /// Draws a little to know what more of it will cost.
  ///
  /// The first draw readies the weights; the second is measured.
  private func measureSpeed(_ sampler: RolloutSampler) {
    guard let start = try? sampler.start(of: sampler.problem(.drawn, [0])) else { return }
    watch()
    for limit in [1, 8] {
      let request = RolloutRequest(
        prefix: start.tokens, seeds: (0..<8).map(UInt64.init), limit: limit)
      let began = Date()
      let drawn = try? sampler.continuations(
        of: [request], progress: .until { [thread] in thread.isCancelled })
      if limit > 1 {
        tellSpeed(drawn?.joined().reduce(0) { $0 + $1.tokens.count } ?? 0, since: began)
      }
    }
  }

  /// Posts how many tokens a second were drawn.
  func tellSpeed(_ tokens: Int, since began: Date) {
    let seconds = Date().timeIntervalSince(began)
    // Too few say more of the clock than of the policy.
    guard tokens >= 32, seconds > 0, !thread.isCancelled else { return }
    inbox.post(.speed(Double(tokens) / seconds))
  }

  /// Tells what went wrong; a run that cannot be of any use fails.
  func refuse(_ error: any Error, isUseless: Bool) {
    guard isUseless else {
      inbox.post(.message(sentence(for: error), .error))
      return
    }
    outcome.withLock { $0.failure = sentence(for: error) }
    cancel()
    inbox.post(.engine(.failed(sentence(for: error))))
  }

  /// Posts how much of the model is read.
  private func loadingProgress() -> WorkProgress<Double> {
    var shown = -1
    return WorkProgress { [self] share throws(Stopped) in
      let percent = min(100, max(0, Int(share * 100)))
      if percent > shown {
        shown = percent
        inbox.post(
          .progress(
            EngineProgress(
              label: label, done: percent, total: 100, secondsLeft: nil, rollouts: 0)))
      }
      try checkStop()
    }
  }

  /// Waits until the opening succeeded or failed, but no longer than that.
  func waitForOpening(seconds: Double) {
    _ = isOver.wait(timeout: .now() + seconds)
  }
}

// What all work shares.
extension Engine {
  /// Goes on unless the reader stopped the work under way.
  func checkStop() throws(Stopped) { if thread.isCancelled { throw Stopped() } }

  /// Hands work to the thread and tells the screen when it waits, begins and ends.
  ///
  /// Work that judges answers is not begun where the run's reward command needs a person's word.
  func work(
    _ label: String, judges: Bool = true, _ body: @escaping (Engine) throws -> Void
  ) {
    let number = UUID()
    post(
      queue.withLock { waiting in
        waiting.append(Waiting(label: label, number: number))
        return waiting
      })
    thread.submit { [self] in
      post(
        queue.withLock { waiting in
          waiting.removeAll { $0.number == number }
          return waiting
        })
      self.label = label
      if !isTraining { inbox.post(.engine(.working)) }
      inbox.post(
        .progress(
          EngineProgress(label: label, done: 0, total: 0, secondsLeft: nil, rollouts: 0)))
      watch()
      server?.begin()
      do { if try !judges || isJudgeSettled() { try body(self) } } catch is Stopped {
        // Whoever stopped it knows.
      } catch {
        inbox.post(.message(sentence(for: error), .error))
      }
      tellServerFailure()
      inbox.post(.progress(nil))
      inbox.post(.engine(restingState))
    }
  }

  /// Whether nothing has to be asked before answers are judged; the reader is asked where it has.
  private func isJudgeSettled() throws -> Bool {
    guard let question = RewardConsent.question(about: [try ready().run.recipe]) else {
      return true
    }
    inbox.post(question)
    return false
  }

  /// Lets a wish to stop be heard at the next token; `hear` is told what is drawn at the time.
  func watch(_ hear: (([Token]) -> Void)? = nil) {
    (trainer?.loop.policy as? Transformer)?.watch = WorkProgress {
      [weak self] tokens throws(Stopped) in
      hear?(tokens)
      guard let self else { throw Stopped() }
      try checkStop()
    }
  }

  private func post(_ waiting: [Waiting]) { inbox.post(.waiting(waiting.map(\.label))) }

  /// What the engine does between two works that were asked for.
  var restingState: EngineState {
    if isTraining { return .training }
    return !unanswered.isEmpty ? .working : isPaused ? .paused : .idle
  }

  /// Goes on with a file's problems, then with training, while nothing else is asked for.
  func setBackground() {
    let isNeeded = isTraining || !unanswered.isEmpty || waitsForRoom
    thread.whileIdle(isNeeded ? { [weak self] in self?.goOn() ?? false } : nil)
  }

  private func goOn() -> Bool {
    if waitsForRoom, stillWaits() { return true }
    guard unanswered.isEmpty else {
      answerNext()
      return isTraining || !unanswered.isEmpty
    }
    return trainOn()
  }

  func announce(_ trainer: Trainer) { inbox.post(.checkpoints(trainer.checkpoints)) }

  /// The trainer with the newest weights, loaded anew where loading failed before.
  func ready() throws -> Trainer {
    if let trainer {
      // Another process may have trained on; its newest checkpoint is what is asked about.
      if try trainer.catchUp() { values = [:] }
      return trainer
    }
    if let failure { throw Complaint(failure) }
    do {
      let loaded = try opening.load(.until { [thread] in thread.isCancelled })
      trainer = loaded
      return loaded
    } catch is Stopped { throw Complaint("Loading the model was stopped.") }
  }

  /// Draws rollouts: the trainer's policy, or the servers in its place.
  func sampler() throws -> RolloutSampler {
    let trainer = try ready()
    return try served(trainer.loop.sampler, of: trainer.run) ?? trainer.loop.sampler
  }

  /// Writes down what came of work.
  func append(_ events: [RunEvent]) throws {
    do {
      try ready().append(events)
      try server?.settle()
    } catch  where DiskFull.isCause(of: error) {
      waitForRoom(because: error)
    }
  }

  /// Keeps what there is no room for, and tries again until there is.
  func waitForRoom(because error: any Error) {
    if !waitsForRoom {
      inbox.post(
        .message(
          "The disk is full; what was made is kept and written once there is room. "
            + "\(error)", .error
        ))
    }
    waitsForRoom = true
    setBackground()
  }

  /// Tries to write what waits; answers whether there is no room yet.
  private func stillWaits() -> Bool {
    Thread.sleep(forTimeInterval: 0.5)
    do { try trainer?.writeRest() } catch {
      if DiskFull.isCause(of: error) { return true }
      inbox.post(.message("\(error)", .error))
    }
    waitsForRoom = false
    inbox.post(
      .message("There is room on the disk again; all that waited is written.", .information))
    inbox.post(.engine(restingState))
    return false
  }

  /// Posts progress with the time left; answers whether it posted, which it does not do too often.
  func progress(_ words: String? = nil) -> (Int, Int, Int) -> Bool {
    let label = words ?? label
    let began = Date()
    var last = Date.distantPast
    return { [self] done, total, rollouts in
      let now = Date()
      guard now.timeIntervalSince(last) > 0.05 || done == total else { return false }
      last = now
      let elapsed = now.timeIntervalSince(began)
      let left = done > 0 ? elapsed / Double(done) * Double(total - done) : nil
      inbox.post(
        .progress(
          EngineProgress(
            label: label, done: done, total: total, secondsLeft: left, rollouts: rollouts)))
      return true
    }
  }
}

// Training: one update at a time, whatever else is asked for goes first.
extension Engine {
  /// Changes what training does; where recipe.toml was edited, the reader is asked first.
  func train(_ request: TrainingRequest, acceptingEdits: Bool = false) {
    let judges =
      switch request {
      case .start, .more, .resume, .oneUpdate: true
      case .pause, .stop, .rollBack: false
      }
    work("training", judges: judges) { room in
      let trainer = try room.ready()
      if judges { try room.refuseServedTraining() }
      do {
        try room.change(trainer, request, acceptingEdits)
      } catch let edited as RecipeEdited {
        room.inbox.post(.recipeEdited(edited.words, request))
      }
      room.announce(trainer)
    }
  }

  private func change(
    _ trainer: Trainer, _ request: TrainingRequest, _ acceptingEdits: Bool
  ) throws {
    switch request {
    case .start:
      try trainer.takeLock(acceptingEdits: acceptingEdits)
      pauseUpdate = nil
      setTraining(true)
    case .resume:
      try trainer.takeLock(acceptingEdits: acceptingEdits)
      setTraining(true)
    case .more(let count):
      try trainer.takeLock(acceptingEdits: acceptingEdits)
      try extend(trainer, to: trainer.loop.state.update + count)
      setTraining(true)
    case .pause: setTraining(false, paused: true)
    case .oneUpdate:
      try trainer.takeLock(acceptingEdits: acceptingEdits)
      try extend(trainer, to: trainer.loop.state.update + 1)
      pauseUpdate = nil
      let goesOn = try update(trainer)
      setTraining(false, paused: goesOn)
    case .stop:
      setTraining(false)
      try trainer.stop()
    case .rollBack(let update):
      try trainer.takeLock(acceptingEdits: acceptingEdits)
      setTraining(false)
      try trainer.rollBack(to: update)
      values = [:]
    }
  }

  /// Lets training go on to an update and no further, beyond the recipe's last where that is before.
  private func extend(_ trainer: Trainer, to update: Int) throws {
    pauseUpdate = update
    guard update > trainer.loop.recipe.updates else { return }
    try trainer.change(.updates, to: update, because: "asked for")
  }

  private func setTraining(_ on: Bool, paused: Bool = false) {
    isTraining = on
    isPaused = paused
    inbox.post(.engine(restingState))
    setBackground()
  }

  /// One update in the background; answers whether there is more to do.
  func trainOn() -> Bool {
    guard isTraining, let trainer else { return false }
    do {
      guard try update(trainer) else {
        setTraining(false)
        announce(trainer)
        return false
      }
      guard let pauseUpdate, trainer.loop.state.update >= pauseUpdate else { return true }
      self.pauseUpdate = nil
      setTraining(false, paused: true)
      return false
    } catch  where DiskFull.isCause(of: error) {
      waitForRoom(because: error)
      return true
    } catch {
      fail(error)
      return false
    }
  }

  @discardableResult
  private func update(_ trainer: Trainer) throws -> Bool {
    values = [:]
    watch()
    let progress = WorkProgress<LoopProgress> { [self] progress throws(Stopped) in
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
      try checkStop()
    }
    let goesOn = try trainer.step(progress)
    inbox.post(.checkpoints(trainer.checkpoints))
    inbox.post(.progress(nil))
    return goesOn
  }

  private func fail(_ error: any Error) {
    isTraining = false
    isPaused = false
    setBackground()
    _ = try? append([.failed(message: sentence(for: error))])
    inbox.post(.engine(.failed(sentence(for: error))))
  }
}
