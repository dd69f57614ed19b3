import LanguageModel
import Trajectories

/// A batch with its credit, ready to be learnt from.
struct GradedBatch {
  /// What is known of each row of the batch.
  var rows: [GradedRow]
  /// Whether old log-probabilities are still to be taken from the first pass.
  var wantsOld = false
  /// 1 − Var(G − V) / Var(G) over tokens; nil without a critic.
  var explainedVariance: Double?
  /// Mean KL to the reference over tokens, nats, as the recipe estimates it; nil without one.
  var divergence: Double?
  /// Tokens that were scored for it.
  var scored = 0

  /// Rows that are credited with anything.
  var telling: [Int] { rows.indices.filter { rows[$0].isTelling } }
}

/// Turns the rewards of a batch into credit, as a recipe's method says.
struct RolloutGrading {
  /// All that was chosen.
  let recipe: Recipe
  /// Weight of the pull towards the reference at present.
  let klCoefficient: Double

  private var objective: ObjectiveChoice { recipe.objective }

  /// Whether the batch has to be scored before it is learnt from.
  ///
  /// One step on all rows takes the old log-probabilities from its own forward pass.
  var scoresFirst: Bool {
    objective.hasCritic || objective.minibatches > 1
      || (klCoefficient > 0 && (objective.klPlace == .reward || objective.klTarget > 0))
  }

  /// Whether a reference is asked about the batch.
  var asksReference: Bool { klCoefficient > 0 }

  /// Which predicted tokens of each row count; empty stands for all.
  ///
  /// None of a rollout that was cut off, where the recipe masks such ones.
  func masks(of batch: Batch) -> [[Bool]] {
    zip(batch.rows, batch.trajectories).map { row, trajectory in
      let isMasked = trajectory.truncated && recipe.rewards.truncated == .masked
      return isMasked ? Array(repeating: false, count: row.predicted) : []
    }
  }

  /// Indices of the tokens of each row that count.
  private func counted(_ rows: [GradedRow], _ batch: Batch) -> [[Int]] {
    zip(rows, batch.rows).map { $0.countedTokens(of: $1.predicted) }
  }

  /// The batch with credit; `rows` hold what is known of each row before.
  func callAsFunction(
    _ batch: Batch, _ rows: [GradedRow], values: [[Float]], steps: [StepValues]
  ) -> GradedBatch {
    var graded = GradedBatch(rows: rows)
    if objective.credit == .steps {
      creditSteps(&graded.rows, batch, steps)
    } else if objective.hasCritic {
      creditByCritic(&graded, batch, values)
    } else {
      creditAnswers(&graded.rows, batch)
    }
    graded.divergence = divergence(rows)
    return graded
  }

  /// VinePPO: values of the steps' boundaries stand in for a critic.
  private func creditSteps(_ rows: inout [GradedRow], _ batch: Batch, _ steps: [StepValues]) {
    let credit = zip(batch.rows, steps).map { row, values in
      StepCredit.advantages(
        values, from: row.firstPredicted - values.trajectory.promptTokens.count)
    }
    let whitens = recipe.critic.whiten && objective.method != .grpo
    let final = whitens ? Whitening.apply(credit, counted: counted(rows, batch)) : credit
    for index in rows.indices { rows[index].advantages = final[index] }
  }

  /// PPO, and REINFORCE with the critic as its baseline.
  private func creditByCritic(_ graded: inout GradedBatch, _ batch: Batch, _ values: [[Float]]) {
    let rewards = tokenRewards(graded.rows, batch)
    let isPPO = objective.method == .ppo
    let advantage = GeneralizedAdvantage(
      gamma: recipe.critic.gamma, lambda: isPPO ? recipe.critic.lambda : 1)
    let counted = counted(graded.rows, batch)
    let found = rewards.indices.map { row in
      advantage(rewards[row], values: values[row].map(Double.init), counted: counted[row])
    }
    let raw = found.map(\.advantages)
    let final = recipe.critic.whiten && isPPO ? Whitening.apply(raw, counted: counted) : raw
    for row in graded.rows.indices {
      graded.rows[row].advantages = final[row]
      graded.rows[row].oldValues = values[row]
      graded.rows[row].returns = found[row].returns
    }
    let gains = GeneralizedAdvantage(gamma: recipe.critic.gamma)
    graded.explainedVariance = ExplainedVariance.of(
      rewards.indices.flatMap { row in
        let returns = gains(rewards[row], counted: counted[row]).returns
        return counted[row].map { returns[$0] }
      },
      by: zip(values, counted).flatMap { row, tokens in tokens.map { Double(row[$0]) } })
  }

  /// Methods without a critic: one credit for the whole answer, or discounted returns.
  private func creditAnswers(_ rows: inout [GradedRow], _ batch: Batch) {
    let groups = batch.groupNumbers
    // With a pull in the reward the score of an answer is the sum of its tokens' rewards.
    let rewards =
      pullsInReward
      ? tokenRewards(rows, batch).map { $0.reduce(0, +) } : batch.trajectories.map(\.reward)
    switch objective.method {
    case .rloo:
      let credit = Baseline.leaveOneOut(rewards, groups: groups)
      set(
        objective.scaleRewards == .batch
          ? Baseline.normalised(credit, epsilon: objective.rewardEpsilon) : credit, &rows)
    case .reinforce: set(baseline(rewards, groups: groups), &rows)
    case .reinforcePlusPlus: creditReturns(&rows, batch, rewards)
    default: set(GroupAdvantage(scale: scale)(rewards, groups: groups), &rows)
    }
  }

  /// REINFORCE++: discounted returns, or rewards against their group, whitened over all tokens.
  private func creditReturns(_ rows: inout [GradedRow], _ batch: Batch, _ rewards: [Double]) {
    let counts = counted(rows, batch)
    let credit: [[Double]]
    if objective.baseline == .group {
      let advantages = Baseline.group(rewards, groups: batch.groupNumbers)
      credit = zip(advantages, batch.rows).map { Array(repeating: $0, count: $1.predicted) }
    } else {
      let gains = GeneralizedAdvantage(gamma: recipe.critic.gamma)
      credit = zip(tokenRewards(rows, batch), counts).map { gains($0, counted: $1).advantages }
    }
    let whitens = recipe.critic.whiten && objective.baseline != .none
    let final = whitens ? Whitening.apply(credit, counted: counts) : credit
    for row in rows.indices { rows[row].advantages = final[row] }
  }

  private func set(_ advantages: [Double], _ rows: inout [GradedRow]) {
    for row in rows.indices { rows[row].advantage = advantages[row] }
  }

  private func baseline(_ rewards: [Double], groups: [Int]) -> [Double] {
    let baseline: Baseline =
      switch objective.baseline {
      case .none, .critic: .none
      case .batch: .batch
      case .group: .group
      case .leaveOneOut: .leaveOneOut
      }
    return baseline(rewards, groups: groups)
  }

  private var scale: GroupAdvantage.Scale {
    switch objective.scaleRewards {
    case .none: .none
    case .group: .group(epsilon: objective.rewardEpsilon)
    case .batch: .batch(epsilon: objective.rewardEpsilon)
    }
  }

  private var pullsInReward: Bool { klCoefficient > 0 && objective.klPlace == .reward }

  private var estimate: TokenRewards.Estimate { objective.klEstimate == .k1 ? .k1 : .k3 }

  /// The reward of each token; without a pull only the last one has any.
  private func tokenRewards(_ rows: [GradedRow], _ batch: Batch) -> [[Double]] {
    let rewards = TokenRewards(
      coefficient: pullsInReward ? klCoefficient : 0, estimate: estimate)
    return zip(batch.trajectories, rows.indices).map { trajectory, index in
      var row = rows[index]
      // Without log-probabilities of its own a row still has that many tokens.
      if row.old.isEmpty { row.old = Array(repeating: 0, count: batch.rows[index].predicted) }
      return rewards(score: trajectory.reward, row: row)
    }
  }

  private func divergence(_ rows: [GradedRow]) -> Double? {
    var sum = 0.0
    var tokens = 0
    for row in rows {
      guard let reference = row.reference else { continue }
      for token in row.countedTokens(of: row.old.count) {
        sum += estimate(Double(row.old[token]), reference: Double(reference[token]))
        tokens += 1
      }
    }
    return tokens > 0 ? sum / Double(tokens) : nil
  }
}
