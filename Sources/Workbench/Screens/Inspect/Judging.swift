import Trajectories

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

  /// The keys that value steps.
  static let valuing = [
    Keymap.row(
      .values, .estimate, "e", "Value every step by rollouts; again for twice as many",
      hint: "estimate", argument: "ROLLOUTS", on: [.trajectories, .inspect], changes: true),
    Keymap.row(
      .values, .sample, "s", "More rollouts before and after this step", hint: "sample",
      argument: "ROLLOUTS", on: [.inspect], changes: true),
    Keymap.row(
      .values, .sampleMany, "S", "The same, asking how many", on: [.inspect], changes: true),
    Keymap.row(
      .values, .locate, "a", "Search the critical step, spending rollouts where the doubt is",
      hint: "locate", on: [.trajectories, .inspect], changes: true),
    Keymap.row(
      .values, .fresh, "f", "Measure this step on fresh rollouts, with two controls",
      hint: "fresh", on: [.inspect], changes: true),
  ]
}

// A person's word on the critical step; it counts once its event comes back.
extension WorkbenchState {
  mutating func runJudging(_ command: Command) -> [Request] {
    switch command {
    case .undo: return undo()
    case .redo: return [.redo]
    default: break
    }
    guard let selection else { return [] }
    if isVeiled, command == .mark { return label(as: step) }
    let proposal = proposal(for: selection)
    let standing = mark(of: selection)
    switch command {
    case .mark:
      return judge(Mark(trajectory: selection, step: step, kind: .marked))
    case .confirm:
      guard let step = proposal?.proposed else { return [] }
      return judge(Mark(trajectory: selection, step: step, kind: .confirmed))
    case .reject:
      guard let step = standing?.step ?? proposal?.proposed else { return [] }
      return judge(Mark(trajectory: selection, step: step, kind: .rejected))
    default:
      guard let standing else { return [] }
      return judge(Mark(trajectory: selection, step: standing.step, kind: .cleared))
    }
  }

  private mutating func judge(_ mark: Mark) -> [Request] {
    guard history.mark(of: mark.trajectory) != mark else {
      tell("This was already said of step \(mark.step + 1).")
      return []
    }
    return [.mark(mark)]
  }
}
