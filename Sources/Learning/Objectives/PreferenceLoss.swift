public import LanguageModel

/// The DPO and CPO family: a loss on pairs of responses to one prefix, the better first.
///
/// With d = (Σ logprob − Σ reference) of the chosen − the same of the rejected, and d̄ its variant
/// with token means instead of sums, each form below is a function of one of them; the loss is its mean
/// over the pairs, plus `nllWeight` times the token mean of −logprob over all chosen tokens.
/// Without a reference the same forms are CPO's; `sigmoidOfMeans` with a margin is then SimPO.
/// Sources: DPO (Rafailov and others 2023), IPO (Azar and others 2023), robust DPO (Chowdhury and
/// others 2024), the hinge of SLiC (Zhao and others 2023), CPO (Xu and others 2024), SimPO (Meng and
/// others 2024); names are TRL's.
///
/// Rows come in pairs: row 2k is the chosen response of pair k, row 2k + 1 the rejected one.
public struct PreferenceLoss: Equatable, Sendable {
  /// What a pair's difference turns into; σ is the logistic function.
  public enum Form: Equatable, Sendable {
    /// −(1 − s)·log σ(β d) − s·log σ(−β d); s is the share of labels held for wrong.
    case sigmoid(smoothing: Double = 0)
    /// The same, unbiased: (−(1 − s)·log σ(β d) + s·log σ(−β d)) / (1 − 2s); s < ½.
    case robust(flips: Double)
    /// max(0, 1 − β d).
    case hinge
    /// (d̄ − 1/(2β))², TRL's IPO.
    case squaredOfMeans
    /// (d − 1/(2β))², the paper's IPO.
    case squared
    /// −(1 − s)·log σ(z) − s·log σ(−z) of z = β d̄ − γ; γ is the margin a pair must reach.
    case sigmoidOfMeans(margin: Double = 0, smoothing: Double = 0)
  }

  /// What a pair's difference turns into.
  public var form = Form.sigmoid()
  /// Strength of the pull towards the reference, per nat.
  public var beta = 0.1
  /// Weight of the winner's negative log-likelihood a token; 0 removes it.
  public var nllWeight = 0.0

  /// Plain DPO.
  public init(form: Form = .sigmoid(), beta: Double = 0.1, nllWeight: Double = 0) {
    self.form = form
    self.beta = beta
    self.nllWeight = nllWeight
  }

  /// The loss of scored pairs and its derivatives.
  ///
  /// - Parameters:
  ///   - scores: What the model says of each row's predicted tokens; chosen and rejected in turn.
  ///   - reference: Log-probabilities of the same tokens under the reference policy; empty where
  ///     there is none.
  ///   - masks: Which predicted tokens of each row count; empty stands for all.
  ///   - whole: Pairs and chosen tokens of the whole batch, where it is differentiated in parts.
  /// - Returns: The loss, and a derivative for every predicted token of every row.
  public func callAsFunction(
    _ scores: [TokenScores], reference: [[Float]], masks: [[Bool]] = [],
    whole: (pairs: Int, chosenTokens: Int)? = nil
  ) -> LossGradient {
    precondition(scores.count % 2 == 0, "rows come in pairs")
    let rows = scores.indices.map { counted(scores, $0, masks) }
    let margins = margins(scores, reference: reference, rows)
    let pairs = Double(max(1, whole?.pairs ?? scores.count / 2))
    var result = LossGradient(loss: 0, logProbabilities: [])
    for chosen in stride(from: 0, to: rows.count, by: 2) {
      let pair = value(margins[chosen] - margins[chosen + 1])
      result.loss += pair.loss / pairs
      for (row, sign) in [(rows[chosen], 1.0), (rows[chosen + 1], -1.0)] {
        let slope = sign * pair.slope / pairs
        result.logProbabilities.append(row.slopes(isOfMeans ? slope / row.divisor : slope))
      }
    }
    result.addLikelihood(
      of: scores, counting: rows, weight: nllWeight, tokens: whole?.chosenTokens)
    return result
  }

  /// What each row would be rewarded with, in the order of the rows: β (Σ logprob − Σ reference),
  /// or of their token means where there is no reference and the form compares means.
  public func impliedRewards(
    _ scores: [TokenScores], reference: [[Float]], masks: [[Bool]] = []
  ) -> [Double] {
    scores.indices.map { index in
      let row = counted(scores, index, masks)
      let log = scores[index].logProbabilities
      let sum = row.sum(log, minus: reference.isEmpty ? [] : reference[index])
      return beta * (reference.isEmpty && isOfMeans ? sum / row.divisor : sum)
    }
  }

  private var isOfMeans: Bool {
    switch form {
    case .squaredOfMeans, .sigmoidOfMeans: true
    case .sigmoid, .robust, .hinge, .squared: false
    }
  }

  private func counted(_ scores: [TokenScores], _ row: Int, _ masks: [[Bool]]) -> CountedTokens {
    CountedTokens(of: scores[row].logProbabilities.count, mask: masks.isEmpty ? [] : masks[row])
  }

  private func margins(
    _ scores: [TokenScores], reference: [[Float]], _ rows: [CountedTokens]
  ) -> [Double] {
    precondition(
      reference.isEmpty || scores.count == reference.count, "each row needs its reference")
    return scores.indices.map { index in
      let log = scores[index].logProbabilities
      let sum = rows[index].sum(log, minus: reference.isEmpty ? [] : reference[index])
      return isOfMeans ? sum / rows[index].divisor : sum
    }
  }

  /// The loss of one pair and its derivative by the difference.
  private func value(_ difference: Double) -> (loss: Double, slope: Double) {
    let x = beta * difference
    switch form {
    case .sigmoid(let smoothing): return smoothed(x, smoothing)
    case .sigmoidOfMeans(let margin, let smoothing): return smoothed(x - margin, smoothing)
    case .robust(let flips):
      let loss = -(1 - flips) * logSigmoid(x) + flips * logSigmoid(-x)
      let slope = beta * (-flips * sigmoid(x) - (1 - flips) * sigmoid(-x))
      return (loss / (1 - 2 * flips), slope / (1 - 2 * flips))
    case .hinge: return (max(0, 1 - x), x < 1 ? -beta : 0)
    case .squared, .squaredOfMeans:
      let distance = difference - 1 / (2 * beta)
      return (distance * distance, 2 * distance)
    }
  }

  private func smoothed(_ x: Double, _ smoothing: Double) -> (loss: Double, slope: Double) {
    let loss = -(1 - smoothing) * logSigmoid(x) - smoothing * logSigmoid(-x)
    return (loss, beta * (smoothing * sigmoid(x) - (1 - smoothing) * sigmoid(-x)))
  }
}
