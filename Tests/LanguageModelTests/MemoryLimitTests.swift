import Comparing
import LanguageModel
import Tensors
import Testing

/// What is computed again to save memory comes out as if it had been kept.
@Suite struct MemoryLimitTests {
  private let rows = (0..<9).map { row in
    TokenRow(
      tokens: (0..<(30 + row * 17)).map { Token((row * 5 + $0 * $0) % 50) }, firstPredicted: 3)
  }

  private func gradient(
    _ family: SmallShape, _ prepare: (Transformer) -> Void
  ) -> (gradient: [Float], asked: Int) {
    let policy = smallPolicy(family: family, layers: 4)
    prepare(policy)
    var asked = 0
    policy.differentiate(rows) { scores in
      asked += 1
      return scores.map {
        ScoreGradients(logProbabilities: $0.logProbabilities, entropies: $0.entropies)
      }
    }
    return (withExtendedLifetime(policy) { Array(policy.parameters.gradients) }, asked)
  }

  @Test(arguments: [SmallShape.llama, .qwen3, .biased])
  func `layers that are computed again give the same gradient`(_ family: SmallShape) {
    let kept = gradient(family) { _ in }
    // Room for the gates of all layers, of some and of none.
    for limit in [2_200_000, 2_050_000, 1_900_000] {
      let again = gradient(family) { $0.activationLimit = limit }
      expectEqual(again.gradient, kept.gradient)
      #expect(again.asked == 1)
    }
    #expect(kept.gradient.contains { $0 != 0 })
  }

  @Test func `logits that are computed again give the same gradient`() {
    let kept = gradient(.llama) { _ in }.gradient
    let again = gradient(.llama) { $0.logitLimit = 0 }.gradient
    let largest = kept.reduce(0) { max($0, $1.magnitude) }
    // OpenBLAS, where the processor calls for it, sums a block in an order of its own.
    #expect(GoldenModels.distance(kept, again) <= 1e-6 * largest)
    #expect(largest > 0)
  }
}
