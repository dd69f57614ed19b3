import Learning
import Trajectories

/// What a study says while it is trained.
enum StudyNews {
  /// These trainings lie ahead, so many at once.
  case ahead([StudyCell], jobs: Int)
  /// How far a training is.
  case progressed(StudyCell, LoopProgress)
  /// A training turned out to be another one, which is done.
  case skipped(StudyCell)
  /// A training is finished.
  case finished(StudyCell, TrainingOutcome)
}
