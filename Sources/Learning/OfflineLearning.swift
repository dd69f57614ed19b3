import LanguageModel
import Tensors
import Trajectories

extension TrainingLoop {
  /// One offline update: builds the pairs first where they are not complete.
  ///
  /// Every chunk of built pairs is kept in `state` at once, so a stop while building loses at most
  /// one chunk. `tokensPerSecond` of the metrics still holds tokens.
  func updateOffline(
    _ progress: WorkProgress<LoopProgress>, record: (RunEvent) -> Void
  ) throws -> (metrics: Metrics, events: [RunEvent]) {
    let before = state.trainingTokens + state.estimationTokens
    let store = try completePairs(progress, record: record)
    let batch = places(of: state.update, store)
    let learnt = try learn(
      batch, of: store, progress: progress.parts(of: .learning, in: state.update + 1))
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

  /// Builds pairs until the recipe's number is reached.
  ///
  /// - Returns: All pairs of the round.
  private func completePairs(
    _ progress: WorkProgress<LoopProgress>, record: (RunEvent) -> Void
  ) throws -> PairStore {
    let wanted = pairTokens == nil ? wanted : .max
    let building = PairBuilding(valuer)
    let pairing = progress.parts(of: .pairing, in: state.update + 1)
    var store = state.pairs ?? PairStore()
    while wantsPairs(beside: store) {
      let began = now()
      let built = store.pairs.count
      let chunk = try building.next(
        after: store, progress: pairing.reporting { _ in PartsDone(built, of: wanted) })
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
    return state.pairs ?? store
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

extension TrainingLoop {
  /// Moves the weights by a batch of pairs of the store; one optimizer step.
  func learn(
    _ batch: [Int], of store: PairStore, progress: WorkProgress<PartsDone>
  ) throws -> Learnt {
    var learnt = Learnt()
    let (point, scored) = referencePoint(batch, of: store)
    let objective = OfflineObjective(
      recipe.objective, pairs: batch.map { store.pairs[$0] }, referencePoint: point)
    guard let objective else { return learnt }
    let (rows, references) = (objective.rows, objective.references)
    let tokens = Double(max(1, rows.reduce(0) { $0 + $1.predicted }))
    policy.parameters.clearGradients()
    // Parts are cut between pairs, never within one.
    for part in parts(rows, together: objective.rowsOfPair) {
      differentiate(Array(rows[part])) { scores in
        let gradient = objective(scores, rows: part)
        learnt.loss += gradient.loss
        for (row, reference) in zip(scores, references[part]) {
          for (log, old) in zip(row.logProbabilities, reference) {
            learnt.kl += KullbackLeibler.k3(Double(log), reference: Double(old)) / tokens
          }
          learnt.entropy += row.entropies.reduce(0) { $0 + Double($1) } / tokens
        }
        return gradient
      }
    }
    try move(&learnt, passes: 1)
    learnt.scored = rows.reduce(scored) { $0 + $1.tokens.count }
    // The weights have moved; there is nothing left to stop.
    try? progress(1, of: 1)
    return learnt
  }

  /// Finds each pair a partner with another prefix and asks the starting policy about its
  /// continuations, where KTO needs that and it was not done.
  ///
  /// The partner is the nearest pair before, cyclically, that has another prefix; where all have the
  /// same, the nearest.
  ///
  /// - Throws: `LearningError.tooFewForKTO` where a pair would be its own partner: its log-ratio would
  ///   be measured against itself.
  func mismatch() throws {
    guard needsMismatches, let store = state.pairs, store.mismatches == nil else { return }
    let count = store.pairs.count
    guard count > 1 else { throw LearningError.tooFewForKTO(pairs: count) }
    let partners = store.pairs.indices.map { pair in
      let others = (1..<count).map { (pair - $0 + count) % count }
      let prefix = store.pairs[pair].preference.prefix
      return others.first { store.pairs[$0].preference.prefix != prefix } ?? others[0]
    }
    let rows = partners.enumerated().flatMap { mismatchedRows($0, partner: $1, of: store) }
    let sums = sums(of: rows)
    state.pairs?.mismatches = partners.enumerated().map {
      MismatchedPair(partner: $1, reference: [sums[2 * $0], sums[2 * $0 + 1]])
    }
  }

  private var needsMismatches: Bool {
    recipe.objective.method == .kto && recipe.objective.form != .apoZero
  }

  /// z of the batch under the present policy, and how many tokens were scored for it.
  private func referencePoint(
    _ batch: [Int], of store: PairStore
  ) -> (point: Double, tokens: Int) {
    guard needsMismatches, let mismatches = store.mismatches else { return (0, 0) }
    let rows = batch.flatMap { mismatchedRows($0, partner: mismatches[$0].partner, of: store) }
    let point = UnpairedPreferenceLoss.referencePoint(
      sums(of: rows), reference: batch.flatMap { mismatches[$0].reference })
    return (point, rows.reduce(0) { $0 + $1.tokens.count })
  }

  private func sums(of rows: [TokenRow]) -> [Double] {
    parts(rows).flatMap { score(Array(rows[$0])).map { $0.sum } }
  }

  /// The partner's continuations after the pair's prefix, as far as the context has room.
  private func mismatchedRows(_ pair: Int, partner: Int, of store: PairStore) -> [TokenRow] {
    let prefix = store.pairs[pair].preference.prefix
    let other = store.pairs[partner].preference
    return [other.chosen, other.rejected].map {
      TokenRow(
        tokens: Array((prefix + $0).prefix(policy.contextLength)), firstPredicted: prefix.count)
    }
  }
}

extension TokenScores {
  fileprivate var sum: Double { logProbabilities.reduce(0) { $0 + Double($1) } }
}
