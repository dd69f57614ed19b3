import Trajectories

// Whether what happened next fits what is known: a record may come from anybody, and what stands at
// a step must have such a step to stand at.
extension RunHistory {
  /// What of an event contradicts the events before it; nil where it fits.
  ///
  /// What is said of an answer that no record has, as training values many that are not written down,
  /// contradicts nothing.
  func contradiction(of event: RunEvent) -> String? {
    switch event {
    case .sampled(let answer): contradiction(ofFork: answer)
    case .valued(let it):
      trajectory(it.trajectory).flatMap { answer in
        contradiction(it, of: answer, isRecut: cuts[answer.id] != nil).map { "a valuation \($0)" }
      }
    case .proposed(let it):
      trajectory(it.trajectory).flatMap { contradiction(it, of: $0).map { "a proposal \($0)" } }
    case .measured(let it): contradiction(it.end, of: it.trajectory).map { "a measurement \($0)" }
    case .compared(let it): contradiction(it.end, of: it.trajectory).map { "a comparison \($0)" }
    case .marked(let it):
      trajectory(it.trajectory).flatMap { answer in
        // There was a time when it may have been cut into as many steps as tokens.
        let most = cuts[answer.id] == nil ? answer.steps.count : answer.responseTokens.count
        return it.step < max(1, most)
          ? nil : "a mark speaks of step \(it.step + 1) of \(answer.id), which has \(most)"
      }
    case .labelled(let it):
      trajectory(it.trajectory).flatMap { answer in
        (it.starts.last ?? 0) <= answer.responseTokens.count
          && (it.step ?? 0) < max(1, it.starts.isEmpty ? answer.steps.count : it.starts.count)
          ? nil : "a label speaks of steps that \(answer.id) does not have"
      }
    default: nil
    }
  }

  /// A branch must leave an answer that is no branch of its own.
  private func contradiction(ofFork answer: Trajectory) -> String? {
    guard let fork = answer.forkedFrom else { return nil }
    var id: String? = fork.trajectory
    var seen: Set<String> = []
    while let parent = id, seen.insert(parent).inserted {
      guard parent != answer.id, seen.count < 4096 else {
        return "\(answer.id) is forked from \(fork.trajectory), which is forked from it or without "
          + "end"
      }
      id = trajectory(parent)?.forkedFrom?.trajectory
    }
    return nil
  }

  private func contradiction(_ end: Int, of id: String) -> String? {
    guard let count = trajectory(id)?.responseTokens.count, end > count else { return nil }
    return "ends at token \(end) of \(id), which has \(count)"
  }

  private func contradiction(_ it: Valuation, of answer: Trajectory, isRecut: Bool) -> String? {
    let steps = answer.steps.count
    // Values of boundaries that a person moved meanwhile are passed over in silence.
    guard !isRecut else { return nil }
    guard it.values.count == steps + 1 else {
      return "of \(answer.id) has \(it.values.count) values for \(steps) steps"
    }
    let scores = it.anchors?.count ?? steps
    return scores == steps ? nil : "of \(answer.id) has \(scores) scores for \(steps) steps"
  }

  private func contradiction(_ it: CriticalStep, of answer: Trajectory) -> String? {
    let steps = [it.leader, it.step ?? 0] + (it.candidates ?? []).map(\.step)
    let most = cuts[answer.id] == nil ? answer.steps.count : answer.responseTokens.count
    guard let far = steps.max(), far >= max(1, most) else { return nil }
    return "speaks of step \(far + 1) of \(answer.id), which has \(most)"
  }

  /// Forgets what was said of an answer before it came, where it does not fit the answer that came.
  mutating func forgetContradictions(of answer: Trajectory) {
    guard cuts[answer.id]?.present == nil else { return }
    if let known = valuations[answer.id] {
      valuations[answer.id] = known.filter { contradiction($0, of: answer, isRecut: false) == nil }
    }
    if let known = proposals[answer.id] {
      proposals[answer.id] = known.filter { contradiction($0.proposal, of: answer) == nil }
    }
  }
}
