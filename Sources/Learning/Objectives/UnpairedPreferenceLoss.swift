public import LanguageModel

/// KTO: a loss on single responses, each called desirable or undesirable.
///
/// With r = Σ logprob − Σ reference of a response and z the reference point, a desirable one costs
/// w (1 − σ(β (r − z))) and an undesirable one w (1 − σ(β (z − r))); the loss is the mean over all
/// responses, not over each kind. No gradient runs through z. With z = 0 it is TRL's
/// `apo_zero_unpaired`. Source: KTO (Ethayarajh and others 2024).
public struct UnpairedPreferenceLoss: Equatable, Sendable {
  /// Strength of the pull towards the reference, per nat.
  public var beta = 0.1
  /// Weight of a desirable response.
  public var desirableWeight = 1.0
  /// Weight of an undesirable response.
  public var undesirableWeight = 1.0

  /// TRL's defaults.
  public init(
    beta: Double = 0.1, desirableWeight: Double = 1, undesirableWeight: Double = 1
  ) {
    self.beta = beta
    self.desirableWeight = desirableWeight
    self.undesirableWeight = undesirableWeight
  }

  /// The reference point z of a batch: the mean log-ratio of mismatched pairs, at least 0.
  ///
  /// - Parameters:
  ///   - logProbabilities: Σ logprob of responses after prefixes they were not written for.
  ///   - reference: The same under the reference policy.
  /// - Returns: An estimate of KL(policy ‖ reference), nats; 0 where nothing is given.
  public static func referencePoint(
    _ logProbabilities: [Double], reference: [Double]
  ) -> Double {
    precondition(logProbabilities.count == reference.count, "each response needs its reference")
    let ratios = zip(logProbabilities, reference).reduce(0) { $0 + $1.0 - $1.1 }
    return max(0, ratios / Double(max(1, reference.count)))
  }

  /// The loss of scored responses and its derivatives.
  ///
  /// - Parameters:
  ///   - scores: What the model says of each row's predicted tokens.
  ///   - reference: Log-probabilities of the same tokens under the reference policy.
  ///   - desirable: The kind of each row.
  ///   - referencePoint: z, nats.
  ///   - masks: Which predicted tokens of each row count; empty stands for all.
  ///   - whole: Rows of the whole batch, where it is differentiated in parts.
  /// - Returns: The loss, and a derivative for every predicted token of every row.
  public func callAsFunction(
    _ scores: [TokenScores], reference: [[Float]], desirable: [Bool], referencePoint: Double,
    masks: [[Bool]] = [], whole: Int? = nil
  ) -> LossGradient {
    precondition(scores.count == reference.count, "each row needs its reference")
    let count = Double(max(1, whole ?? scores.count))
    var result = LossGradient(loss: 0, logProbabilities: [])
    for row in scores.indices {
      let logs = scores[row].logProbabilities
      let counted = CountedTokens(of: logs.count, mask: masks.isEmpty ? [] : masks[row])
      let sign = desirable[row] ? 1.0 : -1
      let weight = (desirable[row] ? desirableWeight : undesirableWeight) / count
      let ratio = counted.sum(logs, minus: reference[row])
      // 1 − σ(x) = σ(−x).
      let missing = sigmoid(-sign * beta * (ratio - referencePoint))
      result.loss += weight * missing
      result.logProbabilities.append(
        counted.slopes(-sign * weight * beta * missing * (1 - missing)))
    }
    return result
  }

  /// What each row would be rewarded with, β (Σ logprob − Σ reference), in the order of the rows.
  public func impliedRewards(
    _ scores: [TokenScores], reference: [[Float]], masks: [[Bool]] = []
  ) -> [Double] {
    scores.indices.map { row in
      let logs = scores[row].logProbabilities
      let counted = CountedTokens(of: logs.count, mask: masks.isEmpty ? [] : masks[row])
      return beta * counted.sum(logs, minus: reference[row])
    }
  }
}
