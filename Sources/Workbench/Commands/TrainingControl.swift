import Trajectories

extension Keymap {
  /// The keys of training.
  static let learning = [
    row(
      .training, .train, "t", "Train until the recipe's last update, or make so many updates",
      hint: "train", argument: "UPDATES", changes: true),
    row(
      .training, .pause, "p", "Pause training after this update, or go on", hint: "pause",
      changes: true),
    row(.training, .oneUpdate, ".", "One update, then wait", hint: "one update", changes: true),
    row(.training, .stop, "", "End the run after this update", hint: "ends", changes: true),
    row(
      .training, .rollback, "", "Return to a checkpoint; later updates no longer count",
      hint: "N", argument: "UPDATE", changes: true),
  ]
}

// Starting, pausing and ending training.
extension WorkbenchState {
  mutating func runTraining(_ command: Command, _ argument: String) -> [Request] {
    switch command {
    case .train: return train(argument)
    case .pause: return [.train(engine == .paused ? .resume : .pause)]
    case .oneUpdate: return afford([.train(.oneUpdate)])
    case .stop: return [.train(.stop)]
    default: return rollBack(argument)
    }
  }

  /// Trains to the recipe's last update, or makes so many; asks how many where the last was made.
  private mutating func train(_ argument: String) -> [Request] {
    if argument.isEmpty {
      guard history.status == .finished else {
        return afford([.train(engine == .paused ? .resume : .start)])
      }
      mode = .prompt(Prompt(kind: .number(.train)))
      return []
    }
    guard study == nil else {
      tell("A study trains what is lacking; say :train alone.", .warning)
      return []
    }
    guard let count = count(of: argument, for: .train) else { return [] }
    return afford([.train(.more(count))])
  }

  private mutating func rollBack(_ argument: String) -> [Request] {
    let targets = rollbackTargets
    guard let update = Int(argument), targets.contains(update) else {
      let names = targets.map(String.init).joined(separator: ", ")
      tell(
        "Say a checkpoint to return to: \(names), such as :rollback \(targets.last ?? 0)",
        .warning)
      return []
    }
    let lost = history.metrics.filter { $0.update > update }.count
    ask(
      "Return to update \(update)? \(lost) later updates no longer count. y returns.",
      [.train(.rollBack(to: update))])
    return []
  }

  /// Remembers what `undo` takes back: training, until anything else was asked for.
  mutating func rememberTraining(_ request: Request) {
    switch request {
    case .train(.start), .train(.resume), .train(.more), .train(.oneUpdate):
      if study == nil { trainingBegan = history.policyVersion }
    case .train(.pause), .train(.stop), .pieces, .search, .theme, .copy, .saveDisplay, .cancel,
      .suspend, .redraw:
      break
    default: trainingBegan = nil
    }
  }

  /// Takes the newest mark or cut back, or training that was begun after it; asks first where that
  /// would lose more than a moment's work.
  mutating func undo() -> [Request] {
    guard let began = trainingBegan else { return [.undo] }
    trainingBegan = nil
    let made = history.metrics.filter { $0.update > began }
    guard rollbackTargets.contains(began) else {
      tell("There is no checkpoint of update \(began) to return to; training waits.", .warning)
      return engine == .training ? [.train(.pause)] : []
    }
    let requests = [Request.train(.rollBack(to: began))]
    guard made.reduce(0, { $0 + $1.seconds }) > WorkbenchState.slip else { return requests }
    ask(
      "Take this training back? \(made.count) updates after update \(began) no longer count. "
        + "y returns.", requests)
    return []
  }

  /// Seconds of training that a slip of the finger may have begun: no more is taken back unasked.
  static let slip = 10.0

  private var rollbackObstacle: String? {
    guard engine == .working || engine == .loading else { return nil }
    let work = progress?.label ?? "working"
    return "The engine is busy (\(inert(work))); \(key(.interrupt)) stops that."
  }

  /// Why training cannot be told that now; nil where it can.
  func trainingObstacle(to command: Command) -> String? {
    guard [.train, .pause, .oneUpdate, .stop, .rollback].contains(command) else { return nil }
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

  /// Updates that training can return to.
  var rollbackTargets: [Int] { loadableCheckpoints ?? history.checkpoints }
}
