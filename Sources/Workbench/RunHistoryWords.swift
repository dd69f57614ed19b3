public import Trajectories

/// Something a person said or did that can be undone.
public enum PersonWord: Equatable, Sendable {
  /// A word on the critical step.
  case mark(Mark)
  /// A step that was split or joined.
  case cut(StepCut)

  /// The trajectory it speaks of.
  public var trajectory: String {
    switch self {
    case .mark(let mark): mark.trajectory
    case .cut(let cut): cut.trajectory
    }
  }
}

/// What is known of a trajectory that a person cut otherwise.
struct CutHistory: Equatable, Sendable {
  /// The steps it came with.
  var original: [Step]
  /// First token of each step as it is cut now; nil while it is cut as it came.
  var present: [Int]?
  /// Every value there was, by version of the policy and token, so that no cut loses one.
  var values: [Int: [Int: StepValue]] = [:]
  /// Every score of a step there was, by version of the policy and the step's tokens.
  var anchors: [Int: [Range<Int>: StepAnchor]] = [:]

  /// Values under weights that were given up.
  mutating func forget(after update: Int) {
    values = values.filter { $0.key <= update }
    anchors = anchors.filter { $0.key <= update }
  }

  /// Keeps the values of a valuation by the tokens that its boundaries stand before.
  mutating func keep(_ valuation: Valuation, of steps: [Step]) {
    for (step, value) in zip(steps, valuation.values) where value.isKnown {
      values[valuation.policyVersion, default: [:]][step.start] = value
    }
    for (step, anchor) in zip(steps, valuation.anchors ?? []) {
      anchors[valuation.policyVersion, default: [:]][step.tokens] = anchor
    }
  }

  /// A valuation with the boundaries of other steps; those that were never valued are unknown.
  func valuation(_ old: Valuation, for steps: [Step]) -> Valuation {
    guard let end = old.values.last else { return old }
    var new = old
    new.values = steps.enumerated().map { place, step in
      var value =
        values[old.policyVersion]?[step.start]
        ?? StepValue(
          boundary: place, rewardSum: 0, rollouts: 0, truncated: 0, mean: 0.5, low: 0, high: 1)
      value.boundary = place
      return value
    }
    new.values.append(end)
    new.values[steps.count].boundary = steps.count
    // Scores of a step are of its own words; a new step has none, so none of them is told.
    let scores = steps.compactMap { anchors[old.policyVersion]?[$0.tokens] }
    new.anchors = scores.count == steps.count ? scores : nil
    return new
  }
}

// A person's words, and taking them back.
extension RunHistory {
  /// The marks that stand, in order; a cleared mark is one of them.
  public var marks: [Mark] { words.marks }

  /// What a person said last of a trajectory; nil where nobody spoke or the word was cleared.
  public func mark(of id: String) -> Mark? { standing[id] }

  /// Whether a person cut the trajectory otherwise than it came.
  public func isRecut(_ id: String) -> Bool { cuts[id]?.present != nil }

  mutating func applyWord(_ event: RunEvent) {
    switch event {
    case .marked(let mark): say(.mark(mark))
    case .recut(let cut):
      if let trajectory = trajectory(cut.trajectory) {
        // Another answer may have come under the same name.
        guard cut.covers(trajectory.responseTokens.count) else { return }
      }
      say(.cut(cut))
    case .undone:
      guard let word = words.popLast() else { return }
      undoneWords.append(word)
      wordsOf[word.trajectory]?.removeLast()
      restate(word.trajectory)
    case .redone:
      guard let word = undoneWords.popLast() else { return }
      words.append(word)
      wordsOf[word.trajectory, default: []].append(word)
      restate(word.trajectory)
    default: return
    }
  }

  private mutating func say(_ word: PersonWord) {
    words.append(word)
    wordsOf[word.trajectory, default: []].append(word)
    undoneWords = []
    restate(word.trajectory)
  }

  /// Works out the mark and the steps of a trajectory from all that stands about it.
  private mutating func restate(_ id: String) {
    var mark: Mark?
    var steps: [Step]?
    for word in wordsOf[id] ?? [] {
      switch word {
      case .mark(let said): mark = said.kind == .cleared ? nil : said
      case .cut(let cut):
        if let said = mark { mark?.step = cut.place(of: said.step) }
        steps = cut.steps
      }
    }
    standing[id] = mark
    if let trajectory = trajectory(id) { recut(trajectory, as: steps) }
  }

  /// Cuts a trajectory as wished, or as it came; values stay with their tokens.
  private mutating func recut(_ trajectory: Trajectory, as wished: [Step]?) {
    let id = trajectory.id
    guard wished != nil || cuts[id] != nil, let place = place(of: id) else { return }
    var known = cuts[id] ?? CutHistory(original: trajectory.steps)
    let steps = wished ?? known.original
    guard steps != trajectory.steps || wished == nil else { return }
    for valuation in valuations(of: id) { known.keep(valuation, of: trajectory.steps) }
    valuations[id] = valuations[id]?.map { known.valuation($0, for: steps) }
    known.present = wished == nil ? nil : steps.map(\.start)
    cuts[id] = known
    trajectories[place].steps = steps
    for branch in branches(of: id) { moveFork(of: branch, to: steps) }
  }

  /// The step before which a branch leaves is counted as its parent is cut now.
  private mutating func moveFork(of branch: Trajectory, to steps: [Step]) {
    guard let fork = branch.forkedFrom, let place = place(of: branch.id) else { return }
    trajectories[place].forkedFrom?.step = steps.place(ofToken: fork.keptTokens)
  }

  /// Forgets the cuts of a trajectory whose name another answer has now.
  mutating func forgetCuts(of id: String) {
    guard cuts.removeValue(forKey: id) != nil else { return }
    func isCut(_ word: PersonWord) -> Bool {
      if case .cut(let cut) = word { cut.trajectory == id } else { false }
    }
    words.removeAll(where: isCut)
    wordsOf[id]?.removeAll(where: isCut)
    undoneWords.removeAll(where: isCut)
  }
}

extension [PersonWord] {
  fileprivate var marks: [Mark] {
    compactMap { word in
      if case .mark(let mark) = word { mark } else { nil }
    }
  }
}
