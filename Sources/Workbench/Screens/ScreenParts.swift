import Trajectories

/// The screens of the workbench.
public enum ScreenName: String, CaseIterable, Equatable, Hashable, Sendable {
  /// The list of trajectories.
  case trajectories
  /// One trajectory, step by step.
  case inspect
  /// The branches of a trajectory as a tree.
  case branches
  /// The curves of training.
  case training
  /// One step under two versions of the policy.
  case compare
  /// All that was chosen about the run.
  case recipe
  /// What people chose beside the rule and each other.
  case agreement
  /// A study: methods by task settings, over seeds.
  case study
  /// The keys.
  case help

  /// The name as titles show it.
  public var title: String { rawValue.capitalised }
}

/// The two panes of a screen.
public enum Pane: String, Equatable, Hashable, Sendable {
  /// Rows to choose from.
  case list
  /// Text about the chosen row.
  case text
}

/// A screen that another one covers, and where the person was on it.
public struct Layer: Equatable, Sendable {
  /// The screen.
  public var screen: ScreenName
  /// The trajectory that it spoke of.
  public var selection: String?
  /// The step that it spoke of.
  public var step: Int
  /// The branch that it spoke of.
  public var branch: String?
}

/// A pane of a screen.
public struct PanePlace: Equatable, Hashable, Sendable {
  /// The screen.
  public var screen: ScreenName
  /// The pane of it.
  public var pane: Pane
}

/// A line for the person.
public struct Message: Equatable, Sendable {
  /// The words.
  public var text: String
  /// How much they matter.
  public var severity: Severity
}

/// What the Training screen shows.
public struct TrainingView: Equatable, Sendable {
  /// Place in the metrics of the update under the cursor; nil follows the newest.
  public var cursor: Int?
  /// The curve under the cursor, from 0.
  public var curve = 0
  /// How the charts are looked at.
  public var charts = TrainingScreenState()
}

/// What the Compare screen shows.
public struct CompareView: Equatable, Sendable {
  /// Updates the first policy had seen; nil until chosen.
  public var first: Int?
  /// Updates the second policy had seen; nil until chosen.
  public var second: Int?
  /// Whether the second of the two is being chosen.
  public var choosingSecond = true
}

/// How trajectories are listed.
public struct ListOrder: Equatable, Sendable {
  /// What they are ordered by.
  public enum Sorting: String, CaseIterable, Equatable, Sendable {
    /// The order in which they came.
    case order
    /// Reward.
    case reward
    /// Number of steps.
    case steps
    /// Tokens of the response.
    case length
    /// Size of the critical step's advantage.
    case critical
    /// Version of the policy.
    case update
  }
  /// What they are ordered by.
  public var sorting = Sorting.order
  /// Whether the largest comes first.
  public var descending = false
  /// Words that a trajectory must fulfil; empty lists all.
  public var filter = ""
}
