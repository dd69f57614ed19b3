import Trajectories

// What can be done where a study is open.
extension WorkbenchState {
  /// Takes what became known of the study.
  mutating func takeStudy(_ rows: [StudyRow], finished: Int) {
    study?.rows = rows
    study?.finished = finished
  }

  /// Changes how the study is looked at.
  mutating func runStudy(_ command: Command) {
    switch command {
    case .nextMeasure:
      guard let now = study?.measure, let place = Measure.allCases.firstIndex(of: now) else {
        return
      }
      study?.measure = Measure.allCases[(place + 1) % Measure.allCases.count]
    case .differences: study?.showsDifferences.toggle()
    case .overTokens: study?.overTokens.toggle()
    default: study?.isEnlarged.toggle()
    }
  }

  /// Why a command makes no sense where a study is open; nil where it does.
  func studyObstacle(to command: Command) -> String? {
    guard let study, let section = keymap.binding(of: command)?.section else { return nil }
    switch command {
    case .recipe, .help: return nil
    case .search where screen == .help: return nil
    case .train:
      return study.finished == study.total ? "Every training of this study is finished." : nil
    case .pause: return nil
    case .oneUpdate, .stop, .rollback:
      return "A training of a study is made whole; \(key(.train)) starts, \(key(.pause)) pauses."
    default: break
    }
    switch section {
    case .screens, .find, .critical, .values, .branches:
      return "A study keeps no trajectories; crux open RECIPE begins a run that does."
    default: return nil
    }
  }

  /// Moves the cursor of the table.
  mutating func moveInStudy(methods: Int = 0, tasks: Int = 0) {
    guard var board = study else { return }
    board.method = clamped(board.method, by: methods, count: board.study.methods.count)
    board.task = clamped(board.task, by: tasks, count: board.study.tasks.count)
    study = board
  }
}
