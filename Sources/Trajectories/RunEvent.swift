/// One thing that happened in a run; the run is the list of these.
public enum RunEvent: Equatable, Sendable {
  /// The run began.
  case started(RunStart)
  /// A trajectory was sampled and judged.
  case sampled(Trajectory)
  /// The boundaries of a trajectory were valued.
  case valued(Valuation)
  /// An effect of a step, or a control of it, was measured on rollouts of its own.
  case measured(StepMeasurement)
  /// A step was measured under two versions of the policy.
  case compared(StepComparison)
  /// A rule spoke about a trajectory.
  case proposed(CriticalStep)
  /// A person spoke about a trajectory.
  case marked(Mark)
  /// A person cut a trajectory otherwise: a step was split, or joined with the next.
  case recut(StepCut)
  /// A person chose the critical step of a trajectory for comparison; it cannot be undone.
  case labelled(StepLabel)
  /// The newest mark or cut that was not undone is taken back.
  case undone
  /// The mark or cut taken back last is put back.
  case redone
  /// Before this update the first `marks` of the words above were obeyed.
  case followed(marks: Int, update: Int)
  /// An update was made.
  case updated(Metrics)
  /// Held-out accuracy was measured.
  case evaluated(EvaluationResult)
  /// Weights, optimizer and buffer were written, with a manifest of that SHA-256; an older Crux wrote
  /// none.
  case checkpointed(update: Int, manifest: String? = nil)
  /// Learning went on from the newest checkpoint after an interruption; the updates after it are
  /// made again.
  case resumed(update: Int)
  /// A person returned to a checkpoint; later updates no longer count.
  case rolledBack(update: Int)
  /// The recipe's last update was made.
  case finished
  /// A number of the recipe was changed; the run goes on with it.
  case changed(RecipeChange)
  /// A key of `recipe.toml` was edited while the run was at rest, and a person accepted that.
  case edited(RecipeEdit)
  /// A person stopped the run.
  case stopped
  /// The run ended with an error.
  case failed(message: String)
  /// Something the reader should know.
  case warned(message: String)
  /// What a newer Crux wrote and this one does not know; it stays in the record as it is.
  case unknown(kind: String)
  /// What stands in the record but cannot be read or cannot be true; nothing of it is used.
  case damaged(DamagedEvent)
}

/// A row of the record that is passed over, since it is damaged or made up.
public struct DamagedEvent: Equatable, Sendable {
  /// Its number in the run.
  public var id: Int64
  /// What it says happened.
  public var kind: String
  /// The trajectory it says it speaks of, if it speaks of one.
  public var trajectory: String?
  /// What is wrong with it, such as `step 1 starts at -5`.
  public var fault: String

  /// A row with every field given.
  public init(id: Int64, kind: String, trajectory: String?, fault: String) {
    self.id = id
    self.kind = kind
    self.trajectory = trajectory
    self.fault = fault
  }

  /// The row and what is wrong with it, as the beginning of a sentence.
  public var words: String { "Event \(id) (\(kind)) of run.sqlite: \(fault)" }

  /// Whether learning goes by such rows, so that it cannot go on without this one.
  public var bearsTraining: Bool {
    [
      "marked", "recut", "undone", "redone", "followed", "changed", "edited", "updated", "resumed",
      "rolledBack", "started",
    ].contains(kind)
  }
}

/// What a run started from.
public struct RunStart: Equatable, Sendable {
  /// All that was chosen.
  public var recipe: Recipe
  /// Processor, OpenBLAS core type and kernel set, as words.
  public var machine: String
  /// Weights of the policy.
  public var parameters: Int
  /// Version of Crux.
  public var version: String

  /// A start with every field given.
  public init(recipe: Recipe, machine: String, parameters: Int, version: String) {
    self.recipe = recipe
    self.machine = machine
    self.parameters = parameters
    self.version = version
  }

  /// Weights from which on a rollout takes a reader's time, so that fewer are drawn unless asked.
  public static let largePolicy = 20_000_000

  /// Whether a rollout takes a reader's time.
  public var isLarge: Bool { parameters >= RunStart.largePolicy }

  /// Rollouts on each side of a fresh measurement: fewer where each takes seconds.
  public var freshRollouts: Int { isLarge ? 16 : 64 }
}
