import Foundation
import Records
import Trajectories
import Workbench

/// Does what the workbench asks for: marks are made durable here, work goes to the engine.
struct Performer {
  let engine: EngineRoom

  /// Answers a request; what takes time is answered later through the inbox.
  func perform(_ request: Request, state: WorkbenchState) -> [Action] {
    do {
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
      default: try submit(request, state: state)
      }
      return []
    } catch { return [.message(sentence(for: error), .error)] }
  }

  /// Searches all texts of the run, which may take a while, beside the screen's thread.
  private func search(_ text: String) {
    guard let store = engine.run?.store else { return }
    let inbox = engine.inbox
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

  /// The largest number in the name of a branch of a step: after a split or a join there may be
  /// branches that were drawn when the step had another number.
  private func branchCount(of id: String, at step: Int, in history: RunHistory) -> Int {
    let numbers = history.branches(of: id).compactMap { branch -> Int? in
      let words = branch.id.dropFirst(id.count + 1).split(separator: ".").compactMap { Int($0) }
      return words.count == 3 && words[1] == step + 1 ? words[2] : nil
    }
    return numbers.max() ?? 0
  }

  /// The largest number in the name of an answer to a problem of the reader's own.
  private func askedCount(in history: RunHistory) -> Int {
    let numbers = history.trajectories.compactMap { answer in
      answer.id.hasPrefix(EngineRoom.askedName)
        ? Int(answer.id.dropFirst(EngineRoom.askedName.count)) : nil
    }
    return numbers.max() ?? 0
  }

  private func submit(_ request: Request, state: WorkbenchState) throws {
    func trajectory(_ id: String) throws -> Trajectory {
      guard let found = state.history.trajectory(id) else {
        throw Complaint("There is no trajectory \(id) in this run any more.")
      }
      return found
    }
    func answer(_ id: String) throws -> RecordedAnswer {
      RecordedAnswer(
        trajectory: try trajectory(id),
        valuation: state.history.usableValuation(of: id))
    }
    switch request {
    case .split(let id, let token):
      let answer = try answer(id)
      let whole = answer.trajectory
      let steps = whole.steps(splitAt: token, pieces: try engine.pieces(of: whole))
      try engine.cut(.split, answer, token: token, steps: steps)
    case .join(let id, let step):
      let answer = try answer(id)
      let whole = answer.trajectory
      let steps = whole.steps(joiningAfter: step)
      let token = steps == nil ? 0 : whole.steps[step].end
      try engine.cut(.joined, answer, token: token, steps: steps)
    case .estimate(let id, let rollouts):
      engine.estimate(try answer(id), rollouts: rollouts)
    case .estimateStep(let id, let step, let rollouts):
      engine.estimate(try answer(id), step: step, rollouts: rollouts)
    case .locate(let id): engine.locate(try answer(id))
    case .measureFresh(let id, let step): engine.measureFresh(try trajectory(id), step: step)
    case .controls(let id, let step): engine.measureControls(try trajectory(id), step: step)
    case .reset(let id, let step, let count):
      let drawn = branchCount(of: id, at: step, in: state.history)
      engine.reset(try trajectory(id), step: step, count: count, drawn: drawn)
    case .draw(let count): engine.draw(count)
    case .limit(let tokens): engine.limit(to: tokens)
    case .ask(let prompt, let reference):
      engine.ask(prompt, reference: reference, asked: askedCount(in: state.history))
    case .compare(let id, let step, let first, let second):
      engine.compare(try trajectory(id), step: step, versions: (first, second))
    default: break
    }
  }
}
