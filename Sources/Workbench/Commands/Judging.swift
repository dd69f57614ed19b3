import Trajectories

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
