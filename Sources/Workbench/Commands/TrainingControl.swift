import Trajectories

// Starting, pausing and ending training.
extension WorkbenchState {
  mutating func runTraining(_ command: Command, _ argument: String) -> [Request] {
    switch command {
    case .train: return [.train(engine == .paused ? .resume : .start)]
    case .pause: return [.train(engine == .paused ? .resume : .pause)]
    case .oneUpdate: return [.train(.oneUpdate)]
    case .stop: return [.train(.stop)]
    default: return rollBack(argument)
    }
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
