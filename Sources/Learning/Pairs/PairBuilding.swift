import Grading
public import LanguageModel
public import Tensors
public import Trajectories

/// A pair before the starting policy was asked about it.
struct BuiltPair: Equatable {
  var preference: Preference
  /// The advantage of each chosen and of each rejected token; nil where no step was weighed.
  var advantages: [[Float]]?
}

/// What one chunk of problems gives to the store of pairs.
struct PairChunk {
  var pairs: [BuiltPair] = []
  var bases: [Trajectory] = []
  var values: [StepValues] = []
  /// What the rule made of the values; as many as they.
  var choices: [CriticalStep] = []
  var store: PairStore
  var trainingTokens = 0
  var estimationTokens = 0
}

/// Builds preference pairs: from the prompt, from the critical step, or from a random step.
///
/// From the prompt, right and wrong answers of one problem meet. From a step, one right answer of
/// the problem is the base; at its critical step the rollouts that valued it are used again and new
/// ones fill them up to the recipe's number; at a random step all are new.
struct PairBuilding {
  /// Problems asked at once.
  static let chunk = 16
  /// Problems in a row without a pair after which building gives up.
  static let patience = 2048

  let valuer: StepValuer
  var recipe: Recipe { valuer.recipe }
  private var sampler: RolloutSampler { valuer.sampler }

  init(_ valuer: StepValuer) { self.valuer = valuer }

  /// Asks the next problems; `progress` counts the rollouts of one call after the other.
  func next(after store: PairStore, progress: WorkProgress<PartsDone>) throws -> PairChunk {
    var chunk = PairChunk(store: store)
    let numbers = store.problems..<store.problems + Self.chunk
    let answers = try answers(to: numbers, &chunk, progress)
    let built =
      recipe.objective.method == .awr
      ? try weighed(answers, &chunk, progress) : try parted(answers, &chunk, progress)
    chunk.pairs = built
    chunk.store.problems += Self.chunk
    chunk.store.barren = built.isEmpty ? store.barren + Self.chunk : 0
    return chunk
  }

  /// Pairs that part at the prompt, at the critical step or at a random one.
  private func parted(
    _ answers: [PairingState], _ chunk: inout PairChunk, _ progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [BuiltPair] {
    let states: [PairingState]
    switch recipe.resets.start {
    case .none: states = answers
    case .critical, .randomValued: states = try critical(answers, &chunk, progress)
    case .random, .replay: states = try unvalued(answers, &chunk, progress)
    }
    return states.flatMap { state in
      var random = pairing(of: state)
      return preferences(
        among: state.rollouts, prefix: state.prefix.tokens,
        most: recipe.objective.pairsPerProblem, random: &random
      ).compactMap { compared($0, after: state.prefix) }
    }
  }

  /// The stream that decides who meets whom.
  func pairing(of state: PairingState) -> Random {
    let key = recipe.seed(for: .pairing, [0])
    return Random(seed: Random.seed(key, state.rollouts.first?.continuation.seed ?? 0))
  }

  private func answers(
    to numbers: Range<Int>, _ chunk: inout PairChunk, _ progress: WorkProgress<PartsDone>
  ) throws -> [PairingState] {
    let prefixes = try numbers.map {
      try sampler.start(of: sampler.problem(.pairProblem, [$0]))
    }
    let requests = zip(numbers, prefixes).map { number, prefix in
      let seeds = (0..<recipe.objective.rolloutsPerProblem).map {
        recipe.seed(for: .pairRollout, [number, $0])
      }
      return sampler.request(prefix, seeds: seeds)
    }
    let all = try sampler.continuations(of: requests, progress: progress.ofRollouts)
    return zip(prefixes, all).map { prefix, continuations in
      let rollouts = continuations.compactMap { continuation -> JudgedRollout? in
        let judgement = sampler.judge(prefix, continuation)
        chunk.count(continuation, judgement, steps: sampler.judge.stepCount(of: continuation))
        guard sampler.judge.counts(continuation) else { return nil }
        return JudgedRollout(continuation: continuation, reward: judgement.reward)
      }
      return PairingState(prefix: prefix, rollouts: rollouts)
    }
  }

  /// One right answer of each problem that has one.
  private func bases(_ answers: [PairingState], _ chunk: inout PairChunk) -> [Trajectory] {
    let first = chunk.store.problems
    let found = answers.enumerated().compactMap { offset, group -> Trajectory? in
      guard let number = group.rollouts.firstIndex(where: { $0.reward >= 1 }) else { return nil }
      let base = sampler.trajectory(
        id: "pairs-\(first + offset)/\(number)", from: group.prefix,
        group.rollouts[number].continuation)
      return base.steps.isEmpty ? nil : base
    }
    chunk.bases = found
    return found
  }

  private func critical(
    _ answers: [PairingState], _ chunk: inout PairChunk, _ progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [PairingState] {
    let bases = bases(answers, &chunk)
    var values = bases.map { valuer.nothingKnown(of: $0) }
    try valuer.value(&values, progress: progress.ofValues)
    chunk.values = values
    chunk.estimationTokens += values.reduce(0) { $0 + $1.tokens }
    // Every base has a step, so each has a choice.
    chunk.choices = values.compactMap { $0.criticalStep(recipe) }
    var states: [PairingState] = []
    for (place, choice) in chunk.choices.enumerated() {
      guard let step = choice.resets.first else { continue }
      chunk.choices[place].storedAt = valuer.version + 1
      states.append(
        PairingState(
          prefix: values[place].trajectory.state(before: step),
          rollouts: values[place].rollouts[step].filter { sampler.judge.counts($0.continuation) }))
    }
    return try fill(states, &chunk, progress)
  }

  private func unvalued(
    _ answers: [PairingState], _ chunk: inout PairChunk, _ progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [PairingState] {
    let states = bases(answers, &chunk).map { base in
      PairingState(
        prefix: base.state(before: recipe.unvaluedStep(of: base, version: valuer.version)),
        rollouts: [])
    }
    return try fill(states, &chunk, progress)
  }

  /// Adds new rollouts to each state until it has the recipe's number.
  private func fill(
    _ states: [PairingState], _ chunk: inout PairChunk, _ progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [PairingState] {
    let goal = recipe.objective.rolloutsPerProblem
    let open = states.indices.filter { states[$0].rollouts.count < goal }
    let requests = open.map { place in
      let seeds = (states[place].rollouts.count..<goal).map {
        recipe.seed(for: .pairReset, [chunk.store.problems, place, $0])
      }
      return sampler.request(states[place].prefix, seeds: seeds)
    }
    let all = try sampler.continuations(of: requests, progress: progress.ofRollouts)
    var filled = states
    for (place, continuations) in zip(open, all) {
      for continuation in continuations {
        chunk.trainingTokens += continuation.tokens.count
        guard sampler.judge.counts(continuation) else { continue }
        let reward = sampler.judge(states[place].prefix, continuation).reward
        filled[place].rollouts.append(
          JudgedRollout(continuation: continuation, reward: reward))
      }
    }
    for state in filled {
      chunk.store.resetRollouts += state.rollouts.count
      chunk.store.resetRewards += state.rollouts.reduce(0) { $0 + $1.reward }
    }
    return filled
  }

  /// A pair as the recipe compares it; nil where that leaves both sides alike.
  ///
  /// With `objective.span` a step, both sides end with the first step after the prefix, as in
  /// Step-DPO (Lai and others 2024). With `objective.prefix` the response, the kept part of the
  /// response moves from the prefix into both sides.
  private func compared(_ pair: Preference, after prefix: Prefix) -> BuiltPair? {
    var pair = pair
    if recipe.objective.span == .step {
      pair.chosen = firstStep(of: pair.chosen, after: prefix)
      pair.rejected = firstStep(of: pair.rejected, after: prefix)
      guard pair.chosen != pair.rejected else { return nil }
    }
    if recipe.objective.prefix == .response {
      pair = Preference(
        prefix: prefix.prompt, chosen: prefix.kept + pair.chosen,
        rejected: prefix.kept + pair.rejected)
    }
    return BuiltPair(preference: pair, advantages: nil)
  }

  private func firstStep(of continuation: [Token], after prefix: Prefix) -> [Token] {
    let steps = sampler.judge.steps(of: prefix.kept + continuation, problem: prefix.problem)
    guard let first = steps.first(where: { $0.end > prefix.kept.count }) else {
      return continuation
    }
    return Array(continuation.prefix(first.end - prefix.kept.count))
  }

  /// Pairs of a right and a wrong answer with the advantage of every token, for regression.
  ///
  /// From the prompt the whole answer is credited with its reward against the mean of the
  /// problem's answers; at random one step of it is, for all. With critical steps every step is
  /// valued and credited with its own advantage; at random but valued the same advantages are dealt
  /// to the steps in a random order. Where the recipe has a floor, a gain from a state that is worth
  /// less is held for luck and not credited.
  private func weighed(
    _ answers: [PairingState], _ chunk: inout PairChunk, _ progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [BuiltPair] {
    var bases: [Trajectory] = []
    var credit: [Double] = []
    for (offset, group) in answers.enumerated() {
      var random = pairing(of: group)
      let rewards = group.rollouts.map(\.reward)
      let mean = rewards.reduce(0, +) / Double(max(1, rewards.count))
      let most = recipe.objective.pairsPerProblem
      for (winner, loser) in opponents(among: rewards, most: most, random: &random) {
        for number in [winner, loser] {
          let base = sampler.trajectory(
            id: "pairs-\(chunk.store.problems + offset)/\(number)", from: group.prefix,
            group.rollouts[number].continuation)
          bases.append(base)
          credit.append(rewards[number] - mean)
        }
      }
    }
    let advantages = try advantages(of: bases, credit, &chunk, progress)
    return stride(from: 0, to: bases.count, by: 2).map { first in
      BuiltPair(
        preference: Preference(
          prefix: bases[first].promptTokens, chosen: bases[first].responseTokens,
          rejected: bases[first + 1].responseTokens),
        advantages: [advantages[first], advantages[first + 1]])
    }
  }

  /// The advantage of every token of the answers.
  private func advantages(
    of bases: [Trajectory], _ credit: [Double], _ chunk: inout PairChunk,
    _ progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [[Float]] {
    switch recipe.resets.start {
    case .none, .replay:
      return zip(bases, credit).map { base, credit in
        base.responseTokens.map { _ in Float(credit) }
      }
    case .random:
      return zip(bases, credit).map { base, credit in
        let chosen = recipe.unvaluedStep(of: base, version: valuer.version)
        return base.perToken { $0 == chosen ? Float(credit) : 0 }
      }
    case .critical, .randomValued: return try stepAdvantages(of: bases, &chunk, progress)
    }
  }

  private func stepAdvantages(
    of bases: [Trajectory], _ chunk: inout PairChunk, _ progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [[Float]] {
    var values = bases.map { valuer.nothingKnown(of: $0) }
    try valuer.value(&values, progress: progress.ofValues)
    chunk.bases = bases
    chunk.values = values
    chunk.choices = values.compactMap { $0.criticalStep(recipe) }
    chunk.estimationTokens += values.reduce(0) { $0 + $1.tokens }
    return values.map { known in
      let base = known.trajectory
      var dealt = Array(0..<known.steps)
      if recipe.resets.start == .randomValued {
        var random = Random(seed: recipe.seed(for: .randomStep, [valuer.version], of: base))
        dealt = dealt.shuffled(&random)
      }
      return base.perToken { credited(dealt[$0], known) }
    }
  }

  private func credited(_ step: Int, _ known: StepValues) -> Float {
    let floor = known.trajectory.problem.guessChance + recipe.values.floor
    let isLuck = recipe.values.floor > 0 && known.mean(step) < floor
    let advantage = known.advantage(step)
    return Float(isLuck ? min(0, advantage) : advantage)
  }
}

extension PairChunk {
  fileprivate mutating func count(
    _ continuation: Continuation, _ judgement: Judgement, steps: Int
  ) {
    trainingTokens += continuation.tokens.count
    store.promptRollouts += 1
    store.promptRewards += judgement.reward
    store.truncated += continuation.truncated ? 1 : 0
    store.promptSteps? += steps
    if let right = judgement.chainCorrect {
      store.chainsRight = (store.chainsRight ?? 0) + (right ? 1 : 0)
    }
  }
}

/// Rollouts from one state that preferences may be made of.
struct PairingState {
  var prefix: Prefix
  var rollouts: [JudgedRollout]
}

/// Pairs right with wrong continuations of one state.
///
/// Both sides are put in a random order and meet one by one, so no continuation is used twice.
///
/// - Parameters:
///   - rollouts: Continuations with their rewards; one with more reward than another is better.
///   - prefix: The tokens they all follow.
///   - most: Most pairs to make.
///   - random: Decides who meets whom.
/// - Returns: The pairs; none where all rewards are alike.
public func preferences(
  among rollouts: [JudgedRollout], prefix: [Token], most: Int, random: inout Random
) -> [Preference] {
  opponents(among: rollouts.map(\.reward), most: most, random: &random).map { winner, loser in
    Preference(
      prefix: prefix, chosen: rollouts[winner].continuation.tokens,
      rejected: rollouts[loser].continuation.tokens)
  }
}

/// The places of those who meet in `preferences`, by their rewards alone.
func opponents(
  among rewards: [Double], most: Int, random: inout Random
) -> [(winner: Int, loser: Int)] {
  guard let best = rewards.max(), let worst = rewards.min(), best > worst else { return [] }
  let middle = (best + worst) / 2
  let winners = rewards.indices.filter { rewards[$0] > middle }.shuffled(&random)
  let losers = rewards.indices.filter { rewards[$0] <= middle }.shuffled(&random)
  return zip(winners, losers).prefix(most).map { (winner: $0, loser: $1) }
}

extension Trajectory {
  /// A number of each step at every token of it.
  fileprivate func perToken(_ number: (Int) -> Float) -> [Float] {
    steps.enumerated().flatMap { place, step in step.tokens.map { _ in number(place) } }
  }
}
