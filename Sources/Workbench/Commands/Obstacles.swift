import Trajectories

// Why a command cannot be carried out now; the hint line dims it, the message line says it.
extension WorkbenchState {
  /// The reason why a command cannot be carried out, in a sentence; nil when it can.
  public func obstacle(to command: Command) -> String? {
    guard let binding = keymap.binding(of: command) else { return nil }
    if binding.changes, let readOnly { return "Nothing can be changed: \(readOnly)" }
    if let obstacle = studyObstacle(to: command) { return obstacle }
    guard binding.screens.contains(screen) else {
      let places = ScreenName.allCases.filter { binding.screens.contains($0) }.map(\.title)
      return "“\(command.rawValue)” belongs to \(places.joined(separator: ", "))."
    }
    if let obstacle = blindObstacle(to: command) { return obstacle }
    switch command {
    case .undo:
      guard history.words.isEmpty, trainingBegan == nil else { return nil }
      return "There is no mark or cut to undo."
    case .redo: return history.undoneWords.isEmpty ? "No mark or cut was undone." : nil
    case .train, .pause, .oneUpdate, .stop, .rollback: return trainingObstacle(to: command)
    case .draw, .ask, .limit: return engineObstacle
    default: return trajectoryObstacle(to: command)
    }
  }

  /// Commands that speak of a trajectory.
  private static let aboutTrajectory: Set<Command> = [
    .mark, .confirm, .reject, .clear, .estimate, .sample, .sampleMany, .locate, .fresh, .measure,
    .reset, .copy, .copyAll, .step, .chooseNone, .split, .join,
  ]

  private func trajectoryObstacle(to command: Command) -> String? {
    guard WorkbenchState.aboutTrajectory.contains(command) else { return nil }
    guard let selection, let trajectory else {
      return "There is no trajectory yet; \(key(.train)) trains, \(key(.draw)) on the list draws."
    }
    guard !trajectory.steps.isEmpty else { return "This answer is empty: it has no steps." }
    switch command {
    case .confirm: return confirmObstacle(of: selection)
    case .reject:
      guard mark(of: selection) == nil else { return nil }
      return confirmObstacle(of: selection)
    case .clear: return mark(of: selection) == nil ? "You said nothing of this one." : nil
    case .split, .join: return cuttingObstacle(to: command)
    case .reset where resetPlace == nil:
      return "This is the answer itself; go to one of its branches, or open it to reset it."
    case .estimate, .sample, .sampleMany, .locate, .fresh, .reset, .measure:
      return engineObstacle ?? compareObstacle(to: command)
    default: return nil
    }
  }

  private func confirmObstacle(of id: String) -> String? {
    guard let proposal = proposal(for: id) else {
      return "No step is proposed: \(key(.estimate)) values the steps first."
    }
    guard proposal.proposed == nil else { return nil }
    return "None is clear: \(key(.locate)) draws more rollouts, \(key(.mark)) marks one yourself."
  }

  private func compareObstacle(to command: Command) -> String? {
    guard command == .measure, comparableVersions.count < 2 else { return nil }
    return "There is one version only; \(key(.train)) trains on."
  }

  /// Work that is asked for while other work runs waits for its turn; only a failure is in the way.
  private var engineObstacle: String? {
    guard case .failed(let reason) = engine else { return nil }
    return "The engine failed: \(inert(reason))"
  }

  private var rollbackObstacle: String? {
    guard engine == .working || engine == .loading else { return nil }
    let work = progress?.label ?? "working"
    return "The engine is busy (\(inert(work))); \(key(.interrupt)) stops that."
  }

  private func trainingObstacle(to command: Command) -> String? {
    if let otherTrainer {
      let process = otherTrainer > 0 ? "Process \(otherTrainer)" : "Another Crux"
      let what = study == nil ? "run" : "study"
      return "\(process) trains this \(what); it is watched here, and stopped there."
    }
    // Training waits its turn behind the work; going back would take the ground from under it.
    if command == .rollback, let rollbackObstacle { return rollbackObstacle }
    if let engineObstacle { return engineObstacle }
    switch (command, engine) {
    case (.train, .training): return "Training already runs; \(key(.pause)) pauses it."
    case (.oneUpdate, .training): return "Training runs; \(key(.pause)) pauses it first."
    case (.rollback, .training): return "Training runs; \(key(.pause)) pauses it first."
    case (.pause, .idle), (.pause, .working), (.pause, .loading), (.stop, .idle),
      (.stop, .working), (.stop, .loading):
      guard history.status != .finished else {
        return "The recipe's last update was made; \(key(.train)) makes more."
      }
      return "Training does not run; \(key(.train)) starts it."
    case (.rollback, _) where rollbackTargets.isEmpty: return "There is no checkpoint yet."
    default: return nil
    }
  }

  /// The first key of a command as help writes it.
  func key(_ command: Command) -> String { keymap.keyName(of: command) }
}
