import Foundation
public import LanguageModel
public import Trajectories

/// Supervised learning: a mean of −logprob over the counted tokens of all rows.
public struct CrossEntropy: Equatable, Sendable {
  /// What the sum over tokens is divided by.
  public var average = LossAverage.tokens
  /// Whether each token is weighted by its own probability, held still (DFT, Wu and others 2025).
  public var scalesByProbability = false
  /// Counted tokens, or rows that have any, of the whole batch, where it is differentiated in
  /// parts; nil counts the rows given.
  public var whole: Int?

  /// A token mean, if nothing else is said.
  public init(
    average: LossAverage = .tokens, scalesByProbability: Bool = false, whole: Int? = nil
  ) {
    self.average = average
    self.scalesByProbability = scalesByProbability
    self.whole = whole
  }

  /// The loss of scored rows and its derivatives.
  ///
  /// - Parameters:
  ///   - scores: What the model says of each row's predicted tokens.
  ///   - masks: Which predicted tokens of each row count; empty stands for all.
  ///   - weights: A weight for each predicted token of each row, of any sign; empty stands for 1.
  ///     The divisor does not contain them.
  /// - Returns: The loss, and a derivative for every predicted token of every row.
  public func callAsFunction(
    _ scores: [TokenScores], masks: [[Bool]] = [], weights: [[Double]] = []
  ) -> LossGradient {
    let rows = scores.indices.map {
      CountedTokens(of: scores[$0].logProbabilities.count, mask: masks.isEmpty ? [] : masks[$0])
    }
    let divisor = Double(max(1, whole ?? count(rows)))
    var result = LossGradient(loss: 0, logProbabilities: [])
    for (index, row) in rows.enumerated() {
      let logs = scores[index].logProbabilities
      let share = average == .sequences ? divisor * row.divisor : divisor
      var slopes = [Float](repeating: 0, count: logs.count)
      for token in row.indices {
        let log = Double(logs[token])
        let weight = weights.isEmpty ? 1 : weights[index][token]
        let slope = -weight * (scalesByProbability ? exp(log) : 1) / share
        slopes[token] = Float(slope)
        result.loss += slope * log
      }
      result.logProbabilities.append(slopes)
    }
    return result
  }

  private func count(_ rows: [CountedTokens]) -> Int {
    switch average {
    case .tokens: rows.reduce(0) { $0 + $1.indices.count }
    case .sequences, .sums: rows.count { !$0.indices.isEmpty }
    }
  }
}

extension LossGradient {
  /// The derivatives as a policy wants them, one entry a row.
  public var scoreGradients: [ScoreGradients] {
    logProbabilities.indices.map { row in
      ScoreGradients(
        logProbabilities: logProbabilities[row],
        entropies: entropies.isEmpty ? [] : entropies[row],
        values: values.isEmpty ? [] : values[row])
    }
  }
}
