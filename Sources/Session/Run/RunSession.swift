import Foundation
import Glibc
import Records
package import Trajectories
package import Workbench

/// A run at work: its engine, its list of events, and who trains it.
package final class RunSession: WorkbenchSession {
  private let opening: Opening
  let engine: Engine
  private let blind: BlindMode
  private var reader: RunReader?
  private var lastLook = Date.distantPast
  private var otherTrainer: Int?
  /// Whether the run's folder is not where it was opened.
  private var isAway = false

  /// How often others are looked for, seconds.
  private static let patience = 0.2

  /// A session of a run that is there or begins; what it has to tell goes to the inbox.
  ///
  /// - Parameters:
  ///   - opening: The run.
  ///   - blind: How critical steps are chosen.
  ///   - server: Servers that draw in place of the embedded engine; nil leaves it to the recipe.
  ///   - inbox: What it has to tell goes there.
  package init(
    _ opening: Opening, blind: BlindMode, server: ServerChoice? = nil, inbox: Inbox
  ) {
    self.opening = opening
    self.blind = blind
    engine = Engine(opening: opening, server: server, inbox: inbox)
  }

  package var inbox: Inbox { engine.inbox }

  package var failure: String? { engine.failure }

  /// The run, nil while it has not begun.
  package var run: OpenedRun? { engine.run }

  package func state(of size: Size, glyphs: GlyphSet) -> WorkbenchState {
    var state = WorkbenchState(
      runName: opening.name, policyName: opening.policyName, size: size, glyphs: glyphs,
      readOnly: opening.readOnly)
    state.blind = blind
    return state
  }

  package func start(patience seconds: Double) {
    let deadline = Date(timeIntervalSinceNow: seconds)
    if let store = engine.run?.store {
      reader = RunReader(store, inbox: inbox)
      reader?.start()
    }
    engine.start()
    engine.waitForOpening(seconds: seconds)
    reader?.wait(seconds: max(0, deadline.timeIntervalSinceNow))
  }

  /// Answers a request; what takes time is answered later through the inbox.
  package func perform(_ request: Request, state: WorkbenchState) -> [Action] {
    do { return try answer(request, in: state) } catch {
      return [.message(sentence(for: error), .error)]
    }
  }

  /// The one place where what the reader asks for becomes work: words are made durable here, all else
  /// goes to the engine.
  private func answer(_ request: Request, in state: WorkbenchState) throws -> [Action] {
    let known = KnownAnswers(history: state.history)
    switch request {
    case .mark(let mark): try store().append([.marked(mark)])
    case .label(let label): try store().append([.labelled(label)])
    case .undo: try store().append([.undone])
    case .redo: try store().append([.redone])
    case .search(let text): search(text)
    case .cancel: engine.cancel()
    case .train(let request): engine.train(request)
    case .acceptEdits(let request): engine.train(request, acceptingEdits: true)
    case .pieces(let id):
      guard let trajectory = state.history.trajectory(id) else { return [] }
      return [.pieces(try engine.pieces(of: trajectory), trajectory: id)]
    case .split(let id, let token): try engine.split(try known.answer(id), at: token)
    case .join(let id, let step): try engine.join(try known.answer(id), after: step)
    case .estimate(let id, let rollouts):
      engine.estimate(try known.answer(id), rollouts: rollouts)
    case .estimateStep(let id, let step, let rollouts):
      engine.estimate(try known.answer(id), step: step, rollouts: rollouts)
    case .locate(let id): engine.locate(try known.answer(id))
    case .measureFresh(let id, let step):
      engine.measureFresh(try known.trajectory(id), step: step)
    case .controls(let id, let step): engine.measureControls(try known.trajectory(id), step: step)
    case .reset(let id, let step, let count):
      let drawn = known.branchCount(of: id, at: step)
      engine.reset(try known.trajectory(id), step: step, count: count, drawn: drawn)
    case .draw(let count): engine.draw(count)
    case .limit(let tokens): engine.limit(to: tokens)
    case .ask(let prompt, let reference):
      engine.ask(prompt, reference: reference, asked: known.askedCount)
    case .compare(let id, let step, let first, let second):
      engine.compare(try known.trajectory(id), step: step, versions: (first, second))
    case .theme, .copy, .saveDisplay, .trust, .suspend, .redraw, .quit: break
    }
    return []
  }

  /// Searches all texts of the run, which may take a while, beside the screen's thread.
  private func search(_ text: String) {
    guard let store = engine.run?.store else { return }
    let inbox = inbox
    DispatchQueue.global(qos: .userInitiated).async {
      do { inbox.post(.found(text, trajectories: try store.search(text))) } catch {
        inbox.post(.message("\(error)", .error))
      }
    }
  }

  private func store() throws -> RunStore {
    guard let run = engine.run else {
      throw Complaint("The run has not begun: its policy is still loading.")
    }
    return run.store
  }

  /// Whatever process wrote them, events reach the screen by this one way.
  package func news() -> [Action] {
    guard let store = engine.run?.store else { return [] }
    var told: [Action] = []
    // By the clock: while the engine reports there may be no quiet moment.
    if Date().timeIntervalSince(lastLook) > Self.patience {
      lastLook = Date()
      told = noticePlace(of: store) ?? others(of: store)
    }
    guard !isAway else { return told }
    // A run that began just now has few events, which are read here.
    if reader == nil { reader = RunReader(store, inbox: inbox) }
    return told + (reader?.news() ?? [])
  }

  /// Tells once that the run's folder is gone, and once that it is back; nil where it is there as it
  /// was.
  private func noticePlace(of store: RunStore) -> [Action]? {
    do {
      try store.checkPlace()
      guard isAway else { return nil }
      isAway = false
      return [.message("\(store.folder.path) is back where it was.", .information)]
    } catch {
      defer { isAway = true }
      return isAway ? [] : [.message("\(error)", .error)]
    }
  }

  /// Whether another process trains this run, where that changed.
  private func others(of store: RunStore) -> [Action] {
    let holder = TrainingLock.holder(of: store.folder).map(Int.init)
    let other = holder == Int(getpid()) ? nil : holder
    guard other != otherTrainer else { return [] }
    otherTrainer = other
    return [.trainedElsewhere(other)]
  }

  package func end() -> Bool {
    reader?.stop()
    return engine.end()
  }
}

/// What is known of a run's answers when something is asked about one.
private struct KnownAnswers {
  let history: RunHistory

  /// An answer by its name.
  ///
  /// - Throws: A sentence where it is not there any more.
  func trajectory(_ id: String) throws -> Trajectory {
    guard let found = history.trajectory(id) else {
      throw Complaint("There is no trajectory \(id) in this run any more.")
    }
    return found
  }

  /// The same with what its boundaries are worth.
  func answer(_ id: String) throws -> RecordedAnswer {
    RecordedAnswer(trajectory: try trajectory(id), valuation: history.usableValuation(of: id))
  }

  /// The largest number in the name of a branch of a step: after a split or a join there may be
  /// branches that were drawn when the step had another number.
  func branchCount(of id: String, at step: Int) -> Int {
    let numbers = history.branches(of: id).compactMap { branch -> Int? in
      let words = branch.id.dropFirst(id.count + 1).split(separator: ".").compactMap { Int($0) }
      return words.count == 3 && words[1] == step + 1 ? words[2] : nil
    }
    return numbers.max() ?? 0
  }

  /// The largest number in the name of an answer to a problem of the reader's own.
  var askedCount: Int {
    let numbers = history.trajectories.compactMap { answer in
      answer.id.hasPrefix(Engine.askedName)
        ? Int(answer.id.dropFirst(Engine.askedName.count)) : nil
    }
    return numbers.max() ?? 0
  }
}
