import Tensors
public import Trajectories

/// An answer of a run with all that an export asks about it.
public struct ExampleSource {
  /// The answer, cut as it is cut now.
  public var answer: Trajectory
  /// What the rule said last; nil where nobody valued it.
  public var choice: CriticalStep?
  /// What a person said of it; nil where nobody did.
  public var mark: Mark?
  /// The newest values; nil where there are none.
  public var valuation: Valuation?
  /// The rollouts behind them that the record keeps.
  public var rollouts: [BoundaryRollouts]

  /// A source with every field given.
  public init(
    answer: Trajectory, choice: CriticalStep?, mark: Mark?, valuation: Valuation?,
    rollouts: [BoundaryRollouts]
  ) {
    self.answer = answer
    self.choice = choice
    self.mark = mark
    self.valuation = valuation
    self.rollouts = rollouts
  }
}

/// Turns the answers of a run into what other trainers learn from.
///
/// States are those that training resets to: a person's step where one spoke, else the rule's
/// (`CriticalStep.resets`). The continuations of a state are all answers that begin with it, branches
/// and the recorded rollouts of its boundary among them. Left out are answers that the length limit
/// ended, and those whose reward means agreement instead of being right.
public struct ExampleCollection {
  private let recipe: Recipe
  private var found = TrainingExamples()
  private var groups: [[Int32]: [JudgedContinuation]] = [:]
  private var order: [[Int32]] = []

  /// Collects what answers of a run have to teach; the recipe's seed decides who meets whom.
  public static func examples(of sources: [ExampleSource], recipe: Recipe) -> TrainingExamples {
    var collection = ExampleCollection(recipe: recipe)
    let sources = collection.usable(sources)
    sources.forEach { collection.addStates(of: $0) }
    sources.forEach { collection.addContinuations(of: $0) }
    sources.forEach { collection.addValues(of: $0) }
    collection.close()
    return collection.found
  }

  private init(recipe: Recipe) { self.recipe = recipe }

  private mutating func usable(_ sources: [ExampleSource]) -> [ExampleSource] {
    sources.filter { source in
      let isAgreement = source.answer.problem.isAgreement
      if isAgreement { leaveOut("the right answer is not known") }
      return !isAgreement && !source.answer.promptTokens.isEmpty
    }
  }

  private mutating func leaveOut(_ reason: String) { found.leftOut[reason, default: 0] += 1 }

  private mutating func addStates(of source: ExampleSource) {
    let answer = source.answer
    let isByPerson = source.mark.map { $0.kind == .marked || $0.kind == .confirmed } ?? false
    if source.mark?.kind == .rejected { return leaveOut("a person rejected the step") }
    let steps: [Int]
    if let mark = source.mark, isByPerson {
      steps = [mark.step]
    } else {
      steps = source.choice?.resets ?? []
    }
    for step in steps where answer.steps.indices.contains(step) {
      let values = source.valuation?.values ?? []
      let isKnown =
        values.count == answer.steps.count + 1
        && Self.isKnown(values[step], of: answer) && Self.isKnown(values[step + 1], of: answer)
      let difference = isKnown ? values[step + 1].difference(from: values[step]) : nil
      let state = ResetState(
        of: answer, before: step, isByPerson: isByPerson, choice: source.choice,
        advantage: difference.map { (mean: $0.advantage, low: $0.low, high: $0.high) })
      guard !found.states.contains(state) else { continue }
      found.states.append(state)
    }
  }

  private mutating func addContinuations(of source: ExampleSource) {
    let answer = source.answer
    let kept = answer.forkedFrom?.keptTokens ?? 0
    add(answer.responseTokens, answer.truncated, answer.reward, after: kept, of: answer)
    for state in found.states where state.trajectory == answer.id {
      let start = answer.steps[state.step].start
      if start != kept {
        add(answer.responseTokens, answer.truncated, answer.reward, after: start, of: answer)
      }
      for rollout in source.rollouts.filter({ $0.start == start }).flatMap(\.rollouts) {
        add(
          answer.responseTokens.prefix(start) + rollout.tokens, rollout.truncated, rollout.reward,
          after: start, of: answer)
      }
    }
  }

  /// Adds a response from one of its tokens on.
  private mutating func add(
    _ response: [Int32], _ isTruncated: Bool, _ reward: Double, after kept: Int,
    of answer: Trajectory
  ) {
    guard !isTruncated else { return leaveOut("the length limit ended it") }
    guard kept < response.count else { return leaveOut("nothing follows the state") }
    let prefix = answer.promptTokens + response.prefix(kept)
    let continuation = JudgedContinuation(
      prefix: prefix, tokens: Array(response.dropFirst(kept)), problem: answer.problem,
      reward: reward, advantage: 0)
    if groups[prefix] == nil { order.append(prefix) }
    guard groups[prefix]?.contains(continuation) != true else {
      return leaveOut("the same was written before")
    }
    groups[prefix, default: []].append(continuation)
  }

  private mutating func addValues(of source: ExampleSource) {
    guard let values = source.valuation?.values, values.count == source.answer.steps.count + 1,
      values.allSatisfy({ Self.isKnown($0, of: source.answer) })
    else { return }
    found.valued.append(ValuedSteps(answer: source.answer, values: Array(values.dropFirst())))
  }

  /// Whether anything is known of a value; that of the end is the reward, whoever looked.
  private static func isKnown(_ value: StepValue, of answer: Trajectory) -> Bool {
    value.isKnown || value.boundary == answer.steps.count
  }

  /// Pairs and credits the continuations of each state.
  private mutating func close() {
    found.states = found.states.filter(\.isByPerson) + found.states.filter { !$0.isByPerson }
    var random = Random(seed: recipe.seed(for: .pairing, [0]))
    for prefix in order {
      let group = groups[prefix] ?? []
      let rewards = group.map(\.reward)
      let mean = rewards.reduce(0, +) / Double(max(1, rewards.count))
      for var continuation in group {
        continuation.advantage = continuation.reward - mean
        found.continuations.append(continuation)
      }
      let most = recipe.objective.pairsPerProblem
      for (winner, loser) in opponents(among: rewards, most: most, random: &random) {
        let preference = Preference(
          prefix: prefix, chosen: group[winner].tokens, rejected: group[loser].tokens)
        found.pairs.append(
          ContinuationPair(preference: preference, problem: group[winner].problem))
      }
    }
  }
}
