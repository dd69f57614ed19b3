import Comparing
import LanguageModel
import Tensors
import Testing

/// The backward pass with factors rounded to bfloat16.
@Suite struct RoundedGradientTests {
  private let rows = (0..<23).map { row in
    TokenRow(
      tokens: (0..<(9 + row * 3)).map { Token((row * 11 + $0 * $0) % 50) },
      firstPredicted: 1 + row % 4)
  }

  private func differentiate(
    _ policy: Transformer, _ precision: ProductPrecision
  ) -> (scores: [TokenScores], gradient: [Float]) {
    var found: [TokenScores] = []
    policy.parameters.clearGradients()
    policy.differentiate(rows, precision: precision) { scores in
      found = scores
      return scores.map {
        ScoreGradients(
          logProbabilities: $0.logProbabilities, entropies: $0.entropies,
          values: $0.values.map { $0 - 1 })
      }
    }
    return (found, Array(policy.parameters.gradients))
  }

  /// The length of the difference of each parameter's gradient, as a share of its own length.
  private func differences(
    _ policy: Transformer, _ rounded: [Float], _ exact: [Float]
  ) -> [(name: String, share: Double)] {
    policy.parameters.slices.map { slice in
      let length = exact[slice.range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let difference = zip(rounded[slice.range], exact[slice.range]).reduce(0.0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }
      return (slice.name, difference.squareRoot() / max(length, 1e-12))
    }
  }

  private func check(_ policy: Transformer) {
    let exact = differentiate(policy, .float32)
    let rounded = differentiate(policy, .bfloat16)
    #expect(rounded.scores == exact.scores)
    for (name, share) in differences(policy, rounded.gradient, exact.gradient) {
      #expect(share < 0.02, "\(name)")
    }
    #expect(rounded.gradient != exact.gradient)
    // Asked for again, both come out as before.
    expectEqual(differentiate(policy, .float32).gradient, exact.gradient)
    expectEqual(differentiate(policy, .bfloat16).gradient, rounded.gradient)
  }

  @Test(arguments: SmallShape.allCases)
  func `scores stay and every gradient is off by little`(_ family: SmallShape) {
    check(smallPolicy(family: family))
  }

  @Test func `the gradients of an adapter are off by little`() {
    let base = smallPolicy(family: .qwen3)
    let adapter = LowRankAdapter(
      architecture: base.architecture, settings: LowRankSettings(), seed: 5)
    for index in adapter.parameters.weights.indices {
      adapter.parameters.weights[index] = Float((index * 7) % 11) / 50 - 0.1
    }
    check(base.adapted(by: adapter))
  }

  @Test func `a critic's slopes pass through as well`() throws {
    let policy = smallPolicy()
    let head = try #require(policy.addValueHead())
    for index in head.parameters.weights.indices {
      head.parameters.weights[index] = Float(index % 5) / 10 - 0.2
    }
    check(policy)
  }

  @Test func `logits that are computed again give the same gradient`() {
    let kept = smallPolicy()
    let again = smallPolicy()
    again.logitLimit = 0
    let gradients = [kept, again].map { differentiate($0, .bfloat16).gradient }
    let largest = gradients[0].reduce(0) { max($0, $1.magnitude) }
    #expect(GoldenModels.distance(gradients[0], gradients[1]) <= 1e-5 * largest)
    #expect(largest > 0)
  }
}
