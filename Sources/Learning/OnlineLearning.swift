import LanguageModel
import Tensors
import Trajectories

extension TrainingLoop {
  /// Moves the weights by an online batch: `passes` times over all rollouts, each time in
  /// `minibatches` optimizer steps.
  ///
  /// The log-probabilities before the first step are the old ones of every pass. Rows without credit
  /// have no gradient and are left out where nothing else pulls at them; they count in the
  /// denominators all the same.
  ///
  /// - Parameters:
  ///   - batch: The rollouts.
  ///   - steps: Values of every rollout's boundaries, where the recipe credits steps.
  ///   - progress: Counts the optimizer steps; a batch that is begun is learnt to its end.
  /// - Returns: What the steps did.
  /// - Throws: `LearningError.notFinite`.
  func learn(
    _ batch: Batch, steps: [StepValues] = [], progress: WorkProgress<PartsDone>
  ) throws -> Learnt {
    var learnt = try watch(batch)
    let objective = recipe.objective
    var graded = try grade(batch, steps: steps)
    learnt.explainedVariance = graded.explainedVariance
    learnt.divergence = graded.divergence
    learnt.scored += graded.scored
    let chosen = wantsAllRows ? Set(batch.rows.indices) : Set(graded.telling)
    guard !chosen.isEmpty else { return learnt }
    let total = objective.passes * objective.minibatches
    for pass in 0..<objective.passes {
      for (number, rows) in minibatches(of: batch, pass: pass).enumerated() {
        let part = Minibatch(all: rows, chosen: rows.filter(chosen.contains), steps: total)
        if !part.chosen.isEmpty { try descend(part, batch, &graded, &learnt) }
        try? progress(pass * objective.minibatches + number + 1, of: total)
      }
      graded.wantsOld = false
    }
    learnt.scored += chosen.reduce(0) { $0 + batch.rows[$1].tokens.count } * objective.passes
    return learnt
  }

  /// Rows of one optimizer step.
  private struct Minibatch {
    /// Those that count in the denominators.
    var all: [Int]
    /// Those that move the weights.
    var chosen: [Int]
    /// Optimizer steps of the update.
    var steps: Int
  }

  /// Whether rows without credit move the weights too.
  private var wantsAllRows: Bool {
    let it = recipe.objective
    return it.hasCritic || it.entropyCoefficient > 0 || (klCoefficient > 0 && it.klPlace == .loss)
  }

  /// One optimizer step.
  private func descend(
    _ part: Minibatch, _ batch: Batch, _ graded: inout GradedBatch, _ learnt: inout Learnt
  ) throws {
    let loss = loss(
      part.all.map { graded.rows[$0].countedTokens(of: batch.rows[$0].predicted).count })
    var clipped = 0.0
    policy.parameters.clearGradients()
    critic?.parameters.clearGradients()
    for range in parts(part.chosen.map { batch.rows[$0] }) {
      let places = part.chosen[range]
      differentiate(places.map { batch.rows[$0] }) { scores in
        if graded.wantsOld {
          for (place, row) in zip(places, scores) { graded.rows[place].old = row.logProbabilities }
        }
        let rows = places.map { graded.rows[$0] }
        let found = loss(scores, rows: rows)
        learnt.loss += found.gradient.loss / Double(part.steps)
        learnt.valueLoss += found.valueLoss / Double(part.steps)
        clipped += loss.policy.measures(scores, rows: rows).clipRatio * Double(range.count)
        let moved = loss.policy.movement(scores, rows: rows).k3
        learnt.moved += moved * Double(range.count) / Double(part.chosen.count * part.steps)
        return found.gradient
      }
    }
    learnt.clipRatio += clipped / Double(part.chosen.count * part.steps)
    try move(&learnt, passes: part.steps)
  }

  /// The objective of rows with that many counted tokens each.
  private func loss(_ counts: [Int]) -> ActorCritic {
    var objective = recipe.objective
    objective.klCoefficient = klCoefficient
    let policy = PolicyGradient(objective, limit: recipe.sampling.limit, counts: counts)
    guard objective.hasCritic else { return ActorCritic(policy: policy) }
    let clip = recipe.critic.clip
    return ActorCritic(
      policy: policy,
      value: ValueLoss(clip: clip > 0 ? clip : nil, tokens: counts.reduce(0, +)),
      coefficient: recipe.critic.coefficient)
  }

  /// The rows of a batch with their credit, scored first where that is needed.
  private func grade(_ batch: Batch, steps: [StepValues]) throws -> GradedBatch {
    let grading = RolloutGrading(recipe: recipe, klCoefficient: klCoefficient)
    let scores = grading.scoresFirst ? score(batch.rows) : []
    let references = try grading.asksReference ? reference().map { score(batch.rows, by: $0) } : nil
    let masks = grading.masks(of: batch)
    let rows = batch.rows.indices.map { row in
      GradedRow(
        old: scores.isEmpty ? [] : scores[row].logProbabilities,
        reference: references?[row].logProbabilities, advantage: 0, mask: masks[row])
    }
    var graded = grading(batch, rows, values: scores.map(\.values), steps: steps)
    graded.wantsOld = scores.isEmpty
    let tokens = batch.rows.reduce(0) { $0 + $1.tokens.count }
    graded.scored = (scores.isEmpty ? 0 : tokens) + (references == nil ? 0 : tokens)
    return graded
  }

  /// The rows of each optimizer step of a pass: all of them, or shuffled parts in their own order.
  private func minibatches(of batch: Batch, pass: Int) -> [[Int]] {
    let count = recipe.objective.minibatches
    let rows = Array(batch.rows.indices)
    guard count > 1 else { return [rows] }
    var random = Random(seed: recipe.seed(for: .minibatch, [state.update + 1, pass]))
    let order = rows.shuffled(&random)
    return (0..<count).map { part in
      // Neighbours that begin alike are computed once, so they keep their order.
      order[part * rows.count / count..<(part + 1) * rows.count / count].sorted()
    }
  }

  /// Weight of the pull towards the starting policy at present.
  var klCoefficient: Double { state.klCoefficient ?? recipe.objective.klCoefficient }

  /// Moves that weight towards the recipe's target, where there is one.
  func adaptPenalty(to learnt: Learnt, rollouts: Int) {
    let it = recipe.objective
    guard it.klTarget > 0, let measured = learnt.divergence else { return }
    let adaptive = AdaptiveCoefficient(target: it.klTarget, horizon: it.klHorizon)
    state.klCoefficient = adaptive(klCoefficient, measured: measured, rollouts: rollouts)
  }

  /// KL to the start and entropy on one rollout of each group, before the weights move.
  private func watch(_ batch: Batch) throws -> Learnt {
    var learnt = Learnt()
    let rows = batch.monitors.map { batch.rows[$0] }
    guard !rows.isEmpty else { return learnt }
    let scores = score(rows)
    let references = try reference().map { score(rows, by: $0) }
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
    if recipe.samplesRoundedOnly {
      learnt.samplerGap = SamplerGap(batch.monitors.map { batch.trajectories[$0] }, scores)
    }
    let tokens = rows.reduce(0) { $0 + $1.tokens.count }
    learnt.scored = references == nil ? tokens : 2 * tokens
    return learnt
  }
}
