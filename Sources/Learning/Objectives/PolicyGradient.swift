import Foundation
public import LanguageModel
public import Trajectories

/// The clipped policy-gradient objective of PPO, the GRPO family, RLOO and REINFORCE.
///
/// With ρ = exp(logprob − old), A the advantage of the row or of the token:
///
///     l = −min(min(ρ, ceiling)·A, clip(ρ, 1 − clipLow, 1 + clipHigh)·A) + penalty
///     loss = average of l over the counted tokens − entropyCoefficient · mean entropy
///
/// and where A < 0, −A·dualClip is the most that the first term may be. CISPO's first term is
/// −sg(clip(ρ, 1 − clipLow, 1 + clipHigh))·A·logprob, sg holding its argument constant: a token whose
/// ratio left the range still learns. TRL's `cispo` has no lower bound: there clipLow is 1.
/// Sources: PPO's clip (Schulman and others 2017), dual clip (Ye and others 2020), GRPO (Shao and
/// others 2024), DAPO's clip-higher and token mean (Yu and others 2025), Dr. GRPO's constant length
/// (Liu and others 2025), GSPO's sequence ratio (Zheng and others 2025), CISPO (MiniMax-M1 2025,
/// arXiv 2506.13585); names and denominators are TRL's and verl's. A critic's loss stands beside it
/// in `ActorCritic`. The scores are at the temperature that `Recipe.scoreTemperature` says; top-k,
/// top-p and min-p of the sampler are not corrected for.
public struct PolicyGradient: Equatable, Sendable {
  /// The ratio that is clipped.
  public var ratio = RatioChoice.token
  /// How token losses are averaged.
  public var averaging = Averaging.sequences()
  /// The ratio may fall to 1 − this.
  public var clipLow = 0.2
  /// The ratio may rise to 1 + this.
  public var clipHigh = 0.2
  /// Caps the unclipped ratio too, which bounds the loss where A < 0; nil leaves it.
  public var ceiling: Double?
  /// Where A < 0, the most that a token's loss may be, as a multiple of |A|; nil leaves it.
  public var dualClip: Double?
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
  ///   - counts: Counted tokens of each row of the whole batch, where it is differentiated in parts;
  ///     nil stands for the rows given.
  public init(_ choice: ObjectiveChoice, limit: Int, counts: [Int]? = nil) {
    let (rows, tokens) = (counts?.count, counts?.reduce(0, +))
    switch choice.normalizer {
    case .grpo: averaging = .sequences(rows: rows)
    case .bnpo, .dapo: averaging = .tokens(total: tokens)
    case .drGrpo: averaging = .constantLength(limit, rows: rows)
    case .sequenceSum: averaging = .sequenceSums(rows: counts?.count { $0 > 0 })
    }
    clipLow = choice.clipLow
    clipHigh = choice.clipHigh
    if choice.dualClip > 0 { dualClip = choice.dualClip }
    if choice.klCoefficient > 0, choice.klPlace == .loss {
      let weight = choice.klCoefficient
      penalty = choice.biasCorrectedKl ? .k3TimesRatio(weight) : .k3(weight)
    }
    entropyCoefficient = choice.entropyCoefficient
    entropyTokens = tokens
    ratio = choice.method == .reinforce ? .none : choice.ratio
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
    let counts = counted.map(\.count)
    var result = LossGradient(loss: 0, logProbabilities: [])
    for index in rows.indices {
      let share = averaging.share(tokens: counted[index].count, counts: counts)
      let row = gradient(of: scores[index], rows[index], counted: counted[index], share: share)
      result.loss += row.loss
      result.logProbabilities.append(row.slopes.map { Float($0) })
    }
    if entropyCoefficient != 0 {
      addEntropy(to: &result, scores: scores, counted: counted, tokens: counts.reduce(0, +))
    }
    return result
  }

  private func gradient(
    of scores: TokenScores, _ row: GradedRow, counted: [Int], share: Double
  ) -> (loss: Double, slopes: [Double]) {
    var slopes = [Double](repeating: 0, count: scores.logProbabilities.count)
    let ratios = logRatios(scores, row, counted: counted)
    var loss = 0.0
    var byRowRatio = 0.0
    for (token, logRatio) in zip(counted, ratios) {
      let log = Double(scores.logProbabilities[token])
      var value = term(log, logRatio, advantage: row.credit(of: token))
      if let reference = row.reference {
        let pull = penalty.value(log, reference: Double(reference[token]), logRatio: logRatio)
        value.loss += pull.loss
        value.byLogRatio += pull.byLogRatio
        slopes[token] += share * pull.byLog
      }
      loss += share * value.loss
      switch ratio {
      case .token, .none, .cispo: slopes[token] += share * value.byLogRatio
      case .sequence, .product: byRowRatio += share * value.byLogRatio
      }
    }
    // ∂(mean log-ratio) / ∂logprob is 1 / tokens for every counted token, that of the sum is 1.
    let tokens = ratio == .sequence ? Double(counted.count) : 1
    for token in counted { slopes[token] += byRowRatio / tokens }
    return (loss, slopes)
  }

  private func term(
    _ log: Double, _ logRatio: Double, advantage: Double
  ) -> (loss: Double, byLogRatio: Double) {
    switch ratio {
    case .none: return (-advantage * log, -advantage)
    case .cispo:
      let weight = clipped(exp(logRatio))
      return (-weight * advantage * log, -weight * advantage)
    case .token, .sequence, .product: return surrogate(logRatio, advantage: advantage)
    }
  }

  /// log ρ of each counted token, the same for all of a row where the ratio is the row's.
  func logRatios(_ scores: TokenScores, _ row: GradedRow, counted: [Int]) -> [Double] {
    let ratios = counted.map { Double(scores.logProbabilities[$0]) - Double(row.old[$0]) }
    guard ratio == .sequence || ratio == .product else { return ratios }
    let sum = ratios.reduce(0, +)
    let row = ratio == .sequence ? sum / Double(max(1, ratios.count)) : sum
    return ratios.map { _ in row }
  }

  private func surrogate(
    _ logRatio: Double, advantage: Double
  ) -> (loss: Double, byLogRatio: Double) {
    let ratio = exp(logRatio)
    let capped = min(ratio, ceiling ?? .infinity) * advantage
    let clipped = clipped(ratio) * advantage
    if let dualClip, advantage < 0, min(capped, clipped) < dualClip * advantage {
      return (-dualClip * advantage, 0)
    }
    let free = capped <= clipped ? ratio <= ceiling ?? .infinity : !leavesClip(ratio)
    return (-min(capped, clipped), free ? -ratio * advantage : 0)
  }

  private func clipped(_ ratio: Double) -> Double {
    min(max(ratio, 1 - clipLow), 1 + clipHigh)
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

extension PolicyGradient {
  /// How token losses are averaged; `nil` counts stand for those of the rows given.
  public enum Averaging: Equatable, Sendable {
    /// Mean over rows of each row's token mean; a row without counted tokens counts as 0 (TRL).
    case sequences(rows: Int? = nil)
    /// The same over the rows that have counted tokens (verl's seq-mean-token-mean).
    case tellingSequences(rows: Int? = nil)
    /// Mean over the rows that have counted tokens of each row's token sum (verl's
    /// seq-mean-token-sum).
    case sequenceSums(rows: Int? = nil)
    /// Mean over tokens.
    case tokens(total: Int? = nil)
    /// Sum over tokens divided by rows times a constant length.
    case constantLength(Int, rows: Int? = nil)

    /// The weight of one token's loss in the whole.
    ///
    /// - Parameters:
    ///   - tokens: Counted tokens of its row.
    ///   - counts: Counted tokens of each of the rows given.
    /// - Returns: A factor.
    func share(tokens: Int, counts: [Int]) -> Double {
      let telling = counts.count { $0 > 0 }
      return switch self {
      case .sequences(let all): Self.inverse(tokens) / Double(max(1, all ?? counts.count))
      case .tellingSequences(let all): Self.inverse(tokens) / Double(max(1, all ?? telling))
      case .sequenceSums(let all): Self.inverse(all ?? telling)
      case .tokens(let total): Self.inverse(total ?? counts.reduce(0, +))
      case .constantLength(let length, let all): Self.inverse(length * (all ?? counts.count))
      }
    }

    private static func inverse(_ count: Int) -> Double { 1 / Double(max(1, count)) }
  }
}
