import Trajectories

// A person's word on the critical step; it counts once its event comes back.
extension InspectScreen {
  /// The keys of what a person says of steps.
  static let judging = [
    Keymap.row(
      .critical, .mark, "m", "Mark this step as the critical one; training resets there",
      hint: "mark", on: [.inspect], changes: true),
    Keymap.row(
      .critical, .confirm, "c", "Confirm the step that the rule proposes", hint: "confirm",
      on: [.trajectories, .inspect], changes: true),
    Keymap.row(
      .critical, .reject, "x", "Reject it; the trajectory is not reset", hint: "reject",
      on: [.trajectories, .inspect], changes: true),
    Keymap.row(
      .critical, .clear, "X", "Take your word on this trajectory back",
      on: [.trajectories, .inspect], changes: true),
    Keymap.row(.critical, .undo, "u", "Undo the newest mark or cut", hint: "undo", changes: true),
    Keymap.row(.critical, .redo, "Ctrl-R", "Put the mark or cut undone last back", changes: true),
    Keymap.row(
      .critical, .blind, "B", "Hide what is known until you have chosen, or show it again",
      hint: "blind", on: Keymap.aboutOne),
    Keymap.row(
      .critical, .chooseNone, "M", "In blind mode: no step of this trajectory is critical",
      hint: "none", on: [.inspect], changes: true),
    Keymap.row(
      .critical, .split, "|", "Split this step at a place to choose, or after N tokens",
      hint: "split", argument: "N", on: [.inspect], changes: true),
    Keymap.row(
      .critical, .join, "J", "Join this step with the next; values that survive are kept",
      hint: "join", on: [.inspect], changes: true),
  ]

  static func judge(_ command: Command, _ state: inout WorkbenchState) -> [Request] {
    guard let selection = state.selection else { return [] }
    if state.isVeiled, command == .mark { return state.label(as: state.step) }
    let proposal = state.proposal(for: selection)
    let standing = state.mark(of: selection)
    switch command {
    case .mark:
      return say(Mark(trajectory: selection, step: state.step, kind: .marked), &state)
    case .confirm:
      guard let step = proposal?.proposed else { return [] }
      return say(Mark(trajectory: selection, step: step, kind: .confirmed), &state)
    case .reject:
      guard let step = standing?.step ?? proposal?.proposed else { return [] }
      return say(Mark(trajectory: selection, step: step, kind: .rejected), &state)
    default:
      guard let standing else { return [] }
      return say(Mark(trajectory: selection, step: standing.step, kind: .cleared), &state)
    }
  }

  private static func say(_ mark: Mark, _ state: inout WorkbenchState) -> [Request] {
    guard state.history.mark(of: mark.trajectory) != mark else {
      state.tell("This was already said of step \(mark.step + 1).")
      return []
    }
    return [.mark(mark)]
  }

  /// Why a word on the trajectory in front makes no sense; nil where it does.
  static func judgingObstacle(to command: Command, _ state: WorkbenchState) -> String? {
    switch command {
    case .undo:
      guard state.history.words.isEmpty, state.trainingBegan == nil else { return nil }
      return "There is no mark or cut to undo."
    case .redo:
      return state.history.undoneWords.isEmpty ? "No mark or cut was undone." : nil
    default: break
    }
    guard let selection = state.selection else { return nil }
    switch command {
    case .confirm: return confirmObstacle(of: selection, state)
    case .reject:
      return state.mark(of: selection) == nil ? confirmObstacle(of: selection, state) : nil
    case .clear:
      return state.mark(of: selection) == nil ? "You said nothing of this one." : nil
    default: return nil
    }
  }

  private static func confirmObstacle(of id: String, _ state: WorkbenchState) -> String? {
    guard let proposal = state.proposal(for: id) else {
      return "No step is proposed: \(state.key(.estimate)) values the steps first."
    }
    guard proposal.proposed == nil else { return nil }
    return "None is clear: \(state.key(.locate)) draws more rollouts, "
      + "\(state.key(.mark)) marks one yourself."
  }
}
