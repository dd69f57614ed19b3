import LanguageModel
import Tensors
import Testing

@Suite struct ValueHeadTests {
  /// A small policy with a head that is not zero.
  private func policy(isAdapted: Bool = false) throws -> (Transformer, ValueHead) {
    var shape = Architecture()
    (shape.vocabulary, shape.width, shape.hidden) = (12, 16, 24)
    (shape.heads, shape.keyHeads, shape.headWidth, shape.contextLength) = (2, 1, 8, 64)
    let base = Transformer(architecture: shape, seed: 5)
    var settings = LowRankSettings()
    settings.rank = 2
    let adapter = LowRankAdapter(architecture: shape, settings: settings, seed: 1)
    for index in adapter.parameters.weights.indices where index % 3 == 0 {
      adapter.parameters.weights[index] += 0.05
    }
    let policy = isAdapted ? base.adapted(by: adapter) : base
    let head = try #require(policy.addValueHead())
    var random = Random(seed: 8)
    for index in head.parameters.weights.indices {
      head.parameters.weights[index] = random.uniform() - 0.5
    }
    return (policy, head)
  }

  private let rows = [
    TokenRow(tokens: [1, 2, 3, 4, 5, 6], firstPredicted: 2),
    TokenRow(tokens: [7, 8, 9], firstPredicted: 1),
    TokenRow(tokens: [3, 1, 4, 1, 5, 9, 2, 6], firstPredicted: 7),
  ]

  @Test func `a new head says zero, and without one there are no values`() throws {
    let (policy, _) = try policy()
    #expect(policy.addValueHead() != nil)
    #expect(policy.score(rows).flatMap(\.values) == Array(repeating: 0, count: 7))
    #expect(policy.copy().score(rows).allSatisfy { $0.values.isEmpty })
  }

  @Test func `values come before the token they do not know, whatever is asked beside them`() throws
  {
    let (policy, _) = try policy()
    let values = policy.score(rows).map(\.values)
    #expect(values.map(\.count) == [4, 2, 1])
    for (row, value) in zip(rows, values) { #expect(policy.score([row])[0].values == value) }
    var changed = rows[0]
    changed.tokens[5] = 11
    #expect(policy.score([changed])[0].values == values[0])
    var seen: [[Float]] = []
    policy.differentiate(rows) { scores in
      seen = scores.map(\.values)
      return scores.map {
        ScoreGradients(logProbabilities: $0.logProbabilities.map { _ in 0 })
      }
    }
    #expect(seen == values)
  }

  @Test(arguments: [false, true])
  func `gradients by head, trunk and adapter are finite differences`(isAdapted: Bool) throws {
    let (policy, head) = try policy(isAdapted: isAdapted)
    // Exact fractions as slopes: the objective is their sum with values and log-probabilities.
    let slopes: [[Float]] = [[0.5, -1, 0.25, 2], [1, -0.5], [1.5]]
    func objective() -> Double {
      zip(policy.score(rows), slopes).reduce(0) { sum, row in
        sum + zip(row.0.values, row.1).reduce(0) { $0 + Double($1.0) * Double($1.1) }
          + row.0.logProbabilities.reduce(0) { $0 + 0.5 * Double($1) }
      }
    }
    policy.parameters.clearGradients()
    head.parameters.clearGradients()
    policy.differentiate(rows) { scores in
      zip(scores, slopes).map { row, slopes in
        ScoreGradients(
          logProbabilities: row.logProbabilities.map { _ in 0.5 }, values: slopes)
      }
    }
    for parameters in [head.parameters, policy.parameters] {
      for slice in parameters.slices {
        let place = slice.offset + slice.count / 3
        let (old, gradient) = (parameters.weights[place], Double(parameters.gradients[place]))
        let step: Float = 0x1p-9
        parameters.weights[place] = old + step
        policy.weightsChanged()
        let up = objective()
        parameters.weights[place] = old - step
        policy.weightsChanged()
        let slope = (up - objective()) / (2 * Double(step))
        parameters.weights[place] = old
        policy.weightsChanged()
        #expect(abs(slope - gradient) < 4e-3 * max(1, abs(gradient)), "\(slice.name)")
      }
    }
  }

  @Test func `parts of a batch give the gradient of the whole`() throws {
    let found = try [1 << 29, 1].map { limit -> [Float] in
      let (policy, head) = try policy()
      policy.activationLimit = limit
      policy.differentiate(rows) { scores in
        scores.map {
          ScoreGradients(
            logProbabilities: $0.logProbabilities.map { _ in 0 }, values: $0.values.map { _ in 1 })
        }
      }
      return withExtendedLifetime(policy) { Array(head.parameters.gradients) }
    }
    #expect(zip(found[0], found[1]).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(found[0].contains { abs($0) > 0.1 })
  }
}
