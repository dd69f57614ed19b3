import LanguageModel
import Testing

/// Rows that begin alike are computed once, and nobody can tell.
@Suite struct SharedRowsTests {
  private let prompt: [Token] = (0..<23).map { Token(3 + $0 * 7 % 40) }

  /// Two questions with answers of several lengths, and a row that stands alone.
  private var rows: [TokenRow] {
    let answers: [[Token]] = [[5, 9, 2], [5, 9, 11, 4, 7], [8], [21, 20, 19, 18]]
    let first = answers.map { TokenRow(tokens: prompt + $0, firstPredicted: prompt.count) }
    let other = Array(prompt.prefix(18)) + [30, 31]
    let second = answers.map { TokenRow(tokens: other + $0, firstPredicted: other.count) }
    return first + second + [TokenRow(tokens: [1, 2, 3, 4], firstPredicted: 1)]
  }

  @Test(arguments: Fixtures.models)
  func `a row's scores are the same bits alone and beside its like`(name: String) throws {
    let policy = try GoldenModels.load(name)
    #expect(policy.score(rows) == rows.map { policy.score([$0])[0] })
  }

  @Test(arguments: Fixtures.models)
  func `the gradient is the sum of the rows' gradients`(name: String) throws {
    let policy = try GoldenModels.load(name)
    let together = gradient(policy, [rows])
    let apart = gradient(policy, rows.map { [$0] })
    let largest = apart.reduce(0) { max($0, abs($1)) }
    let distance = zip(together, apart).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    #expect(largest > 0 && distance < 1e-5 * largest, "\(distance) of \(largest)")
  }

  private func gradient(_ policy: Transformer, _ batches: [[TokenRow]]) -> [Float] {
    policy.parameters.clearGradients()
    for batch in batches {
      policy.differentiate(batch) { scores in
        scores.map { row in
          ScoreGradients(
            logProbabilities: row.logProbabilities.indices.map { Float($0 + 1) * 0.3 },
            entropies: row.entropies.map { _ in 0.1 })
        }
      }
    }
    return Array(policy.parameters.gradients)
  }
}
