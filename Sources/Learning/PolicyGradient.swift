import Foundation
public import LanguageModel
public import Trajectories

/// The clipped policy-gradient objective of the GRPO family.
///
/// With ρ = exp(logprob − old), A the advantage of the row:
///
///     l = −min(min(ρ, ceiling)·A, clip(ρ, 1 − clipLow, 1 + clipHigh)·A) + penalty
///     loss = average of l over the counted tokens − entropyCoefficient · mean entropy
///
/// Sources: PPO's clip (Schulman and others 2017), GRPO (Shao and others 2024), DAPO's clip-higher and
/// token mean (Yu and others 2025), Dr. GRPO's constant length (Liu and others 2025), GSPO's
/// sequence ratio (Zheng and others 2025); names and denominators are TRL's. There is no value
/// function and no importance correction for another sampler's temperature.
public struct PolicyGradient: Equatable, Sendable {
  /// Which ratio is clipped.
  public enum Ratio: Equatable, Sendable {
    /// That of each token.
    case token
    /// exp of the mean log-ratio of the row, the same for each of its tokens (GSPO).
    case sequence
  }

  /// How token losses are averaged; `nil` counts stand for those of the rows given.
  public enum Averaging: Equatable, Sendable {
    /// Mean over rows of each row's token mean; a row without counted tokens counts as 0.
    case sequences(rows: Int? = nil)
    /// Mean over tokens.
    case tokens(total: Int? = nil)
    /// Sum over tokens divided by rows times a constant length.
    case constantLength(Int, rows: Int? = nil)
  }

  /// The ratio that is clipped.
  public var ratio = Ratio.token
  /// How token losses are averaged.
  public var averaging = Averaging.sequences()
  /// The ratio may fall to 1 − this.
  public var clipLow = 0.2
  /// The ratio may rise to 1 + this.
  public var clipHigh = 0.2
  /// Caps the unclipped ratio too, which bounds the loss where A < 0; nil leaves it.
  public var ceiling: Double?
  /// Pull towards a reference policy.
  public var penalty = KullbackLeibler.none
  /// Reward for the mean entropy of the counted tokens, per nat.
  public var entropyCoefficient = 0.0
  /// Counted tokens that the mean entropy is taken over; nil stands for those of the rows given.
  public var entropyTokens: Int?

  /// TRL's `grpo` without a penalty.
  public init() {}

  /// The objective of a recipe.
  ///
  /// - Parameters:
  ///   - choice: What the recipe says.
  ///   - limit: Most tokens of a response, dr-grpo's constant length.
  ///   - rows: Rows of the whole batch, where it is differentiated in parts.
  ///   - tokens: Counted tokens of the whole batch, likewise.
  public init(_ choice: ObjectiveChoice, limit: Int, rows: Int? = nil, tokens: Int? = nil) {
    switch choice.normaliser {
    case .grpo: averaging = .sequences(rows: rows)
    case .bnpo: averaging = .tokens()
    case .dapo: averaging = .tokens(total: tokens)
    case .drGrpo: averaging = .constantLength(limit, rows: rows)
    }
    clipLow = choice.clipLow
    clipHigh = choice.clipHigh
    if choice.klCoefficient > 0 { penalty = .k3(choice.klCoefficient) }
    entropyCoefficient = choice.entropyCoefficient
    entropyTokens = tokens
  }

  /// The loss of scored rows and its derivatives.
  ///
  /// - Parameters:
  ///   - scores: What the model says of each row's predicted tokens.
  ///   - rows: What else is known of each row, in the same order.
  /// - Returns: The loss, and a derivative for every predicted token of every row.
  public func callAsFunction(_ scores: [TokenScores], rows: [GradedRow]) -> LossGradient {
    precondition(scores.count == rows.count, "each row needs its scores")
    let counted = zip(scores, rows).map { $1.countedTokens(of: $0.logProbabilities.count) }
    let tokens = max(1, counted.reduce(0) { $0 + $1.count })
    var result = LossGradient(loss: 0, logProbabilities: [])
    for index in rows.indices {
      let share = share(tokens: counted[index].count, allTokens: tokens, rows: rows.count)
      let row = gradient(of: scores[index], rows[index], counted: counted[index], share: share)
      result.loss += row.loss
      result.logProbabilities.append(row.slopes.map { Float($0) })
    }
    if entropyCoefficient != 0 {
      addEntropy(to: &result, scores: scores, counted: counted, tokens: tokens)
    }
    return result
  }

  /// The weight of one token's loss in the whole.
  private func share(tokens: Int, allTokens: Int, rows: Int) -> Double {
    switch averaging {
    case .sequences(let all): 1 / Double(max(1, tokens)) / Double(max(1, all ?? rows))
    case .tokens(let total): 1 / Double(max(1, total ?? allTokens))
    case .constantLength(let length, let all): 1 / Double(max(1, length * (all ?? rows)))
    }
  }

  private func gradient(
    of scores: TokenScores, _ row: GradedRow, counted: [Int], share: Double
  ) -> (loss: Double, slopes: [Double]) {
    var slopes = [Double](repeating: 0, count: scores.logProbabilities.count)
    let ratios = logRatios(scores, row, counted: counted)
    var loss = 0.0
    var byRowRatio = 0.0
    for (token, logRatio) in zip(counted, ratios) {
      var value = surrogate(logRatio, advantage: row.advantage)
      if let reference = row.reference {
        let log = Double(scores.logProbabilities[token])
        let pull = penalty.value(log, reference: Double(reference[token]), logRatio: logRatio)
        value.loss += pull.loss
        value.byLogRatio += pull.byLogRatio
        slopes[token] += share * pull.byLog
      }
      loss += share * value.loss
      switch ratio {
      case .token: slopes[token] += share * value.byLogRatio
      case .sequence: byRowRatio += share * value.byLogRatio
      }
    }
    // ∂(mean log-ratio) / ∂logprob is 1 / tokens for every counted token.
    for token in counted { slopes[token] += byRowRatio / Double(counted.count) }
    return (loss, slopes)
  }

  private func logRatios(_ scores: TokenScores, _ row: GradedRow, counted: [Int]) -> [Double] {
    let ratios = counted.map { Double(scores.logProbabilities[$0]) - Double(row.old[$0]) }
    guard ratio == .sequence else { return ratios }
    let mean = ratios.reduce(0, +) / Double(max(1, ratios.count))
    return ratios.map { _ in mean }
  }

  private func surrogate(
    _ logRatio: Double, advantage: Double
  ) -> (loss: Double, byLogRatio: Double) {
    let ratio = exp(logRatio)
    let capped = min(ratio, ceiling ?? .infinity) * advantage
    let clipped = min(max(ratio, 1 - clipLow), 1 + clipHigh) * advantage
    let free = capped <= clipped ? ratio <= ceiling ?? .infinity : !leavesClip(ratio)
    return (-min(capped, clipped), free ? -ratio * advantage : 0)
  }

  private func leavesClip(_ ratio: Double) -> Bool {
    ratio < 1 - clipLow || ratio > 1 + clipHigh
  }

  private func addEntropy(
    to result: inout LossGradient, scores: [TokenScores], counted: [[Int]], tokens: Int
  ) {
    let slope = -entropyCoefficient / Double(max(1, entropyTokens ?? tokens))
    result.entropies = zip(scores, counted).map { row, tokens in
      var slopes = [Float](repeating: 0, count: row.entropies.count)
      for token in tokens {
        slopes[token] = Float(slope)
        result.loss += slope * Double(row.entropies[token])
      }
      return slopes
    }
  }
}

extension PolicyGradient {
  /// What the scores say about the step the policy has made.
  ///
  /// - Returns: Share of counted tokens whose ratio left the clip range; mean k3 to the reference
  ///   (0 without one); mean entropy. All 0 where no token counts.
  public func measures(
    _ scores: [TokenScores], rows: [GradedRow]
  ) -> (clipRatio: Double, kl: Double, entropy: Double) {
    var sums = (clipped: 0.0, kl: 0.0, entropy: 0.0, tokens: 0.0)
    for (scores, row) in zip(scores, rows) {
      let counted = row.countedTokens(of: scores.logProbabilities.count)
      for (token, logRatio) in zip(counted, logRatios(scores, row, counted: counted)) {
        sums.tokens += 1
        sums.clipped += leavesClip(exp(logRatio)) ? 1 : 0
        sums.entropy += Double(scores.entropies[token])
        guard let reference = row.reference else { continue }
        let log = Double(scores.logProbabilities[token])
        sums.kl += KullbackLeibler.k3(log, reference: Double(reference[token]))
      }
    }
    let tokens = max(1, sums.tokens)
    return (sums.clipped / tokens, sums.kl / tokens, sums.entropy / tokens)
  }
}
