import Trajectories

// Facts about a trajectory as a word with a sign, so that colour says nothing alone.
extension WorkbenchState {
  func rewardSpan(_ trajectory: Trajectory) -> Span {
    guard !isVeiled(trajectory.id) else { return Span("hidden", .dim) }
    let reward = trajectory.reward
    if trajectory.problem.isAgreement {
      return reward >= 0.5
        ? Span("= same", .right) : Span(glyphs == .ascii ? "~ other" : "≠ other", .wrong)
    }
    if reward >= 1 { return Span("+ right", .right) }
    if reward <= 0 { return Span("\(Glyphs.of(glyphs).minus) wrong", .wrong) }
    return Span("\(share(reward)) part", reward >= 0.5 ? .right : .wrong)
  }

  func chainSpan(_ trajectory: Trajectory) -> Span {
    guard !isVeiled(trajectory.id) else { return Span("", .dim) }
    if luck(of: trajectory) != nil { return Span("lucky", .warning) }
    return switch trajectory.chainCorrect {
    case nil: Span("", .dim)
    case true?: Span("sound", .right)
    case false?: Span("slip", .wrong)
    }
  }

  func criticalSpan(_ trajectory: Trajectory) -> Span {
    guard !isVeiled(trajectory.id) else { return Span("hidden", .dim) }
    guard let proposal = proposal(for: trajectory.id) else {
      return valuation(of: trajectory.id) == nil ? Span("unvalued", .dim) : Span("valued", .dim)
    }
    guard let step = proposal.proposed else { return Span("unclear", .dim) }
    guard step == proposal.leader else { return Span("\(step + 1)", .text) }
    let sign = signed(proposal.advantage, glyphs: Glyphs.of(glyphs))
    guard proposal.step != nil else { return Span("\(step + 1) \(sign)?", .barUnsure) }
    return Span("\(step + 1) \(sign)", proposal.advantage < 0 ? .barNegative : .barPositive)
  }

  func markSpan(_ id: String) -> Span {
    let glyphs = Glyphs.of(glyphs)
    guard let mark = mark(of: id) else {
      return proposal(for: id)?.proposed == nil
        ? Span("", .dim) : Span(String(glyphs.proposed), .stepProposed)
    }
    return mark.kind == .rejected
      ? Span("\(glyphs.rejected) no \(mark.step + 1)", .stepRejected)
      : Span("\(glyphs.confirmed) \(mark.step + 1)", .stepConfirmed)
  }

  func originSpan(_ trajectory: Trajectory) -> Span {
    if trajectory.truncated { return Span("cut off", .warning) }
    guard let fork = trajectory.forkedFrom else { return Span("", .dim) }
    return Span("of \(number(of: fork.trajectory))@\(fork.step + 1)", .dim)
  }
}
