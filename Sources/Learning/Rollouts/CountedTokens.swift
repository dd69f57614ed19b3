import LanguageModel

/// The predicted tokens of one row that count in a loss.
struct CountedTokens: Equatable {
  /// Their indices among the predicted tokens.
  let indices: [Int]
  /// All predicted tokens of the row.
  let predicted: Int

  /// The tokens that a mask names; an empty mask names all.
  init(of predicted: Int, mask: [Bool]) {
    self.predicted = predicted
    indices = mask.isEmpty ? Array(0..<predicted) : (0..<predicted).filter { mask[$0] }
  }

  /// How many count, at least 1, so that a mean over none is 0.
  var divisor: Double { Double(max(1, indices.count)) }

  /// Σ values − Σ reference over the counted tokens; an empty reference is 0.
  func sum(_ values: [Float], minus reference: [Float] = []) -> Double {
    let sum = indices.reduce(0) { $0 + Double(values[$1]) }
    return reference.isEmpty ? sum : indices.reduce(sum) { $0 - Double(reference[$1]) }
  }

  /// The same derivative for every counted token, 0 for the others.
  func slopes(_ slope: Double) -> [Float] {
    var slopes = [Float](repeating: 0, count: predicted)
    for token in indices { slopes[token] = Float(slope) }
    return slopes
  }
}

extension LossGradient {
  /// Adds the token mean of −logprob over the chosen rows, those at even places, times a weight.
  ///
  /// The sum is divided by `tokens`; nil counts the tokens of these rows.
  mutating func addLikelihood(
    of scores: [TokenScores], counting rows: [CountedTokens], weight: Double, tokens: Int?
  ) {
    guard weight != 0 else { return }
    let chosen = stride(from: 0, to: rows.count, by: 2)
    let count = tokens ?? chosen.reduce(0) { $0 + rows[$1].indices.count }
    let slope = -weight / Double(max(1, count))
    for row in chosen {
      loss += slope * rows[row].sum(scores[row].logProbabilities)
      for token in rows[row].indices { logProbabilities[row][token] += Float(slope) }
    }
  }
}
