public import LanguageModel

/// Supervised learning: the mean of −logprob over the counted tokens of all rows.
public struct CrossEntropy: Equatable, Sendable {
  /// Counted tokens of the whole batch, where it is differentiated in parts; nil counts the rows
  /// given.
  public var tokens: Int?

  /// A token mean.
  public init(tokens: Int? = nil) { self.tokens = tokens }

  /// The loss of scored rows and its derivatives.
  ///
  /// - Parameters:
  ///   - scores: What the model says of each row's predicted tokens.
  ///   - masks: Which predicted tokens of each row count; empty stands for all.
  /// - Returns: The loss, and a derivative for every predicted token of every row.
  public func callAsFunction(_ scores: [TokenScores], masks: [[Bool]] = []) -> LossGradient {
    let counted = scores.indices.map { row -> [Int] in
      let all = scores[row].logProbabilities.indices
      return masks.isEmpty || masks[row].isEmpty ? Array(all) : all.filter { masks[row][$0] }
    }
    let slope = -1 / Double(max(1, tokens ?? counted.reduce(0) { $0 + $1.count }))
    var result = LossGradient(loss: 0, logProbabilities: [])
    for (row, tokens) in zip(scores, counted) {
      var slopes = [Float](repeating: 0, count: row.logProbabilities.count)
      for token in tokens {
        slopes[token] = Float(slope)
        result.loss += slope * Double(row.logProbabilities[token])
      }
      result.logProbabilities.append(slopes)
    }
    return result
  }
}

extension LossGradient {
  /// The derivatives as a policy wants them, one entry a row.
  public var scoreGradients: [ScoreGradients] {
    logProbabilities.indices.map { row in
      ScoreGradients(
        logProbabilities: logProbabilities[row],
        entropies: entropies.isEmpty ? [] : entropies[row])
    }
  }
}
