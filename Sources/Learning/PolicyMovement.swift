import Foundation
public import LanguageModel

/// How far optimizer steps moved a policy from the one that drew the tokens.
public struct PolicyMovement: Equatable, Sendable {
  /// Share of counted tokens whose loss is held by the clip.
  public var clippedShare = 0.0
  /// Mean entropy of the counted tokens, nats.
  public var entropy = 0.0
  /// KL from the old policy, nats a token: the mean of −Δ, with Δ = logprob − old.
  public var k1 = 0.0
  /// The mean of Δ²/2.
  public var k2 = 0.0
  /// The mean of e^Δ − Δ − 1.
  public var k3 = 0.0
}

extension PolicyGradient {
  /// Measures how far the policy has moved; all 0 where no token counts.
  public func movement(_ scores: [TokenScores], rows: [GradedRow]) -> PolicyMovement {
    var sums = PolicyMovement()
    var tokens = 0.0
    for (scores, row) in zip(scores, rows) {
      for token in row.countedTokens(of: scores.logProbabilities.count) {
        let change = Double(scores.logProbabilities[token]) - Double(row.old[token])
        let (ratio, credit) = (exp(change), row.credit(of: token))
        let clipped = min(max(ratio, 1 - clipLow), 1 + clipHigh)
        tokens += 1
        sums.clippedShare += clipped * credit < ratio * credit ? 1 : 0
        sums.entropy += Double(scores.entropies[token])
        sums.k1 -= change
        sums.k2 += change * change / 2
        sums.k3 += expm1(change) - change
      }
    }
    for part in [\PolicyMovement.clippedShare, \.entropy, \.k1, \.k2, \.k3] {
      sums[keyPath: part] /= max(1, tokens)
    }
    return sums
  }
}
