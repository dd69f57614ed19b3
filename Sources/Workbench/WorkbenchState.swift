public import Trajectories

/// Everything that decides what a person sees; `update` changes it, `view` draws it.
public struct WorkbenchState: Equatable, Sendable {
  /// What is open, such as `samples/run`.
  public var runName: String
  /// The policy at work, such as `tiny`.
  public var policyName: String
  /// Why nothing may be changed; nil when all may.
  public var readOnly: String?
  /// The characters that screens are drawn with.
  public var glyphs = GlyphSet.unicode
  /// Size of the terminal.
  public var size: Size
  /// The keys in force.
  public var keymap = Keymap.standard
  /// Name of the theme in force.
  public var theme = "default"
  /// The themes there are.
  public var themes: [String] = []

  /// What the run's events add up to.
  public var history = RunHistory()
  /// What the engine does as a whole.
  public var engine = EngineState.idle
  /// How far it is with its present work.
  public var progress: EngineProgress?
  /// Values on the way, by trajectory.
  public var partialValuations: [String: Valuation] = [:]
  /// Branches on the way.
  public var partialBranches: [Trajectory] = []
  /// Effects measured on fresh rollouts, newest last, by trajectory.
  public var effects: [String: [MeasuredEffect]] = [:]
  /// Checkpoints whose weights can be loaded; nil until somebody looked.
  public var loadableCheckpoints: [Int]?

  /// The screens from the first to the one on top; never empty.
  public var screens: [ScreenName] = [.trajectories]
  /// The trajectory that the screens speak of.
  public var selection: String?
  /// The step that the screens speak of, from 0.
  public var step = 0
  /// The pane that keys go to.
  public var focus = Pane.list
  /// First visible row of each pane.
  public var tops: [PanePlace: Int] = [:]
  /// How trajectories are listed.
  public var list = ListOrder()
  /// What is searched; empty for nothing.
  public var search = ""
  /// Trajectories in which the store found `search`.
  public var found: [String] = []
  /// Whether model text is shown with every blank and line end visible.
  public var raw = false
  /// What was typed before a key that may continue it, such as the first `g` of `gg`.
  public var pendingKeys: [Key] = []
  /// What keys mean at the moment.
  public var mode = Mode.normal
  /// Commands that were typed, oldest first.
  public var commandHistory: [String] = []
  /// What stands in the message line.
  public var message: Message?
  /// Whether Ctrl-C was the last key: once more quits.
  public var interrupted = false

  /// Where the person is on the Branches screen: the branch under the cursor.
  public var branch: String?
  /// What the Training screen shows.
  public var training = TrainingView()
  /// What the Compare screen shows.
  public var compare = CompareView()
  /// The row under the cursor of the Help screen.
  public var helpRow = 0
  /// What the Help screen is narrowed to.
  public var helpSearch = ""

  /// A workbench in front of a run of which nothing is known yet.
  public init(
    runName: String, policyName: String, size: Size, glyphs: GlyphSet = .unicode,
    readOnly: String? = nil
  ) {
    self.runName = runName
    self.policyName = policyName
    self.size = size
    self.glyphs = glyphs
    self.readOnly = readOnly
  }

  /// The screen on top.
  public var screen: ScreenName { screens.last ?? .trajectories }

  /// The trajectory that the screens speak of.
  public var trajectory: Trajectory? { selection.flatMap { history.trajectory($0) } }
}

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
  /// The keys.
  case help

  /// The name as titles show it.
  public var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

/// The two panes of a screen.
public enum Pane: String, Equatable, Hashable, Sendable {
  /// Rows to choose from.
  case list
  /// Text about the chosen row.
  case text
}

/// A pane of a screen.
public struct PanePlace: Equatable, Hashable, Sendable {
  /// The screen.
  public var screen: ScreenName
  /// The pane of it.
  public var pane: Pane
}

/// An effect that was measured on fresh rollouts.
public struct MeasuredEffect: Equatable, Sendable {
  /// What was measured.
  public var effect: FreshEffect
  /// What it is compared with, or `none` for the effect itself.
  public var control: Control
  /// Updates the policy had seen.
  public var policyVersion: Int
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
  /// What was measured, newest last.
  public var results: [StepComparison] = []
}

/// What keys mean at the moment.
public enum Mode: Equatable, Sendable {
  /// Keys are commands.
  case normal
  /// Keys edit a line.
  case prompt(Prompt)
  /// Keys narrow the list of commands.
  case palette(CommandPalette)
  /// One key confirms, every other lets it be.
  case confirm(Confirmation)
}

/// A line that is being typed.
public struct Prompt: Equatable, Sendable {
  /// What the line will be used for.
  public var kind: PromptKind
  /// What stands there.
  public var text = ""
  /// Place of the cursor, in characters from the left.
  public var cursor = 0
  /// Which earlier command is shown; nil for none.
  public var recalled: Int?
}

/// What a typed line will be used for.
public enum PromptKind: Equatable, Sendable {
  /// A command by name.
  case command
  /// A text to look for.
  case search
  /// Which trajectories to list.
  case filter
  /// A number for a command, such as how many branches.
  case number(Command)
  /// What to narrow the help to.
  case help
}

/// The list of commands, narrowed by what is typed.
public struct CommandPalette: Equatable, Sendable {
  /// What was typed.
  public var text = ""
  /// The row under the cursor.
  public var row = 0
}

/// A question that one key confirms.
public struct Confirmation: Equatable, Sendable {
  /// The question, with the key in it.
  public var question: String
  /// The key that confirms; never the one that asked.
  public var key: Key
  /// What is then wanted.
  public var requests: [Request]
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
