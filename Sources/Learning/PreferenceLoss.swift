import Foundation
public import LanguageModel
public import Trajectories

/// The DPO family: a loss on pairs of responses to one prefix, the better first.
///
/// With d = (Σ logprob − Σ reference) of the chosen − the same of the rejected, and d̄ its variant
/// with token means instead of sums, each form below is a function of one of them; the loss is its mean
/// over the pairs, plus `nllWeight` times the token mean of −logprob over all chosen tokens.
/// Sources: DPO (Rafailov and others 2023), IPO (Azar and others 2023), robust DPO (Chowdhury and
/// others 2024), the hinge of SLiC (Zhao and others 2023); names are TRL's.
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
    /// −log σ(β d̄).
    case sigmoidOfMeans
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

  /// The objective of a recipe.
  public init(_ choice: ObjectiveChoice) {
    self.init(beta: choice.beta, nllWeight: choice.nllWeight)
  }

  /// The loss of scored pairs and its derivatives.
  ///
  /// - Parameters:
  ///   - scores: What the model says of each row's predicted tokens; chosen and rejected in turn.
  ///   - reference: Log-probabilities of the same tokens under the reference policy.
  ///   - masks: Which predicted tokens of each row count; empty stands for all.
  ///   - whole: Pairs and chosen tokens of the whole batch, where it is differentiated in parts.
  /// - Returns: The loss, and a derivative for every predicted token of every row.
  public func callAsFunction(
    _ scores: [TokenScores], reference: [[Float]], masks: [[Bool]] = [],
    whole: (pairs: Int, chosenTokens: Int)? = nil
  ) -> LossGradient {
    precondition(scores.count % 2 == 0, "rows come in pairs")
    let rows = margins(scores, reference: reference, masks: masks)
    let pairs = Double(max(1, whole?.pairs ?? scores.count / 2))
    var result = LossGradient(loss: 0, logProbabilities: [])
    for chosen in stride(from: 0, to: rows.count, by: 2) {
      let pair = value(rows[chosen].margin(form) - rows[chosen + 1].margin(form))
      result.loss += pair.loss / pairs
      let slope = pair.slope / pairs
      result.logProbabilities.append(rows[chosen].slopes(slope, form))
      result.logProbabilities.append(rows[chosen + 1].slopes(-slope, form))
    }
    if nllWeight != 0 { addLikelihood(to: &result, rows, scores, tokens: whole?.chosenTokens) }
    return result
  }

  /// What each row would be rewarded with, β (Σ logprob − Σ reference), in the order of the rows.
  public func impliedRewards(
    _ scores: [TokenScores], reference: [[Float]], masks: [[Bool]] = []
  ) -> [Double] {
    margins(scores, reference: reference, masks: masks).map { beta * $0.sum }
  }

  private func margins(
    _ scores: [TokenScores], reference: [[Float]], masks: [[Bool]]
  ) -> [Margin] {
    precondition(scores.count == reference.count, "each row needs its reference")
    return scores.indices.map { index in
      let logs = scores[index].logProbabilities
      let all = masks.isEmpty || masks[index].isEmpty
      let counted = logs.indices.filter { all || masks[index][$0] }
      let sum = counted.reduce(0) { $0 + Double(logs[$1]) - Double(reference[index][$1]) }
      return Margin(sum: sum, counted: counted, count: logs.count)
    }
  }

  /// The loss of one pair and its derivative by the difference.
  private func value(_ difference: Double) -> (loss: Double, slope: Double) {
    let x = beta * difference
    switch form {
    case .sigmoid(let smoothing):
      let loss = -(1 - smoothing) * logSigmoid(x) - smoothing * logSigmoid(-x)
      return (loss, beta * (smoothing * sigmoid(x) - (1 - smoothing) * sigmoid(-x)))
    case .robust(let flips):
      let loss = -(1 - flips) * logSigmoid(x) + flips * logSigmoid(-x)
      let slope = beta * (-flips * sigmoid(x) - (1 - flips) * sigmoid(-x))
      return (loss / (1 - 2 * flips), slope / (1 - 2 * flips))
    case .hinge: return (max(0, 1 - x), x < 1 ? -beta : 0)
    case .squared, .squaredOfMeans:
      let distance = difference - 1 / (2 * beta)
      return (distance * distance, 2 * distance)
    case .sigmoidOfMeans: return (-logSigmoid(x), -beta * sigmoid(-x))
    }
  }

  private func addLikelihood(
    to result: inout LossGradient, _ rows: [Margin], _ scores: [TokenScores], tokens: Int?
  ) {
    let chosen = stride(from: 0, to: rows.count, by: 2)
    let count = tokens ?? chosen.reduce(0) { $0 + rows[$1].counted.count }
    let slope = -nllWeight / Double(max(1, count))
    for row in chosen {
      for token in rows[row].counted {
        result.loss += slope * Double(scores[row].logProbabilities[token])
        result.logProbabilities[row][token] += Float(slope)
      }
    }
  }
}

/// How far a row lies above the reference.
private struct Margin {
  let sum: Double
  let counted: [Int]
  let count: Int

  private func divisor(_ form: PreferenceLoss.Form) -> Double {
    switch form {
    case .squaredOfMeans, .sigmoidOfMeans: Double(max(1, counted.count))
    case .sigmoid, .robust, .hinge, .squared: 1
    }
  }

  func margin(_ form: PreferenceLoss.Form) -> Double { sum / divisor(form) }

  func slopes(_ slope: Double, _ form: PreferenceLoss.Form) -> [Float] {
    var slopes = [Float](repeating: 0, count: count)
    for token in counted { slopes[token] = Float(slope / divisor(form)) }
    return slopes
  }
}

/// log σ(x) without overflow for any finite x.
private func logSigmoid(_ x: Double) -> Double { min(x, 0) - log1p(exp(-abs(x))) }

private func sigmoid(_ x: Double) -> Double {
  x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
}
