import LanguageModel
import Tensors
import Trajectories

extension TrainingLoop {
  /// Moves the weights by a batch of pairs of the store; one optimizer step.
  func learn(
    _ batch: [Int], of store: PairStore, progress: (Int, Int) -> Void
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
    progress(1, 1)
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
