public import Trajectories

/// Everything that decides what a person sees; `update` changes it, `view` draws it.
public struct WorkbenchState: Equatable, Sendable {
  /// What is open, such as `samples/run`.
  public var runName: String
  /// The policy at work, such as `tiny`.
  public var policyName: String
  /// What is said of the servers that draw in its place, such as `smol on vLLM`, the longest first;
  /// empty where it draws itself.
  public var server: [String] = []
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
  /// How far the reading of a recorded run is; nil once all of it is known.
  public var reading: RunReading?
  /// What the engine does as a whole.
  public var engine = EngineState.idle
  /// The process that trains this run in place of this one; nil where none does.
  public var otherTrainer: Int?
  /// How far it is with its present work.
  public var progress: EngineProgress?
  /// What was asked for and waits behind that work, in words, the next first.
  public var waiting: [String] = []
  /// Tokens that the policy draws a second; nil until it was measured.
  public var speed: Double?
  /// Values on the way, by trajectory.
  public var partialValuations: [String: Valuation] = [:]
  /// Branches on the way.
  public var partialBranches: [Trajectory] = []
  /// Problems that were typed and are not answered yet.
  public var asked: [String] = []
  /// The answer that is being drawn to one of these.
  public var partialAnswer: PartialAnswer?
  /// The update at which training was last asked for here, until something newer may be undone.
  var trainingBegan: Int?
  /// Checkpoints whose weights can be loaded; nil until somebody looked.
  public var loadableCheckpoints: [Int]?

  /// The screen on top.
  public var screen = ScreenName.trajectories
  /// The layers beneath it, the lowest first; Esc and q return to them.
  public var past: [Layer] = []
  /// The trajectory that the screens speak of.
  public var selection: String?
  /// The step that the screens speak of, from 0.
  public var step = 0
  /// The pane that keys go to.
  public var focus = Pane.list
  /// First visible row of each pane.
  public var tops: [PanePlace: Int] = [:]
  /// Bytes of text that a slice of the work reads: some milliseconds.
  var slice = 1 << 18
  /// The lines of the text pane, as far as they were needed.
  @Derived var paneText = PaneText()
  /// Whether there are more lines to lay out.
  @Derived var isLayingOut = false
  /// What is known of the steps of the trajectory that the screens speak of.
  @Derived var stepSheet = StepSheet()
  /// What is searched, and where it was found.
  public var search = TextSearch()
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

  /// How trajectories are listed, and where the person is in the list.
  public var list = TrajectoryList()
  /// Where the person is on the Branches screen.
  public var branches = BranchesView()
  /// Where the person is on the Training screen.
  public var training = TrainingView()
  /// What is compared on the Compare screen.
  public var compare = CompareView()
  /// The study that is open in place of a run; nil for a run.
  public var study: StudyBoard?
  /// Where the person is on the Help screen.
  public var help = HelpView()

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

  /// A workbench in front of a study of which nothing is known yet.
  public init(study: Study, name: String, size: Size, glyphs: GlyphSet, readOnly: String?) {
    self.init(runName: name, policyName: "", size: size, glyphs: glyphs, readOnly: readOnly)
    self.study = StudyBoard(study)
    screen = .study
  }

  /// Judging without seeing what is known.
  public var blind = BlindMode()

  /// Whether the steps of the trajectory in front are sentences rather than short lines.
  var isProse: Bool { trajectory.map { stepSheet.of($0.steps).isProse } ?? false }

  /// The trajectory that the screens speak of.
  public var trajectory: Trajectory? { selection.flatMap { history.trajectory($0) } }
}

/// Something that is worked out from the rest of a state, and so does not count where two states are
/// compared.
@propertyWrapper
struct Derived<Value: Sendable>: Equatable, Sendable {
  /// What is worked out by now.
  var wrappedValue: Value

  static func == (one: Derived, other: Derived) -> Bool { true }
}
