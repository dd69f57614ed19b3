/// Everything a person can ask for, by key, by name or from the palette.
public struct Command: RawRepresentable, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// The name on the command line.
  public let rawValue: String

  /// The name on the command line.
  public var description: String { rawValue }

  init(_ name: String) { rawValue = name }

  /// The command of that name; nil where there is none.
  public init?(rawValue: String) {
    guard let known = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = known
  }

  /// A move within a pane or between panes.
  public static let down = Command("down"), up = Command("up"), first = Command("first"),
    last = Command("last")
  /// A move by pages.
  public static let pageDown = Command("page-down")
  /// A move by pages.
  public static let pageUp = Command("page-up")
  /// A move by half a page.
  public static let halfDown = Command("half-down")
  /// A move by half a page.
  public static let halfUp = Command("half-up")
  /// A move along a trajectory or a curve.
  public static let next = Command("next"), previous = Command("previous"),
    start = Command("start"), end = Command("end")
  /// A move between trajectories.
  public static let nextTrajectory = Command("next-trajectory")
  /// A move between trajectories.
  public static let previousTrajectory = Command("previous-trajectory")
  /// A move between critical steps.
  public static let nextCritical = Command("next-critical")
  /// A move between critical steps.
  public static let previousCritical = Command("previous-critical")
  /// A move to the other pane.
  public static let focus = Command("focus")
  /// A move to the other pane, backwards.
  public static let focusBack = Command("focus-back")
  /// A step by its number.
  public static let step = Command("step")
  /// Into what is under the cursor, and out again.
  public static let open = Command("open"), back = Command("back")

  /// Looking for text.
  public static let search = Command("search")
  /// Looking for text.
  public static let searchNext = Command("search-next")
  /// Looking for text.
  public static let searchPrevious = Command("search-previous")
  /// How trajectories are listed.
  public static let filter = Command("filter"), sort = Command("sort"), reverse = Command("reverse")

  /// A person's word on a step.
  public static let mark = Command("mark"), confirm = Command("confirm"),
    reject = Command("reject"), clear = Command("clear"), undo = Command("undo"),
    redo = Command("redo")
  /// A person's word that no step is critical, in blind mode.
  public static let chooseNone = Command("choose-none")
  /// Whether what is known is hidden until a person has chosen.
  public static let blind = Command("blind")
  /// Where a trajectory is cut into steps.
  public static let split = Command("split"), join = Command("join")

  /// Values.
  public static let estimate = Command("estimate"), sample = Command("sample")
  /// Values, with a number.
  public static let sampleMany = Command("sample-many")
  /// Values where the doubt is.
  public static let locate = Command("locate")
  /// An effect on fresh rollouts with its controls.
  public static let fresh = Command("fresh")
  /// One step under two versions.
  public static let measure = Command("measure")
  /// Branches and new answers.
  public static let reset = Command("reset"), draw = Command("draw")
  /// A problem of one's own.
  public static let ask = Command("ask")
  /// How long answers may be.
  public static let limit = Command("limit")

  /// Training.
  public static let train = Command("train"), pause = Command("pause")
  /// One update.
  public static let oneUpdate = Command("one-update")
  /// Training.
  public static let stop = Command("stop"), rollback = Command("rollback")

  /// How curves are looked at.
  public static let logAxis = Command("log-axis")
  /// How curves are looked at.
  public static let zoomIn = Command("zoom-in")
  /// How curves are looked at.
  public static let zoomOut = Command("zoom-out")
  /// How curves are looked at.
  public static let smooth = Command("smooth"), enlarge = Command("enlarge"),
    blocks = Command("blocks")

  /// How a study is looked at.
  public static let nextMeasure = Command("next-measure")
  /// How a study is looked at.
  public static let differences = Command("differences")
  /// How a study is looked at.
  public static let overTokens = Command("over-tokens")

  /// Text out of the workbench.
  public static let copy = Command("copy")
  /// The whole trajectory as text.
  public static let copyAll = Command("copy-all")
  /// Text as it is.
  public static let raw = Command("raw"), save = Command("save")

  /// The program itself.
  public static let command = Command("command"), palette = Command("palette"),
    theme = Command("theme"), glyphs = Command("glyphs"), redraw = Command("redraw"),
    suspend = Command("suspend"), interrupt = Command("interrupt"), quit = Command("quit")

  /// Every command, in the order in which names are completed: moves, a screen each, the rest.
  public static let allCases: [Command] =
    moves + ScreenName.allCases.compactMap(\.command) + others

  private static let moves: [Command] = [
    .down, .up, .first, .last, .pageDown, .pageUp, .halfDown, .halfUp, .next, .previous, .start,
    .end, .nextTrajectory, .previousTrajectory, .nextCritical, .previousCritical, .focus,
    .focusBack, .step, .open, .back,
  ]

  private static let others: [Command] = [
    .search, .searchNext, .searchPrevious, .filter, .sort, .reverse,
    .mark, .confirm, .reject, .clear, .undo, .redo, .chooseNone, .blind, .split, .join,
    .estimate, .sample, .sampleMany, .locate, .fresh, .measure, .reset, .draw, .ask, .limit,
    .train, .pause, .oneUpdate, .stop, .rollback,
    .logAxis, .zoomIn, .zoomOut, .smooth, .enlarge, .blocks,
    .nextMeasure, .differences, .overTokens,
    .copy, .copyAll, .raw, .save,
    .command, .palette, .theme, .glyphs, .redraw, .suspend, .interrupt, .quit,
  ]
}
