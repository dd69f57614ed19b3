import Trajectories

/// What requests draw, as far as one can know before.
struct ExpectedCost: Equatable, Sendable {
  /// Rollouts.
  var rollouts = 0
  /// Tokens, all rollouts together.
  var tokens = 0.0
  /// Whether a search may end before all are drawn.
  var isMost = false

  /// Counts rollouts of that many tokens each.
  mutating func add(_ count: Int, of tokens: Int) {
    rollouts += count
    self.tokens += Double(count * max(0, tokens))
  }
}

// What takes long is told and confirmed before it begins.
extension WorkbenchState {
  /// Seconds from which on a person is asked first.
  static let longWork = 60.0
  /// The same for training, which everybody knows to take a while.
  static let longTraining = 600.0

  /// The requests; or, where they would take long, a question in their place.
  mutating func afford(_ requests: [Request]) -> [Request] {
    guard let question = question(before: requests) else { return requests }
    ask(question, requests)
    return []
  }

  private func question(before requests: [Request]) -> String? {
    if case .train(let request) = requests.first { return question(beforeTraining: request) }
    guard let speed, speed > 0 else { return nil }
    let cost = cost(of: requests)
    let seconds = cost.tokens / speed
    guard seconds >= WorkbenchState.longWork else { return nil }
    return
      "\(cost.isMost ? "Up to " : "")\(cost.rollouts) rollouts, \(compact(cost.tokens)) tokens at "
      + "\(compact(speed)) a second: about \(duration(seconds)). y begins."
  }

  /// What they draw, by the lengths of the answers that are there.
  func cost(of requests: [Request]) -> ExpectedCost {
    requests.reduce(into: ExpectedCost()) { cost, request in
      switch request {
      case .estimate(let id, let rollouts): addEstimate(of: id, rollouts, to: &cost)
      case .estimateStep(let id, let step, let rollouts):
        for boundary in [step, step + 1] { cost.add(rollouts, of: rest(of: id, from: boundary)) }
      case .locate(let id):
        cost.isMost = true
        let budget = history.start?.recipe.values.budget ?? 0
        let steps = history.trajectory(id)?.steps.count ?? 0
        let all = (0..<steps).reduce(0) { $0 + rest(of: id, from: $1) }
        cost.add(budget, of: all / max(1, steps))
      case .measureFresh(let id, let step):
        for boundary in [step, step + 1] {
          cost.add(freshRollouts, of: rest(of: id, from: boundary))
        }
      case .controls(let id, _):
        let length = rest(of: id, from: 0)
        cost.add(4 * freshRollouts, of: length / 2)
      case .reset(let id, let step, let count): cost.add(count, of: rest(of: id, from: step))
      case .draw(let count): cost.add(count, of: answerLength)
      case .compare(let id, let step, _, _):
        for boundary in [step, step + 1] {
          cost.add(4 * freshRollouts, of: rest(of: id, from: boundary))
        }
      default: break
      }
    }
  }

  private func addEstimate(of id: String, _ rollouts: Int, to cost: inout ExpectedCost) {
    let steps = history.trajectory(id)?.steps.count ?? 0
    let known = history.usableValuation(of: id)
    for boundary in 0..<steps {
      let drawn =
        known.flatMap { $0.values.indices.contains(boundary) ? $0.values[boundary].rollouts : nil }
      cost.add(max(0, rollouts - (drawn ?? 0)), of: rest(of: id, from: boundary))
    }
  }

  /// Tokens of an answer from a boundary on: as many are expected of a rollout from there.
  private func rest(of id: String, from boundary: Int) -> Int {
    guard let answer = anyTrajectory(id), answer.steps.indices.contains(boundary) else { return 0 }
    return answer.responseTokens.count - answer.steps[boundary].start
  }

  /// Rollouts on each side of a fresh measurement.
  private var freshRollouts: Int { history.start?.freshRollouts ?? 0 }

  /// Tokens of a new answer: the mean of the newest ones, else the limit.
  private var answerLength: Int {
    let newest = history.trajectories.suffix(64).filter { $0.forkedFrom == nil }.suffix(32)
    guard !newest.isEmpty else { return history.start?.recipe.sampling.limit ?? 0 }
    return newest.reduce(0) { $0 + $1.responseTokens.count } / newest.count
  }
}

// Training.
extension WorkbenchState {
  private func question(beforeTraining request: TrainingRequest) -> String? {
    guard study == nil, let recipe = history.start?.recipe else { return nil }
    let count: Int
    switch request {
    case .start: count = max(0, recipe.updates - history.policyVersion)
    case .more(let more): count = more
    // Whoever makes one after the other has seen what it takes.
    case .oneUpdate where engine != .paused: count = 1
    default: return nil
    }
    let updates = count == 1 ? "1 update" : "\(count) updates"
    if let seconds = secondsOfUpdate {
      guard seconds * Double(count) >= WorkbenchState.longTraining else { return nil }
      return "\(updates) at about \(duration(seconds)) each: "
        + "\(duration(seconds * Double(count))). y begins."
    }
    guard let speed, speed > 0 else { return nil }
    let tokens = tokensOfUpdate(recipe)
    let seconds = tokens / speed
    guard seconds * Double(count) >= WorkbenchState.longTraining else { return nil }
    // Learning comes on top; how long it takes nobody knows yet.
    let each = "\(updates) of \(compact(tokens)) tokens: over \(duration(seconds))"
    return count == 1
      ? each + ". y begins."
      : each + " each, \(duration(seconds * Double(count))) in all. y begins."
  }

  /// Seconds of an update, as the newest ones took; nil where none was made.
  private var secondsOfUpdate: Double? {
    let newest = history.metrics.suffix(5).map(\.seconds).filter { $0.isFinite && $0 > 0 }
    return newest.isEmpty ? nil : newest.reduce(0, +) / Double(newest.count)
  }

  /// Tokens that an update draws: answers, and rollouts that value some of them.
  private func tokensOfUpdate(_ recipe: Recipe) -> Double {
    let length = Double(answerLength)
    let it = recipe.objective
    guard !it.method.isOffline else {
      let problems = Double(it.pairs) / Double(max(1, it.pairsPerProblem))
      return problems * Double(it.rolloutsPerProblem) * length / Double(max(1, recipe.updates))
    }
    let answers = history.trajectories.suffix(32)
    let steps = answers.isEmpty ? 8 : answers.reduce(0) { $0 + $1.steps.count } / answers.count
    let valued = recipe.resets.start == .critical ? recipe.resets.newPerUpdate : 0
    return Double(it.groups * it.groupSize) * length
      + Double(valued * steps * recipe.values.rollouts) * length / 2
  }
}
