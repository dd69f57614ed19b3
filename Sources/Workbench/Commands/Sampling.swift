import Trajectories

extension Keymap {
  /// The keys of rollouts, branches and new answers.
  static let sampling = [
    row(
      .values, .estimate, "e", "Value every step by rollouts; again for twice as many",
      hint: "estimate", argument: "ROLLOUTS", on: [.trajectories, .inspect], changes: true),
    row(
      .values, .sample, "s", "More rollouts before and after this step", hint: "sample",
      argument: "ROLLOUTS", on: [.inspect], changes: true),
    row(
      .values, .sampleMany, "S", "The same, asking how many", on: [.inspect], changes: true),
    row(
      .values, .locate, "a", "Search the critical step, spending rollouts where the doubt is",
      hint: "locate", on: [.trajectories, .inspect], changes: true),
    row(
      .values, .fresh, "f", "Measure this step on fresh rollouts, with two controls",
      hint: "fresh", on: [.inspect], changes: true),
    row(
      .branches, .reset, "r", "Go back to the start of this step and draw branches",
      hint: "reset", argument: "COUNT", on: [.inspect, .branches], changes: true),
    row(
      .branches, .draw, "d", "Draw new problems and answer them", hint: "draw",
      argument: "COUNT", on: [.trajectories], changes: true),
    row(
      .branches, .ask, "i", "Type a problem of your own, and its right answer if you know it",
      hint: "ask", argument: "PROBLEM => ANSWER", on: [.trajectories, .inspect], changes: true),
    row(
      .branches, .limit, "", "Let answers and rollouts have more or fewer tokens from here on",
      hint: "limit", argument: "TOKENS", on: aboutOne, changes: true),
  ]
}

// Rollouts, branches and new answers.
extension WorkbenchState {
  /// Rollouts of the first valuation, and the fewest that `estimate` goes up to: the recipe's where
  /// each takes a while.
  var firstRollouts: Int {
    guard let start = history.start, start.isLarge else { return 32 }
    return max(1, start.recipe.values.rollouts)
  }
  /// Rollouts that `sample` adds unless told.
  var moreRollouts: Int { firstRollouts }
  /// Branches or answers drawn unless told.
  static let fewBranches = 8
  /// Updates beyond the recipe's last unless told.
  static let moreUpdates = 20
  /// Most tokens that an answer may be given.
  static let longestAnswer = 8192
  /// Most rollouts that one key may ask for.
  static let mostRollouts = 4096

  /// Work that is asked for while other work runs waits for its turn; only a failure is in the way.
  var engineObstacle: String? {
    guard case .failed(let reason) = engine else { return nil }
    return "The engine failed: \(inert(reason))"
  }

  /// Why nothing can be drawn now; nil where it can.
  func samplingObstacle(to command: Command) -> String? {
    switch command {
    case .reset where resetPlace == nil:
      return "This is the answer itself; go to one of its branches, or open it to reset it."
    case .estimate, .sample, .sampleMany, .locate, .fresh, .reset, .measure, .draw, .ask, .limit:
      return engineObstacle
    default: return nil
    }
  }

  mutating func runSampling(_ command: Command, _ argument: String) -> [Request] {
    if argument.isEmpty, [.sampleMany, .reset, .draw, .limit].contains(command) {
      mode = .prompt(Prompt(kind: .number(command)))
      return []
    }
    guard let count = count(of: argument, for: command) else { return [] }
    if command == .draw { return [.draw(count)] }
    if command == .limit { return [.limit(count)] }
    guard let selection else { return [] }
    switch command {
    case .estimate: return [.estimate(trajectory: selection, rollouts: count)]
    case .sample, .sampleMany:
      return [.estimateStep(trajectory: selection, step: step, rollouts: count)]
    case .locate: return [.locate(trajectory: selection)]
    case .fresh:
      return [
        .measureFresh(trajectory: selection, step: step),
        .controls(trajectory: selection, step: step),
      ]
    default:
      let (parent, step) = resetPlace ?? (selection, step)
      return [.reset(trajectory: parent, step: step, count: count)]
    }
  }

  /// A typed number, or the default of the command; nil, with a message, for what is no number.
  mutating func count(of argument: String, for command: Command) -> Int? {
    guard !argument.isEmpty else { return defaultCount(of: command) }
    let most = command == .limit ? WorkbenchState.longestAnswer : WorkbenchState.mostRollouts
    guard let count = Int(argument), (1...most).contains(count) else {
      tell("Type a number from 1 to \(most).", .warning)
      return nil
    }
    return count
  }

  /// What a command draws unless told.
  func defaultCount(of command: Command) -> Int {
    switch command {
    case .estimate: nextRollouts
    case .sample, .sampleMany: moreRollouts
    case .train: WorkbenchState.moreUpdates
    case .limit: min(2 * (history.start?.recipe.sampling.limit ?? 1), WorkbenchState.longestAnswer)
    default: WorkbenchState.fewBranches
    }
  }

  /// Rollouts of each boundary that the next estimate goes up to.
  private var nextRollouts: Int {
    guard let selection,
      let known = history.usableValuation(of: selection)?.fewestRollouts,
      known >= firstRollouts
    else { return firstRollouts }
    return min(2 * known, WorkbenchState.mostRollouts)
  }

  /// Where a reset goes: the step on Inspect; on Branches the fork of the branch under the cursor.
  var resetPlace: (trajectory: String, step: Int)? {
    guard screen == .branches else { return selection.map { ($0, step) } }
    guard let branch = branches.cursor, let fork = anyTrajectory(branch)?.forkedFrom else {
      return nil
    }
    return (fork.trajectory, fork.step)
  }

  /// The requests of a command, where they are affordable and meant.
  mutating func begin(
    _ command: Command, _ requests: [Request], _ argument: String
  ) -> [Request] {
    let requests = afford(requests)
    return argument.isEmpty ? meant(requests, by: command) : requests
  }

  /// The requests; in the list, where a key may be meant for another row, a question in their place.
  private mutating func meant(_ requests: [Request], by command: Command) -> [Request] {
    guard screen == .trajectories, let selection, !requests.isEmpty else { return requests }
    switch command {
    case .estimate:
      ask("Value every step of \(number(of: selection)) by rollouts? y begins.", requests)
    case .locate:
      ask("Search the critical step of \(number(of: selection)) by rollouts? y begins.", requests)
    default: return requests
    }
    return []
  }
}
