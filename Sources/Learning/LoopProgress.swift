import LanguageModel
public import Trajectories

/// How far one phase of an update is.
public struct LoopProgress: Equatable, Sendable {
  /// The update that is being made, from 1.
  public var update: Int
  /// What is being done.
  public var phase: LoopPhase
  /// Parts that are done.
  public var done: Int
  /// Parts in all.
  public var total: Int

  /// Progress with every field given.
  public init(update: Int, phase: LoopPhase, done: Int, total: Int) {
    self.update = update
    self.phase = phase
    self.done = done
    self.total = total
  }
}

/// The phases of an update.
public enum LoopPhase: String, Equatable, Sendable {
  /// Rollouts to learn from are drawn; parts are rollouts.
  case sampling
  /// Right answers are valued for the buffer or for pairs; parts are rollouts.
  case valuing
  /// Preference pairs are built; parts are pairs.
  case pairing
  /// The weights move; parts are optimizer steps.
  case learning
  /// Held-out accuracy is measured; parts are rollouts.
  case evaluating
}

extension WorkProgress where Report == LoopProgress {
  /// The progress of one phase of an update, counted in the phase's parts.
  func parts(of phase: LoopPhase, in update: Int) -> WorkProgress<PartsDone> {
    reporting { LoopProgress(update: update, phase: phase, done: $0.done, total: $0.total) }
  }
}

/// A person's word and the trajectory it was said of.
public struct MarkedTrajectory: Equatable, Sendable {
  /// The word.
  public var mark: Mark
  /// The trajectory.
  public var trajectory: Trajectory

  /// A word with the trajectory it was said of.
  public init(mark: Mark, trajectory: Trajectory) {
    self.mark = mark
    self.trajectory = trajectory
  }
}
