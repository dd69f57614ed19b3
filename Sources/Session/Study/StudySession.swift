package import Foundation
import Learning
import Records
import Synchronization
package import Trajectories
package import Workbench

/// A study at work: what is finished, by whatever process, and the trainings made here.
///
/// The plan, the outcomes and the trainings belong to the session's thread; what the screen asks for is
/// handed over.
package final class StudySession: WorkbenchSession, @unchecked Sendable {
  package let inbox: Inbox
  private let file: URL
  private let results: URL
  private let study: Study
  private let readOnly: String?
  private let thread = EngineThread()
  private let isOver = DispatchSemaphore(value: 0)
  private let gate: StudyGate
  private let shared = Mutex(Shared())
  private var run: StudyRun?
  private var jobs = 1
  private var progress: StudyProgress
  private var lastTold = Date.distantPast
  private var lastLook = Date.distantPast
  private var seen: Date?
  private var isWatched = false

  /// What both threads know.
  private struct Shared {
    var failure: String?
    var isTraining = false
  }

  /// How often the file is looked at, seconds.
  private static let patience = 0.2

  /// A study's file; its policies are read behind the first frame.
  ///
  /// - Parameters:
  ///   - study: What the file says.
  ///   - file: Where it lies; what is finished is kept beside it.
  ///   - readOnly: Whether nothing may be trained.
  ///   - inbox: What it has to tell goes there.
  package init(_ study: Study, in file: URL, readOnly: Bool, inbox: Inbox) {
    self.file = file
    self.study = study
    self.inbox = inbox
    results = OutcomeFile.place(of: file)
    let folder = file.deletingLastPathComponent().path
    self.readOnly =
      readOnly
      ? "opened with --read-only" : access(folder, W_OK) == 0 ? nil : "the folder cannot be written"
    progress = StudyProgress(study)
    gate = StudyGate { [thread] in thread.isCancelled }
  }

  package var failure: String? { shared.withLock { $0.failure } }

  package func state(of size: Size, glyphs: GlyphSet) -> WorkbenchState {
    WorkbenchState(
      study: study, name: file.lastPathComponent, size: size, glyphs: glyphs, readOnly: readOnly)
  }

  package func start(patience seconds: Double) {
    inbox.post(.engine(.loading))
    Interruption.hear { [thread] in thread.isCancelled }
    thread.start()
    thread.submit { [self] in load() }
    _ = isOver.wait(timeout: .now() + seconds)
  }

  private func load() {
    defer { isOver.signal() }
    do {
      let plan = try StudyPlan(study, in: file.deletingLastPathComponent())
      jobs = plan.jobs
      run = StudyRun(study, plan: plan, gate: gate) { [unowned self] in hear($0) }
      try read()
      // Training may have been asked for meanwhile; it is next.
      inbox.post(.engine(shared.withLock { $0.isTraining } ? .training : .idle))
    } catch {
      shared.withLock { $0.failure = "\(error)" }
      inbox.post(.engine(.failed("\(error)")))
    }
  }

  /// Reads the file of finished trainings.
  private func read() throws {
    run?.read(try OutcomeFile(results, isWritten: false))
    tellResults()
  }

  private func tellResults() {
    guard let run else { return }
    inbox.post(.study(study.rows(known: run.outcome), finished: run.finished))
  }

  // MARK: what is asked for

  package func perform(_ request: Request, state: WorkbenchState) -> [Action] {
    guard case .train(let wish) = request else { return [] }
    switch wish {
    case .start:
      if let question = RewardConsent.question(about: study.recipes.flatMap { $0 }) {
        return [question]
      }
      gate.resume()
      shared.withLock { $0.isTraining = true }
      thread.submit { [self] in train() }
      // Told at once, so that the next key finds it so.
      return [.engine(.training)]
    case .pause, .resume:
      let isPaused = wish == .pause
      if isPaused { gate.pause() } else { gate.resume() }
      return [.engine(isPaused ? .paused : .training)]
    case .oneUpdate, .more, .stop, .rollBack: return []
    }
  }

  private func train() {
    guard let run else {
      // The policies could not be read, as the screen was told.
      return shared.withLock { $0.isTraining = false }
    }
    do {
      progress = StudyProgress(study)
      try run.train(jobs: jobs, file: try OutcomeFile(results, isWritten: true))
      tellResults()
      if run.finished == study.cells.count {
        inbox.post(.message("Every training of this study is finished.", .information))
      }
    } catch { inbox.post(.message("\(error)", .error)) }
    shared.withLock { $0.isTraining = false }
    inbox.post(.underWay([:]))
    inbox.post(.progress(nil))
    inbox.post(.engine(.idle))
  }

  /// Tells the screen what a training says, not too often.
  private func hear(_ news: StudyNews) {
    progress.take(news, now: gate.now)
    switch news {
    case .finished, .skipped: tellResults()
    case .ahead, .progressed:
      guard Date().timeIntervalSince(lastTold) > 0.1 else { return }
    }
    lastTold = Date()
    inbox.post(.underWay(progress.underWay))
    inbox.post(
      .progress(
        EngineProgress(
          label: words(for: news), done: progress.done, total: progress.total,
          secondsLeft: progress.secondsLeft, rollouts: 0)))
  }

  private func words(for news: StudyNews) -> String {
    switch news {
    case .progressed(let cell, let said): "\(study.name(of: cell)), update \(said.update):"
    case .finished(let cell, _), .skipped(let cell): "\(study.name(of: cell)) is finished:"
    case .ahead: "training:"
    }
  }

  // MARK: what others do

  package func news() -> [Action] {
    guard Date().timeIntervalSince(lastLook) > Self.patience,
      !shared.withLock({ $0.isTraining || $0.failure != nil })
    else { return [] }
    lastLook = Date()
    let changed = Self.changed(results)
    if changed != seen {
      seen = changed
      thread.submit { [self] in
        do { try read() } catch { inbox.post(.message("\(error)", .error)) }
      }
    }
    let isWatched = GrowingLines.isAddedTo(results)
    guard isWatched != self.isWatched else { return [] }
    self.isWatched = isWatched
    return [.trainedElsewhere(isWatched ? 0 : nil)]
  }

  private static func changed(_ file: URL) -> Date? {
    try? FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
  }

  package func end() -> Bool {
    let isOver = thread.join(seconds: 2) {}
    if isOver { Interruption.hear { false } }
    return isOver
  }
}
