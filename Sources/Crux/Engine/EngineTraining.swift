import Foundation
import Learning
import Records
import Trajectories
import Workbench

// Training: one update at a time, whatever else is asked for goes first.
extension EngineRoom {
  /// Changes what training does; where recipe.toml was edited, the reader is asked first.
  func train(_ request: TrainingRequest, acceptingEdits: Bool = false) {
    let judges =
      switch request {
      case .start, .more, .resume, .oneUpdate: true
      case .pause, .stop, .rollBack: false
      }
    work("training", judges: judges) { room in
      let trainer = try room.ready()
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
    let goesOn = try trainer.step { [self] progress in
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
      return disposition
    }
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
