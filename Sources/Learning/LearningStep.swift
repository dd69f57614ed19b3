import LanguageModel
import Tensors
import Trajectories

extension TrainingLoop {
  /// Most tokens that are differentiated at once; a larger batch is done in parts of whole rows.
  ///
  /// More than the policy has room for would make it compute the forward pass twice.
  private var partTokens: Int {
    let wanted = recipe.optimiser.microBatchTokens
    return min(wanted > 0 ? wanted : 16384, policy.tokensAtOnce)
  }

  /// Moves the weights by an online batch: `passes` optimiser steps on the same rollouts.
  ///
  /// The log-probabilities of the first pass are the old ones of every pass. Rows of groups whose
  /// rewards agree have no gradient and are left out where nothing else pulls at them; they count
  /// in the denominators all the same.
  func learn(_ batch: Batch, progress: (Int, Int) -> Void) throws -> Learnt {
    var learnt = try watch(batch)
    let objective = recipe.objective
    let pulled = objective.klCoefficient > 0 || objective.entropyCoefficient > 0
    let chosen =
      pulled || objective.normaliser == .bnpo ? Array(batch.rows.indices) : batch.telling
    guard !chosen.isEmpty else { return learnt }
    let loss = PolicyGradient(
      objective, limit: recipe.sampling.limit, rows: batch.rows.count,
      tokens: batch.rows.reduce(0) { $0 + $1.predicted })
    let references =
      try objective.klCoefficient > 0
      ? reference()?.score(chosen.map { batch.rows[$0] }) : nil
    var graded = chosen.enumerated().map { place, row in
      GradedRow(
        old: [], reference: references?[place].logProbabilities,
        advantage: batch.advantages[row])
    }
    let parts = parts(chosen.map { batch.rows[$0] })
    for pass in 0..<objective.passes {
      var clipped = 0.0
      policy.parameters.clearGradients()
      for part in parts {
        policy.differentiate(part.map { batch.rows[chosen[$0]] }) { scores in
          if pass == 0 {
            for (place, row) in zip(part, scores) { graded[place].old = row.logProbabilities }
          }
          let rows = Array(graded[part])
          let gradient = loss(scores, rows: rows)
          learnt.loss += gradient.loss / Double(objective.passes)
          clipped += loss.measures(scores, rows: rows).clipRatio * Double(part.count)
          return gradient.scoreGradients
        }
      }
      learnt.clipRatio += clipped / Double(chosen.count * objective.passes)
      try move(&learnt, passes: objective.passes)
      progress(pass + 1, objective.passes)
    }
    learnt.scored += chosen.reduce(0) { $0 + batch.rows[$1].tokens.count } * objective.passes
    return learnt
  }

  /// KL to the start and entropy on one rollout of each group, before the weights move.
  private func watch(_ batch: Batch) throws -> Learnt {
    var learnt = Learnt()
    let rows = batch.monitors.map { batch.rows[$0] }
    guard !rows.isEmpty else { return learnt }
    let scores = policy.score(rows)
    let references = try reference()?.score(rows)
    let graded = scores.indices.map {
      GradedRow(
        old: scores[$0].logProbabilities, reference: references?[$0].logProbabilities,
        advantage: 0)
    }
    let measured = PolicyGradient().measures(scores, rows: graded)
    guard measured.kl.isFinite, measured.entropy.isFinite else {
      throw LearningError.notFinite(
        update: state.update + 1, what: "what the policy says of its own answers",
        parameter: offender)
    }
    learnt.kl = measured.kl
    learnt.entropy = measured.entropy
    if recipe.sampling.isRoundedOnly {
      learnt.samplerGap = SamplerGap(batch.monitors.map { batch.trajectories[$0] }, scores)
    }
    let tokens = rows.reduce(0) { $0 + $1.tokens.count }
    learnt.scored = references == nil ? tokens : 2 * tokens
    return learnt
  }

  /// Ranges of rows of at most `partTokens` tokens, at least one unit of `together` rows each.
  ///
  /// What a row shares with the one before it counts once.
  func parts(_ rows: [TokenRow], together: Int = 1) -> [Range<Int>] {
    var found: [Range<Int>] = []
    let partTokens = partTokens
    var start = 0
    var tokens = 0
    for unit in stride(from: 0, to: rows.count, by: together) {
      let more = (unit..<unit + together).reduce(0) {
        $0 + ($1 > start ? rows[$1].tokens(after: rows[$1 - 1]) : rows[$1].tokens.count)
      }
      if tokens + more > partTokens, unit > start {
        found.append(start..<unit)
        start = unit
        tokens = rows[unit..<unit + together].reduce(0) { $0 + $1.tokens.count }
      } else {
        tokens += more
      }
    }
    if start < rows.count { found.append(start..<rows.count) }
    return found
  }

  /// Lets the optimiser make its step and checks that there was something finite to step along.
  func move(_ learnt: inout Learnt, passes: Int) throws {
    let update = state.update + 1
    guard learnt.loss.isFinite else {
      throw LearningError.notFinite(update: update, what: "the loss", parameter: offender)
    }
    let norm = optimiser.step(learningRate: learningRate(of: update))
    guard norm.isFinite else {
      throw LearningError.notFinite(update: update, what: "the gradient", parameter: offender)
    }
    learnt.gradientNorm += norm / Double(passes)
    state.optimiserSteps = optimiser.steps
    policy.weightsChanged()
  }

  /// The schedule's rate, also of an update that finds nothing to learn.
  func learningRate(of update: Int) -> Double {
    LearningRate(recipe.optimiser, updates: recipe.updates)(update)
  }

  /// The first parameter whose weights or gradients are not finite.
  private var offender: String? {
    let parameters = policy.parameters
    return parameters.slices.first { slice in
      slice.range.contains {
        !parameters.gradients[$0].isFinite || !parameters.weights[$0].isFinite
      }
    }?.name
  }
}
