import Foundation
import LanguageModel
import Learning
import Records
import Trajectories
import Workbench

// Steps that a person splits or joins.
extension EngineRoom {
  /// The text of each token of a response; any thread may ask.
  func pieces(of trajectory: Trajectory) throws -> [String] {
    guard let codec else {
      throw Complaint("The policy is still loading; its tokenizer tells where a step may be split.")
    }
    return codec.pieces(trajectory.responseTokens)
  }

  /// Makes a change of a boundary last; it comes back as an event.
  func cut(_ kind: StepCutKind, _ answer: RecordedAnswer, token: Int, steps: [Step]?) throws {
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
      guard let trainer else { return }
      let explorer = trainer.loop.explorer
      var values = known(answer, explorer).recut(as: trajectory)
      guard (0..<values.steps).allSatisfy(values.isKnown) else { return }
      explorer.addHints(to: &values)
      self.values[trajectory.id] = values
      let proposal = values.criticalStep(trainer.loop.recipe)
      do { try append([proposal].compactMap { $0 }.map { .proposed($0) }) } catch {
        inbox.post(.message("\(error)", .error))
      }
    }
  }
}
