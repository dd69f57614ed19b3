import Trajectories

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

  /// Updates that training can return to.
  var rollbackTargets: [Int] { loadableCheckpoints ?? history.checkpoints }
}
