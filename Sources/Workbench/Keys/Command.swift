/// Everything a person can ask for, by key, by name or from the palette.
///
/// The raw value is the name on the command line.
public enum Command: String, CaseIterable, Equatable, Hashable, Sendable {
  /// A move within a pane or between panes.
  case down, up, first, last
  /// A move by pages.
  case pageDown = "page-down"
  /// A move by pages.
  case pageUp = "page-up"
  /// A move by half a page.
  case halfDown = "half-down"
  /// A move by half a page.
  case halfUp = "half-up"
  /// A move along a trajectory or a curve.
  case next, previous, start, end
  /// A move between trajectories.
  case nextTrajectory = "next-trajectory"
  /// A move between trajectories.
  case previousTrajectory = "previous-trajectory"
  /// A move between critical steps.
  case nextCritical = "next-critical"
  /// A move between critical steps.
  case previousCritical = "previous-critical"
  /// A move to the other pane.
  case focus
  /// A move to the other pane, backwards.
  case focusBack = "focus-back"
  /// A step by its number.
  case step
  /// Into what is under the cursor, and out again.
  case open, back

  /// A screen.
  case trajectories, inspect, branches, training, compare, recipe, agreement, help

  /// Looking for text.
  case search
  /// Looking for text.
  case searchNext = "search-next"
  /// Looking for text.
  case searchPrevious = "search-previous"
  /// How trajectories are listed.
  case filter, sort, reverse

  /// A person's word on a step.
  case mark, confirm, reject, clear, undo, redo
  /// A person's word that no step is critical, in blind mode.
  case chooseNone = "choose-none"
  /// Whether what is known is hidden until a person has chosen.
  case blind
  /// Where a trajectory is cut into steps.
  case split, join

  /// Values.
  case estimate, sample
  /// Values, with a number.
  case sampleMany = "sample-many"
  /// Values where the doubt is.
  case locate
  /// An effect on fresh rollouts with its controls.
  case fresh
  /// One step under two versions.
  case measure
  /// Branches and new answers.
  case reset, draw
  /// A problem of one's own.
  case ask
  /// How long answers may be.
  case limit

  /// Training.
  case train, pause
  /// One update.
  case oneUpdate = "one-update"
  /// Training.
  case stop, rollback

  /// How curves are looked at.
  case logAxis = "log-axis"
  /// How curves are looked at.
  case zoomIn = "zoom-in"
  /// How curves are looked at.
  case zoomOut = "zoom-out"
  /// How curves are looked at.
  case smooth, enlarge, blocks

  /// How a study is looked at.
  case nextMeasure = "next-measure"
  /// How a study is looked at.
  case differences
  /// How a study is looked at.
  case overTokens = "over-tokens"

  /// Text out of the workbench.
  case copy
  /// The whole trajectory as text.
  case copyAll = "copy-all"
  /// Text as it is.
  case raw, save

  /// The program itself.
  case command, palette, theme, glyphs, redraw, suspend, interrupt, quit
}
