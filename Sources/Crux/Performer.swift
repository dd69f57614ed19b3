import Foundation
import Records
import Trajectories
import Workbench

/// Does what the workbench asks for: marks are made durable here, work goes to the engine.
struct Performer {
  let engine: EngineRoom
  let inbox: Inbox

  /// Answers a request; what takes time is answered later through the inbox.
  func perform(_ request: Request, state: WorkbenchState) -> [Action] {
    do {
      switch request {
      case .mark(let mark): try store().append([.marked(mark)])
      case .undo: try store().append([.undone])
      case .redo: try store().append([.redone])
      case .search(let text):
        let found = try engine.run?.store.search(text) ?? []
        return [.found(text, trajectories: found)]
      case .cancel: engine.cancel()
      case .train(let request): engine.train(request)
      default: try submit(request, state: state)
      }
      return []
    } catch { return [.message("\(error)", .error)] }
  }

  private func store() throws -> RunStore {
    guard let run = engine.run else {
      throw Complaint("The run has not begun: its policy is still loading.")
    }
    return run.store
  }

  /// Writes a screen as text.
  func save(_ grid: Grid, to path: String) -> Action {
    do {
      try (grid.text + "\n").write(toFile: path, atomically: true, encoding: .utf8)
      return .message("The screen was written to \(path).", .information)
    } catch {
      return .message("\(path) cannot be written: \(error.localizedDescription)", .error)
    }
  }

  private func submit(_ request: Request, state: WorkbenchState) throws {
    func trajectory(_ id: String) throws -> Trajectory {
      guard let found = state.history.trajectory(id) else {
        throw Complaint("There is no trajectory \(id) in this run any more.")
      }
      return found
    }
    switch request {
    case .estimate(let id, let rollouts):
      engine.estimate(try trajectory(id), rollouts: rollouts)
    case .estimateStep(let id, let step, let rollouts):
      engine.estimate(try trajectory(id), step: step, rollouts: rollouts)
    case .locate(let id): engine.locate(try trajectory(id))
    case .measureFresh(let id, let step): engine.measureFresh(try trajectory(id), step: step)
    case .controls(let id, let step): engine.measureControls(try trajectory(id), step: step)
    case .reset(let id, let step, let count):
      let drawn = state.history.branches(of: id).count { $0.forkedFrom?.step == step }
      engine.reset(try trajectory(id), step: step, count: count, drawn: drawn)
    case .draw(let count): engine.draw(count)
    case .ask(let prompt, let reference): engine.ask(prompt, reference: reference)
    case .compare(let id, let step, let first, let second):
      engine.compare(try trajectory(id), step: step, versions: (first, second))
    default: break
    }
  }
}
