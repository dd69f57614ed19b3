import Foundation
public import LanguageModel

/// ORPO: likelihood of the chosen response and the odds of chosen against rejected, no reference.
///
/// With a and b the token means of logprob of the chosen and the rejected response and
/// odds(x) = eˣ / (1 − eˣ), a pair costs −β log σ(log(odds(a) / odds(b))); added to the mean of that
/// is `nllWeight` times the token mean of −logprob over all chosen rows. Source: ORPO (Hong and
/// others 2024).
///
/// Rows come in pairs: row 2k is the chosen response of pair k, row 2k + 1 the rejected one.
public struct OddsRatioLoss: Equatable, Sendable {
  /// Weight of the odds ratio.
  public var beta = 0.1
  /// Weight of the winner's negative log-likelihood a token.
  public var nllWeight = 1.0

  /// TRL's defaults.
  public init(beta: Double = 0.1, nllWeight: Double = 1) {
    self.beta = beta
    self.nllWeight = nllWeight
  }

  // Where the mean of a row reaches 0 its odds are infinite; no sampled row is that certain.
  private static let mostCertain = -1e-9

  /// The loss of scored pairs and its derivatives.
  ///
  /// - Parameters:
  ///   - scores: What the model says of each row's predicted tokens; chosen and rejected in turn.
  ///   - masks: Which predicted tokens are of the response; empty stands for all.
  ///   - likelihoodMasks: Which predicted tokens the likelihood counts: empty stands for `masks`,
  ///     TRL counts the prompt's too.
  ///   - whole: Pairs and tokens of the likelihood in the whole batch, where it is differentiated
  ///     in parts.
  /// - Returns: The loss, and a derivative for every predicted token of every row.
  public func callAsFunction(
    _ scores: [TokenScores], masks: [[Bool]] = [], likelihoodMasks: [[Bool]] = [],
    whole: (pairs: Int, chosenTokens: Int)? = nil
  ) -> LossGradient {
    precondition(scores.count % 2 == 0, "rows come in pairs")
    let responses = counted(scores, masks)
    let pairs = Double(max(1, whole?.pairs ?? scores.count / 2))
    var result = LossGradient(loss: 0, logProbabilities: [])
    for chosen in stride(from: 0, to: scores.count, by: 2) {
      let sides = [chosen, chosen + 1].map { row in
        let mean = responses[row].sum(scores[row].logProbabilities) / responses[row].divisor
        return min(mean, Self.mostCertain)
      }
      let odds = sides[0] - sides[1] - (logOneMinusExp(sides[0]) - logOneMinusExp(sides[1]))
      result.loss -= beta * logSigmoid(odds) / pairs
      for (side, sign) in [(0, -1.0), (1, 1.0)] {
        // ∂ log odds(x) / ∂x = 1 / (1 − eˣ).
        let slope = sign * beta * sigmoid(-odds) / -expm1(sides[side]) / pairs
        let row = responses[chosen + side]
        result.logProbabilities.append(row.slopes(slope / row.divisor))
      }
    }
    let told = likelihoodMasks.isEmpty ? responses : counted(scores, likelihoodMasks)
    result.addLikelihood(
      of: scores, counting: told, weight: nllWeight, tokens: whole?.chosenTokens)
    return result
  }

  private func counted(_ scores: [TokenScores], _ masks: [[Bool]]) -> [CountedTokens] {
    scores.indices.map {
      CountedTokens(of: scores[$0].logProbabilities.count, mask: masks.isEmpty ? [] : masks[$0])
    }
  }
}
