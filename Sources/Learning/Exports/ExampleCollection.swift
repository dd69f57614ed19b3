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
/// (`CriticalStep.resets`). A state is continued by the rest of its own answer, by the branches that
/// were reset there, and by the recorded rollouts of its boundary; a prompt by the answers to it. Left
/// out are answers that the length limit ended, and those whose reward means agreement instead of being
/// right.
public struct ExampleCollection {
  private let recipe: Recipe
  private var found = TrainingExamples()
  private var groups: [[Int32]: [JudgedContinuation]] = [:]
  private var order: [[Int32]] = []

  /// Collects what answers of a run have to teach; the recipe's seed decides who meets whom.
  public static func examples(of sources: [ExampleSource], recipe: Recipe) -> TrainingExamples {
    var collection = ExampleCollection(recipe: recipe)
    for source in sources { collection.add(source) }
    collection.close()
    return collection.found
  }

  private init(recipe: Recipe) { self.recipe = recipe }

  private mutating func leaveOut(_ reason: String) { found.leftOut[reason, default: 0] += 1 }

  private mutating func add(_ source: ExampleSource) {
    guard !source.answer.problem.isAgreement else {
      return leaveOut("the right answer is not known")
    }
    guard !source.answer.promptTokens.isEmpty else { return leaveOut("its tokens are not known") }
    let states = states(of: source)
    found.states += states
    addContinuations(of: source, from: states)
    if let values = Self.values(of: source) {
      found.valued.append(ValuedSteps(answer: source.answer, values: Array(values.dropFirst())))
    }
  }

  private mutating func states(of source: ExampleSource) -> [ResetState] {
    let answer = source.answer
    if source.mark?.kind == .rejected {
      leaveOut("a person rejected the step")
      return []
    }
    let chosen = source.mark.flatMap { [.marked, .confirmed].contains($0.kind) ? $0.step : nil }
    let steps = chosen.map { [$0] } ?? source.choice?.resets ?? []
    let values = Self.values(of: source)
    return steps.filter(answer.steps.indices.contains).map { step in
      ResetState(
        of: answer, before: step, isByPerson: chosen != nil, choice: source.choice,
        advantage: values.map {
          let difference = $0[step + 1].difference(from: $0[step])
          return (mean: difference.advantage, low: difference.low, high: difference.high)
        })
    }
  }

  /// The values of an answer's boundaries, the end's last; nil where one is not known.
  private static func values(of source: ExampleSource) -> [StepValue]? {
    let count = source.answer.steps.count
    // That of the end is the reward, whoever looked.
    guard let values = source.valuation?.values, values.count == count + 1,
      values.allSatisfy({ $0.isKnown || $0.boundary == count })
    else { return nil }
    return values
  }

  private mutating func addContinuations(of source: ExampleSource, from states: [ResetState]) {
    let answer = source.answer
    let kept = answer.forkedFrom?.keptTokens ?? 0
    add(answer.responseTokens, answer.truncated, answer.reward, after: kept, of: answer)
    for state in states {
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
