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
    let batch = pairs(of: state.update + 1, store)
    let learnt = try learn(batch) { _ = progress(.learning, $0, $1) }
    state.update += 1
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
    let lengths = batch.flatMap { [$0.preference.chosen.count, $0.preference.rejected.count] }
    metrics.responseLength = Double(lengths.reduce(0, +)) / Double(max(1, lengths.count))
    return (metrics, [])
  }

  /// Builds pairs until the recipe's number is reached; false where the report asked to stop.
  private func buildPairs(
    _ progress: (LoopPhase, Int, Int) -> Disposition, record: (RunEvent) -> Void
  ) throws -> Bool {
    let wanted = pairTokens == nil ? recipe.objective.pairs : .max
    let building = PairBuilding(explorer: explorer)
    while var store = state.pairs, wantsPairs(beside: store) {
      let began = now()
      let chunk = try building.next(after: store) { progress(.pairing, store.pairs.count, wanted) }
      guard let chunk else { return false }
      let found = chunk.preferences.prefix(wanted - store.pairs.count)
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
        of: chunk.values, seconds: chunk.values.map { _ in seconds }, kept: Set(kept.map(\.id))
      ).forEach(record)
      if store.barren >= PairBuilding.patience {
        throw LearningError.noPairs(
          problems: store.barren, built: store.pairs.count, wanted: wanted)
      }
    }
    return true
  }

  private func wantsPairs(beside store: PairStore) -> Bool {
    guard let pairTokens else { return store.pairs.count < recipe.objective.pairs }
    return store.pairs.isEmpty || state.trainingTokens + state.estimationTokens < pairTokens
  }

  /// The pairs with the log-probabilities of the present, the starting policy.
  private func referenced(_ preferences: [Preference]) -> [ReferencedPair] {
    guard !preferences.isEmpty else { return [] }
    let scores = policy.score(preferences.flatMap(\.rows))
    return preferences.enumerated().map { index, preference in
      ReferencedPair(
        preference: preference, chosenReference: scores[2 * index].logProbabilities,
        rejectedReference: scores[2 * index + 1].logProbabilities)
    }
  }

  /// The pairs of an update: all pairs in a new order each time round.
  private func pairs(of update: Int, _ store: PairStore) -> [ReferencedPair] {
    let count = store.pairs.count
    let first = (update - 1) * recipe.objective.batch
    var orders: [Int: [Int]] = [:]
    return (first..<first + recipe.objective.batch).map { place in
      let epoch = place / count
      if orders[epoch] == nil {
        var random = Random(seed: recipe.seed(for: .pairing, [1, epoch]))
        orders[epoch] = Array(0..<count).shuffled(&random)
      }
      return store.pairs[orders[epoch, default: []][place % count]]
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
