import LanguageModel
import Tensors
import Trajectories

extension TrainingLoop {
  /// One offline update: builds the pairs first where they are not complete.
  ///
  /// Every chunk of built pairs is kept in `state` at once, so a stop while building loses at most
  /// one chunk. `tokensPerSecond` of the metrics still holds tokens.
  func updateOffline(
    _ progress: (LoopPhase, Int, Int) -> Disposition, record: (RunEvent) -> Void
  ) throws -> (metrics: Metrics, events: [RunEvent])? {
    let before = state.trainingTokens + state.estimationTokens
    guard try buildPairs(progress, record: record), let store = state.pairs else { return nil }
    let batch = places(of: state.update, store)
    let learnt = try learn(batch, of: store) { _ = progress(.learning, $0, $1) }
    state.update += 1
    if round(of: state.update) != round(of: state.update - 1) { state.pairs = store.next() }
    let drawn = state.trainingTokens + state.estimationTokens - before
    var metrics = metrics(of: learnt, processed: drawn + learnt.scored)
    metrics.reward = store.promptRewards / Double(max(1, store.promptRollouts))
    if store.resetRollouts > 0 {
      metrics.resetReward = store.resetRewards / Double(store.resetRollouts)
      metrics.resetShare = 1
    }
    metrics.chainAccuracy = store.chainsRight.map {
      Double($0) / Double(max(1, store.promptRollouts))
    }
    metrics.truncatedShare = Double(store.truncated) / Double(max(1, store.promptRollouts))
    metrics.stepsPerAnswer = store.promptSteps.map {
      Double($0) / Double(max(1, store.promptRollouts))
    }
    let lengths = batch.map { store.pairs[$0].preference }.flatMap {
      [$0.chosen.count, $0.rejected.count]
    }
    metrics.responseLength = Double(lengths.reduce(0, +)) / Double(max(1, lengths.count))
    return (metrics, [])
  }

  /// The round of an update, by the number of updates before it.
  private func round(of update: Int) -> Int {
    min(update, recipe.updates - 1) * recipe.objective.rounds / max(1, recipe.updates)
  }

  /// Pairs of a round.
  private var wanted: Int {
    (recipe.objective.pairs + recipe.objective.rounds - 1) / recipe.objective.rounds
  }

  /// Builds pairs until the recipe's number is reached; false where the report asked to stop.
  private func buildPairs(
    _ progress: (LoopPhase, Int, Int) -> Disposition, record: (RunEvent) -> Void
  ) throws -> Bool {
    let wanted = pairTokens == nil ? wanted : .max
    let building = PairBuilding(explorer: explorer)
    while var store = state.pairs, wantsPairs(beside: store) {
      let began = now()
      let chunk = try building.next(after: store) { progress(.pairing, store.pairs.count, wanted) }
      guard let chunk else { return false }
      let found = chunk.pairs.prefix(wanted - store.pairs.count)
      let kept = chunk.bases.prefix(max(0, recipe.record.trajectories - store.recorded))
      store = chunk.store
      store.pairs += referenced(Array(found))
      store.recorded += kept.count
      state.pairs = store
      state.trainingTokens += chunk.trainingTokens
      state.estimationTokens += chunk.estimationTokens
      let seconds = (now() - began) / Double(max(1, chunk.values.count))
      kept.forEach { record(.sampled($0)) }
      events(
        of: chunk.values, chunk.choices, seconds: chunk.values.map { _ in seconds },
        kept: Set(kept.map(\.id))
      ).forEach(record)
      if store.barren >= PairBuilding.patience {
        throw LearningError.noPairs(
          problems: store.barren, built: store.pairs.count, wanted: wanted)
      }
    }
    try mismatch()
    return true
  }

  private func wantsPairs(beside store: PairStore) -> Bool {
    guard let pairTokens else { return store.pairs.count < wanted }
    let share = (round(of: state.update) + 1) * pairTokens / recipe.objective.rounds
    return store.pairs.isEmpty || state.trainingTokens + state.estimationTokens < share
  }

  /// The pairs with the log-probabilities of the present policy, which the round starts from.
  private func referenced(_ built: [BuiltPair]) -> [ReferencedPair] {
    guard !built.isEmpty else { return [] }
    let scores = score(built.flatMap(\.preference.rows))
    return built.enumerated().map { index, pair in
      ReferencedPair(
        preference: pair.preference, chosenReference: scores[2 * index].logProbabilities,
        rejectedReference: scores[2 * index + 1].logProbabilities, advantages: pair.advantages)
    }
  }

  /// The pairs of the update after so many: all of the round in a new order each time through.
  private func places(of update: Int, _ store: PairStore) -> [Int] {
    let (count, batch, round) = (store.pairs.count, recipe.objective.batch, round(of: update))
    let earlier = (0..<update).count { self.round(of: $0) < round }
    let first = (update - earlier) * batch
    var orders: [Int: [Int]] = [:]
    return (first..<first + batch).map { place in
      let epoch = place / count
      if orders[epoch] == nil {
        let keys = round == 0 ? [1, epoch] : [1, epoch, round]
        var random = Random(seed: recipe.seed(for: .pairing, keys))
        orders[epoch] = Array(0..<count).shuffled(&random)
      }
      return orders[epoch, default: []][place % count]
    }
  }
}

extension Preference {
  /// The chosen and the rejected side as rows; the prefix carries no loss.
  var rows: [TokenRow] {
    [chosen, rejected].map {
      TokenRow(tokens: prefix + $0, firstPredicted: prefix.count)
    }
  }
}
