public import Tensors
public import Trajectories

/// A state that is worth resetting to.
public struct CriticalState: Codable, Equatable, Sendable {
  /// The trajectory it was taken from.
  public var trajectory: String
  /// The question.
  public var problem: Problem
  /// The prompt.
  public var promptTokens: [Int32]
  /// The response tokens before the step.
  public var keptTokens: [Int32]
  /// Logarithm of the probability each kept token was drawn at.
  public var logProbabilities: [Float]
  /// The first step that is drawn anew.
  public var step: Int
  /// Estimated value of the state; nil where none was made.
  public var value: Double?
  /// Estimated advantage of the step; nil where none was made.
  public var advantage: Double?
  /// Whether the kept steps are all right; nil where the task cannot tell.
  public var prefixRight: Bool?
  /// Whether a person chose or confirmed the step.
  public var marked: Bool
  /// The update after which it was stored; nil for a state that a person chose.
  public var stored: Int?
  /// Times a group or a rollout started from it; nil for none.
  public var drawn: Int?

  /// The state before a step of a trajectory.
  ///
  /// - Parameters:
  ///   - trajectory: Where it is taken from.
  ///   - step: The first step that is drawn anew.
  ///   - values: Its values, where there are some.
  ///   - marked: Whether a person chose it.
  public init(of trajectory: Trajectory, step: Int, values: StepValues?, marked: Bool) {
    let prefix = trajectory.state(before: step)
    self.trajectory = trajectory.id
    self.step = step
    self.marked = marked
    problem = trajectory.problem
    promptTokens = prefix.prompt
    keptTokens = prefix.kept
    logProbabilities = prefix.logProbabilities
    value = values?.mean(step)
    advantage = values?.advantage(step)
    prefixRight = trajectory.stepsAreRight(before: step)
  }

  /// The state as something to roll out from.
  public var prefix: Prefix {
    Prefix(
      problem: problem, prompt: promptTokens, kept: keptTokens,
      logProbabilities: logProbabilities,
      fork: Fork(trajectory: trajectory, step: step, keptTokens: keptTokens.count))
  }
}

extension CriticalState {
  /// What of a state that was read cannot be; nil where nothing is found.
  fileprivate var fault: String? {
    let counts = [step, stored ?? 0, drawn ?? 0]
    if let odd = counts.first(where: { !LoopState.counts.contains($0) }) {
      return "has the number \(odd)"
    }
    guard logProbabilities.isEmpty || logProbabilities.count == keptTokens.count else {
      return "has \(logProbabilities.count) log-probabilities for \(keptTokens.count) tokens"
    }
    let isSound = [value, advantage].allSatisfy { $0?.isFinite ?? true }
    return isSound ? nil : "has a value that is no number"
  }
}

extension Trajectory {
  /// Whether all steps before this one are right; nil where the task cannot tell.
  public func stepsAreRight(before step: Int) -> Bool? {
    let verdicts = steps[..<step].map(\.verdict)
    if verdicts.contains(where: { $0 == .wrong || $0 == .inherited }) { return false }
    let silent = verdicts.contains(nil) || steps.allSatisfy { $0.verdict == nil }
    return silent ? nil : true
  }
}

/// The critical states that reset groups start from; the oldest leaves first.
///
/// A person's word counts more than a rule's: a marked or confirmed step replaces what the rule
/// stored of that trajectory, a rejected trajectory leaves, and taking the word back restores the
/// first state the rule had stored if that was still there when the person spoke.
public struct CriticalBuffer: Codable, Equatable, Sendable {
  /// Most states kept.
  public let capacity: Int
  /// The states, the oldest first.
  public private(set) var states: [CriticalState] = []
  /// Trajectories that a person spoke of, and what the rule had stored of them.
  private var judged: [JudgedTrajectory] = []
  /// The answers whose states it holds, and those that a person spoke of.
  var trajectories: Set<String> { Set(states.map(\.trajectory) + judged.map(\.trajectory)) }

  /// An empty buffer.
  public init(capacity: Int) { self.capacity = capacity }

  /// Share of the states whose kept steps are all right; nil where nobody can tell or none are.
  public var purity: Double? {
    let known = states.compactMap(\.prefixRight)
    return known.isEmpty ? nil : Double(known.filter { $0 }.count) / Double(known.count)
  }

  /// States whose step a person chose or confirmed.
  public var marked: Int { states.filter(\.marked).count }

  /// Mean updates since the states were stored by a rule; nil where none was.
  public func age(at update: Int) -> Double? {
    let ages = states.compactMap { state in state.stored.map { Double(update - $0) } }
    return ages.isEmpty ? nil : ages.reduce(0, +) / Double(ages.count)
  }

  /// Mean times the states were drawn; nil from an empty buffer.
  public var reuse: Double? {
    guard !states.isEmpty else { return nil }
    return Double(states.reduce(0) { $0 + ($1.drawn ?? 0) }) / Double(states.count)
  }

  /// Counts which states were drawn, one entry for each time.
  public mutating func drew(_ trajectories: [String]) {
    for id in trajectories {
      guard let place = states.firstIndex(where: { $0.trajectory == id }) else { continue }
      states[place].drawn = (states[place].drawn ?? 0) + 1
    }
  }

  /// Stores what a rule chose, unless a person has spoken of that trajectory; several steps of one
  /// trajectory may be stored.
  public mutating func insert(_ state: CriticalState, update: Int? = nil) {
    guard !judged.contains(where: { $0.trajectory == state.trajectory }) else { return }
    states.removeAll { $0.trajectory == state.trajectory && $0.step == state.step }
    var state = state
    state.stored = update
    append(state)
  }

  /// Follows a person's word on a trajectory.
  public mutating func follow(_ mark: Mark, on trajectory: Trajectory) {
    precondition(
      mark.trajectory == trajectory.id, "a mark on \(mark.trajectory) came with \(trajectory.id)")
    let earlier = judged.first { $0.trajectory == mark.trajectory }
    let stored = states.first { $0.trajectory == mark.trajectory && !$0.marked }
    states.removeAll { $0.trajectory == mark.trajectory }
    judged.removeAll { $0.trajectory == mark.trajectory }
    let byRule = earlier == nil ? stored : earlier?.byRule
    switch mark.kind {
    case .marked, .confirmed:
      judged.append(JudgedTrajectory(trajectory: mark.trajectory, byRule: byRule))
      let step = min(max(0, mark.step), max(0, trajectory.steps.count - 1))
      append(CriticalState(of: trajectory, step: step, values: nil, marked: true))
    case .rejected:
      judged.append(JudgedTrajectory(trajectory: mark.trajectory, byRule: byRule))
    case .cleared:
      if let byRule { append(byRule) }
    }
  }

  /// A state drawn uniformly or in proportion to |A|; nil from an empty buffer.
  ///
  /// A state without an estimate counts as the mean of those with one.
  public func draw(
    _ random: inout Random, priority: ResetPriority = .uniform
  ) -> CriticalState? {
    guard !states.isEmpty else { return nil }
    let known = states.compactMap { $0.advantage.map(abs) }
    let mean = known.reduce(0, +) / Double(max(1, known.count))
    guard priority == .advantage, mean > 0 else { return states[random.below(states.count)] }
    let weights = states.map { $0.advantage.map(abs) ?? mean }
    var left = Double(random.uniform()) * weights.reduce(0, +)
    for (state, weight) in zip(states, weights) {
      left -= weight
      if left < 0 { return state }
    }
    return states.last
  }

  /// The states there are, those included that a person's word took the place of.
  var allStates: [CriticalState] { states + judged.compactMap(\.byRule) }

  /// What of a buffer that was read cannot be; nil where nothing is found.
  var fault: String? {
    guard LoopState.counts.contains(capacity), states.count <= capacity else {
      return "the buffer has \(states.count) states of at most \(capacity)"
    }
    for state in allStates {
      if let fault = state.fault { return "the stored state of \(state.trajectory) \(fault)" }
    }
    return nil
  }

  private mutating func append(_ state: CriticalState) {
    states.append(state)
    if states.count > capacity { states.removeFirst(states.count - capacity) }
  }
}

/// A trajectory that a person spoke of.
private struct JudgedTrajectory: Codable, Equatable, Sendable {
  var trajectory: String
  var byRule: CriticalState?
}
