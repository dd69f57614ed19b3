import Grading
import LanguageModel
import Tensors
import Trajectories

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

  let explorer: Explorer
  var recipe: Recipe { explorer.recipe }

  init(explorer: Explorer) { self.explorer = explorer }

  /// Asks the next problems; nil where the report asked to stop.
  func next(after store: PairStore, report: () -> Disposition) throws -> PairChunk? {
    var chunk = PairChunk(store: store)
    let numbers = store.problems..<store.problems + Self.chunk
    guard let answers = try answers(to: numbers, &chunk, report) else { return nil }
    let built =
      recipe.objective.method == .awr
      ? weighed(answers, &chunk, report) : parted(answers, &chunk, report)
    guard let built else { return nil }
    chunk.pairs = built
    chunk.store.problems += Self.chunk
    chunk.store.barren = built.isEmpty ? store.barren + Self.chunk : 0
    return chunk
  }

  /// Pairs that part at the prompt, at the critical step or at a random one.
  private func parted(
    _ answers: [PairingState], _ chunk: inout PairChunk, _ report: () -> Disposition
  ) -> [BuiltPair]? {
    let states: [PairingState]?
    switch recipe.resets.start {
    case .none: states = answers
    case .critical, .randomValued: states = critical(answers, &chunk, report)
    case .random, .replay: states = unvalued(answers, &chunk, report)
    }
    return states?.flatMap { state in
      var random = pairing(of: state)
      return preferences(
        among: state.rollouts, prefix: state.prefix.tokens,
        most: recipe.objective.pairsPerProblem, random: &random
      ).compactMap { explorer.compared($0, after: state.prefix) }
    }
  }

  /// The stream that decides who meets whom.
  func pairing(of state: PairingState) -> Random {
    let key = recipe.seed(for: .pairing, [0])
    return Random(seed: Random.seed(key, state.rollouts.first?.continuation.seed ?? 0))
  }

  private func answers(
    to numbers: Range<Int>, _ chunk: inout PairChunk, _ report: () -> Disposition
  ) throws -> [PairingState]? {
    let prefixes = try numbers.map {
      try explorer.start(of: explorer.problem(.pairProblem, [$0]))
    }
    let requests = zip(numbers, prefixes).map { number, prefix in
      let seeds = (0..<recipe.objective.rolloutsPerProblem).map {
        recipe.seed(for: .pairRollout, [number, $0])
      }
      return explorer.request(prefix, seeds: seeds)
    }
    guard let all = explorer.continuations(of: requests, report: { _ in report() }) else {
      return nil
    }
    return zip(prefixes, all).map { prefix, continuations in
      let rollouts = continuations.compactMap { continuation -> JudgedRollout? in
        let judgement = explorer.judge(prefix, continuation)
        chunk.count(continuation, judgement, steps: explorer.stepCount(of: continuation))
        guard explorer.counts(continuation) else { return nil }
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
      let base = explorer.trajectory(
        id: "pairs-\(first + offset)/\(number)", from: group.prefix,
        group.rollouts[number].continuation)
      return base.steps.isEmpty ? nil : base
    }
    chunk.bases = found
    return found
  }

  private func critical(
    _ answers: [PairingState], _ chunk: inout PairChunk, _ report: () -> Disposition
  ) -> [PairingState]? {
    let bases = bases(answers, &chunk)
    guard let values = explorer.valuesOfAll(bases, report: { _, _ in report() }) else {
      return nil
    }
    chunk.values = values
    chunk.estimationTokens += values.reduce(0) { $0 + $1.tokens }
    // Every base has a step, so each has a choice.
    chunk.choices = values.compactMap { $0.criticalStep(recipe) }
    var states: [PairingState] = []
    for (place, choice) in chunk.choices.enumerated() {
      guard let step = choice.resets.first else { continue }
      chunk.choices[place].storedAt = explorer.version + 1
      states.append(
        PairingState(
          prefix: values[place].trajectory.state(before: step),
          rollouts: values[place].rollouts[step].filter { explorer.counts($0.continuation) }))
    }
    return fill(states, &chunk, report)
  }

  private func unvalued(
    _ answers: [PairingState], _ chunk: inout PairChunk, _ report: () -> Disposition
  ) -> [PairingState]? {
    let states = bases(answers, &chunk).map { base in
      PairingState(prefix: base.state(before: explorer.unvaluedStep(of: base)), rollouts: [])
    }
    return fill(states, &chunk, report)
  }

  /// Adds new rollouts to each state until it has the recipe's number.
  private func fill(
    _ states: [PairingState], _ chunk: inout PairChunk, _ report: () -> Disposition
  ) -> [PairingState]? {
    let goal = recipe.objective.rolloutsPerProblem
    let open = states.indices.filter { states[$0].rollouts.count < goal }
    let requests = open.map { place in
      let seeds = (states[place].rollouts.count..<goal).map {
        recipe.seed(for: .pairReset, [chunk.store.problems, place, $0])
      }
      return explorer.request(states[place].prefix, seeds: seeds)
    }
    guard let all = explorer.continuations(of: requests, report: { _ in report() }) else {
      return nil
    }
    var filled = states
    for (place, continuations) in zip(open, all) {
      for continuation in continuations {
        chunk.trainingTokens += continuation.tokens.count
        guard explorer.counts(continuation) else { continue }
        let reward = explorer.judge(states[place].prefix, continuation).reward
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
