public import Trajectories

/// What the events of a run add up to: a live, a watched and a recorded run are folded alike.
public struct RunHistory: Equatable, Sendable {
  /// How far the run is.
  public enum Status: Equatable, Sendable {
    /// No event came yet.
    case empty
    /// Events may still come.
    case running
    /// The recipe's last update was made.
    case finished
    /// A person stopped it.
    case stopped
    /// It ended with an error.
    case failed(String)
  }

  /// What the run started from; nil before its first event.
  public private(set) var start: RunStart?
  /// How far it is.
  public private(set) var status = Status.empty
  /// The trajectories in the order in which they came.
  public internal(set) var trajectories: [Trajectory] = []
  /// What a person said and did not take back, in order.
  public internal(set) var words: [PersonWord] = []
  /// What was taken back and may be put back; the newest last.
  public internal(set) var undoneWords: [PersonWord] = []
  /// What people chose for comparison, in order.
  public private(set) var labels: [StepLabel] = []
  /// What each update did, in order; updates before a rollback are gone.
  public private(set) var metrics: [Metrics] = []
  /// Held-out accuracy, in order.
  public private(set) var evaluations: [EvaluationResult] = []
  /// Updates that can be returned to, in order.
  public private(set) var checkpoints: [Int] = []
  /// What was changed of the recipe, in order; `start` has the recipe that is in force.
  public private(set) var changes: [RecipeChange] = []
  /// What a person wrote otherwise into `recipe.toml` while the run was at rest, in order.
  public private(set) var edits: [RecipeEdit] = []
  /// What the reader should know, in order; of very many the first.
  public private(set) var warnings: [String] = []
  /// Updates the policy has seen by now.
  public private(set) var policyVersion = 0

  /// Events that nothing is made of: of a newer Crux, damaged, or made up.
  public private(set) var skipped = SkippedEvents()
  private var places: [String: Int] = [:]
  private var children: [String: [String]] = [:]
  var valuations: [String: [Valuation]] = [:]
  /// Trajectories whose values are all of rollouts that were drawn under another limit.
  private var outdated: Set<String> = []
  var measured: [String: Measured] = [:]
  var proposals: [String: [CutProposal]] = [:]
  private var labelled: [String: [StepLabel]] = [:]
  var standing: [String: Mark] = [:]
  /// The words that stand, by the trajectory they speak of.
  var wordsOf: [String: [PersonWord]] = [:]
  /// What is known of trajectories that a person cut otherwise.
  var cuts: [String: CutHistory] = [:]

  /// What a rule said, and of which cut; nil for the one that the trajectory came with.
  struct CutProposal: Equatable {
    var cut: [Int]?
    var proposal: CriticalStep
  }

  /// The history of nothing.
  public init() {}

  /// The history of these events.
  public init(_ events: [RunEvent]) {
    for event in events { apply(event) }
  }

  /// Adds what happened next.
  public mutating func apply(_ event: RunEvent) {
    if status == .empty { status = .running }
    if let fault = contradiction(of: event) {
      skipped.add(fault)
      return
    }
    switch event {
    case .started(let start): begin(start)
    case .sampled(let trajectory): add(trajectory)
    case .valued(let valuation): add(valuation)
    case .measured(let it): measure(it.trajectory) { $0.add(it) }
    case .compared(let it): measure(it.trajectory) { $0.add(it) }
    case .proposed(let proposal): add(proposal)
    case .marked, .recut, .undone, .redone: applyWord(event)
    case .labelled(let label): add(label)
    // What training obeyed shows in the buffer's numbers of the update.
    case .followed: break
    case .updated, .evaluated, .checkpointed, .resumed, .rolledBack: applyProgress(event)
    case .finished: status = .finished
    case .changed(let change): apply(change)
    case .edited(let edit): edits.append(edit)
    case .stopped: status = .stopped
    case .failed(let message): status = .failed(message)
    case .warned(let message): warn(message)
    case .unknown(let kind): skipped.add(unknown: kind)
    case .damaged(let row): skipped.add(row.words)
    }
  }

  /// Most warnings that are kept: a record may hold as many as rows.
  private static let mostWarnings = 500

  private mutating func warn(_ message: String) {
    if warnings.count < Self.mostWarnings {
      warnings.append(message)
    } else if warnings.count == Self.mostWarnings {
      warnings.append("Of more than \(Self.mostWarnings) warnings the rest is not shown.")
    }
  }

  private mutating func begin(_ start: RunStart) {
    self.start = start
    status = .running
  }

  private mutating func apply(_ change: RecipeChange) {
    changes.append(change)
    start?.recipe[change.key] = change.value
    // A rollout that may be longer is worth something else.
    if change.key == .limit { outdated = Set(valuations.keys) }
    if change.key == .updates, status == .finished, change.value > policyVersion {
      status = .running
    }
  }
}

// Trajectories and what is known of them.
extension RunHistory {
  /// The trajectory of that name.
  public func trajectory(_ id: String) -> Trajectory? { places[id].map { trajectories[$0] } }

  /// The place of a trajectory in `trajectories`.
  public func place(of id: String) -> Int? { places[id] }

  /// The branches that leave a trajectory, in the order in which they were drawn.
  public func branches(of id: String) -> [Trajectory] {
    (children[id] ?? []).compactMap { trajectory($0) }
  }

  /// Every valuation of a trajectory, oldest first; one for each version of the policy.
  public func valuations(of id: String) -> [Valuation] { valuations[id] ?? [] }

  /// The valuation of a trajectory under one version of the policy.
  public func valuation(of id: String, version: Int) -> Valuation? {
    valuations[id]?.last { $0.policyVersion == version }
  }

  /// The valuation of a trajectory by the present policy, drawn as rollouts are drawn now; nil where
  /// more rollouts cannot be added to any.
  public func usableValuation(of id: String) -> Valuation? {
    outdated.contains(id) ? nil : valuation(of: id, version: policyVersion)
  }

  /// The newest valuation of a trajectory.
  public func newestValuation(of id: String) -> Valuation? { valuations[id]?.last }

  /// What the rule said last of a trajectory.
  public func proposal(for id: String) -> CriticalStep? {
    let cut = cuts[id]?.present
    return proposals[id]?.last { $0.cut == cut }?.proposal
  }

  /// What the rule said of a trajectory under one version of the policy.
  public func proposal(for id: String, version: Int) -> CriticalStep? {
    let cut = cuts[id]?.present
    return proposals[id]?.last { $0.cut == cut && $0.proposal.policyVersion == version }?.proposal
  }

  /// The choice by which training stored states of a trajectory; nil where it stored none.
  public func storedChoice(of id: String) -> CriticalStep? {
    let cut = cuts[id]?.present
    return proposals[id]?.last { $0.cut == cut && $0.proposal.storedAt != nil }?.proposal
  }

  /// What people chose of a trajectory for comparison, in order.
  public func labels(of id: String) -> [StepLabel] { labelled[id] ?? [] }

  /// Adds to what was found out about a trajectory beside its values.
  private mutating func measure(_ id: String, _ add: (inout Measured) -> Void) {
    guard let drawn = trajectory(id) else { return }
    // Of most trajectories nothing is; they need none.
    add(&measured[id, default: Measured(drawn: drawn)])
  }

  private mutating func add(_ trajectory: Trajectory) {
    if let place = places[trajectory.id] {
      // After a rollback an update may be made again under the same names.
      let other = trajectories[place].responseTokens != trajectory.responseTokens
      unlink(trajectories[place])
      let cut = trajectories[place].steps
      trajectories[place] = trajectory
      if other {
        forgetCuts(of: trajectory.id)
        measured[trajectory.id] = nil
        valuations[trajectory.id] = nil
        proposals[trajectory.id] = nil
      } else if cuts[trajectory.id]?.present != nil {
        trajectories[place].steps = cut
      }
    } else {
      places[trajectory.id] = trajectories.count
      trajectories.append(trajectory)
    }
    forgetContradictions(of: trajectory)
    if let fork = trajectory.forkedFrom {
      children[fork.trajectory, default: []].append(trajectory.id)
    }
  }

  private mutating func unlink(_ trajectory: Trajectory) {
    guard let fork = trajectory.forkedFrom else { return }
    children[fork.trajectory]?.removeAll { $0 == trajectory.id }
  }

  private mutating func add(_ valuation: Valuation) {
    let before = self.valuation(of: valuation.trajectory, version: valuation.policyVersion)
    measure(valuation.trajectory) { $0.add(costOf: valuation, after: before) }
    // Values of boundaries that were moved meanwhile would stand at the wrong steps.
    if let trajectory = trajectory(valuation.trajectory), cuts[trajectory.id] != nil,
      valuation.values.count != trajectory.steps.count + 1
    {
      return
    }
    outdated.remove(valuation.trajectory)
    valuations[valuation.trajectory, default: []].removeAll {
      $0.policyVersion == valuation.policyVersion
    }
    var valuation = valuation
    // The record keeps the rollouts; a history of all of them would be as large.
    valuation.evidence = []
    valuations[valuation.trajectory, default: []].append(valuation)
  }

  private mutating func add(_ proposal: CriticalStep) {
    let cut = cuts[proposal.trajectory]?.present
    proposals[proposal.trajectory, default: []].removeAll {
      $0.cut == cut && $0.proposal.policyVersion == proposal.policyVersion
    }
    proposals[proposal.trajectory, default: []].append(CutProposal(cut: cut, proposal: proposal))
  }

  private mutating func add(_ label: StepLabel) {
    labels.append(label)
    labelled[label.trajectory, default: []].append(label)
  }
}

// Updates, evaluations and checkpoints.
extension RunHistory {
  private mutating func applyProgress(_ event: RunEvent) {
    switch event {
    case .updated(let update):
      metrics.append(update)
      policyVersion = update.update
      status = .running
    case .evaluated(let result): evaluations.append(result)
    case .checkpointed(let update, _):
      if !checkpoints.contains(update) { checkpoints.append(update) }
    case .resumed(let update), .rolledBack(let update): goBack(to: update)
    default: return
    }
  }

  private mutating func goBack(to update: Int) {
    metrics.removeAll { $0.update > update }
    evaluations.removeAll { $0.policyVersion > update }
    checkpoints.removeAll { $0 > update }
    // Values under weights that were given up say nothing of the weights of the same number to come.
    for id in valuations.keys { valuations[id]?.removeAll { $0.policyVersion > update } }
    for id in proposals.keys { proposals[id]?.removeAll { $0.proposal.policyVersion > update } }
    for id in cuts.keys { cuts[id]?.forget(after: update) }
    for id in measured.keys { measured[id]?.forget(after: update) }
    policyVersion = update
    status = .running
  }
}

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
