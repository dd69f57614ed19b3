public import Trajectories

/// Something the workbench wants done; the answer comes back as an `Action`.
public enum Request: Equatable, Sendable {
  /// Value every boundary with that many rollouts, counting those already drawn.
  case estimate(trajectory: String, rollouts: Int)
  /// Draw that many more rollouts at each of the two boundaries of one step.
  case estimateStep(trajectory: String, step: Int, rollouts: Int)
  /// Search the critical step adaptively, spending rollouts where the doubt is.
  case locate(trajectory: String)
  /// Measure the effect of a step on rollouts that had no part in choosing it.
  case measureFresh(trajectory: String, step: Int)
  /// Measure the controls of that effect: a random step and a restart.
  case controls(trajectory: String, step: Int)
  /// Go back to the start of a step and draw that many branches.
  case reset(trajectory: String, step: Int, count: Int)
  /// Draw that many new problems and answer them.
  case draw(Int)
  /// Answer a problem that a person typed; with an empty reference the answer is compared with
  /// itself.
  case ask(prompt: String, reference: String)
  /// Let answers have that many tokens from here on.
  case limit(Int)
  /// Make a person's word last; it comes back as an event.
  case mark(Mark)
  /// Make a person's choice for comparison last; the seconds are filled in by whoever has a clock.
  case label(StepLabel)
  /// Tell the text of each token of a response.
  case pieces(trajectory: String)
  /// Split the step that holds a token just before it.
  case split(trajectory: String, token: Int)
  /// Join a step with the next.
  case join(trajectory: String, step: Int)
  /// Take the newest mark or cut back.
  case undo
  /// Put the mark or cut taken back last back.
  case redo
  /// Change what training does.
  case train(TrainingRequest)
  /// Let the run go by its recipe.toml as it was edited, then change what training does.
  case acceptEdits(TrainingRequest)
  /// Value one step under two versions of the policy.
  case compare(trajectory: String, step: Int, first: Int, second: Int)
  /// Stop the present work that is not training; what was drawn is kept.
  case cancel
  /// Paint with another theme.
  case theme(String)
  /// Put text on the clipboard.
  case copy(String)
  /// Write the present screen as text to a file.
  case saveDisplay(String)
  /// Search all texts of the run.
  case search(String)
  /// Let a reward command run here from now on.
  case trust(String)
  /// Hand the terminal back to the shell until it returns.
  case suspend
  /// Paint everything anew.
  case redraw
  /// Leave; training is stopped at its last whole update.
  case quit
}

/// What training should do.
public enum TrainingRequest: Equatable, Sendable {
  /// Make updates until the recipe's last.
  case start
  /// Make that many updates, beyond the recipe's last where they reach there, then wait.
  case more(Int)
  /// Wait after the present update.
  case pause
  /// Go on after a pause.
  case resume
  /// Make one update, then wait.
  case oneUpdate
  /// End the run after the present update.
  case stop
  /// Return to a checkpoint; later updates no longer count.
  case rollBack(to: Int)
}
