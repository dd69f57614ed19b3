import Comparing
import LanguageModel
import Tensors
import Testing

@Suite struct EngineBenchmarkTests {
  private static var least: EngineBenchmark.Case {
    var shape = Architecture()
    (shape.vocabulary, shape.width, shape.hidden, shape.layers) = (32, 32, 64, 1)
    (shape.heads, shape.keyHeads, shape.headWidth, shape.contextLength) = (2, 1, 16, 16)
    return EngineBenchmark.Case(
      name: "least", architecture: shape, rows: 4, prompt: 4, newTokens: 8)
  }

  @Test func `training counts the predicted tokens`() {
    let training = EngineBenchmark(Self.least).training(runs: 1)
    #expect(training.name == "least, training")
    #expect(training.tokens == 4 * 16)
    #expect(training.seconds.count == 1)
  }

  @Test func `an adapter is trained beside weights that stay`() {
    let policy = Transformer(randomWeightsOf: Self.least.architecture)
    let weights = Array(policy.base.weights)
    let adapter = EngineBenchmark(Self.least, policy: policy).adapterTraining(runs: 1)
    #expect(adapter.name == "least, adapter")
    #expect(adapter.tokens == 4 * 16)
    expectEqual(Array(policy.base.weights), weights)
  }

  @Test(arguments: [true, false])
  func `sampling counts the tokens after the first`(sharesPrompt: Bool) {
    var least = Self.least
    least.sharesPrompt = sharesPrompt
    let sampling = EngineBenchmark(least).sampling(batch: 3, runs: 2)
    #expect(sampling.name == "least, sampling 3")
    #expect(sampling.tokens == 3 * 7)
    #expect(sampling.seconds.count == 2)
  }

  @Test func `the name says where factors are kept as bfloat16`() {
    let benchmark = EngineBenchmark(Self.least, precision: .bfloat16)
    #expect(benchmark.sampling(batch: 2, runs: 1).name == "least, sampling 2, bf16")
    #expect(benchmark.training(runs: 1).name == "least, training, bf16")
  }

  @Test func `training with rounded factors tells how far its gradient is off`() throws {
    #expect(EngineBenchmark(Self.least).training(runs: 1).gradientError == nil)
    let rounded = EngineBenchmark(Self.least, precision: .bfloat16).training(runs: 1)
    let error = try #require(rounded.gradientError)
    #expect(error > 1e-5 && error < 0.02)
  }

  @Test func `reading a prompt counts its tokens`() {
    let prefill = EngineBenchmark(Self.least).prefill(length: 5, runs: 1)
    #expect(prefill.name == "least, prefill 5")
    #expect(prefill.tokens == 5)
  }

  @Test func `speed is the median between the ends`() {
    let three = EngineBenchmark.Measurement(
      shape: "a", kind: .training, batch: 1, tokens: 8, seconds: [4, 1, 2])
    #expect(three.tokensPerSecond.median == 4)
    #expect(three.tokensPerSecond.minimum == 2)
    #expect(three.tokensPerSecond.maximum == 8)
    #expect(EngineBenchmark.Spread([1, 2, 3, 10]).median == 2.5)
  }

  @Test func `a model with a short context is measured within it`() {
    var shape = Self.least.architecture
    shape.contextLength = 16
    let model = EngineBenchmark.Case(name: "short", model: shape)
    #expect(model.prompt + model.newTokens <= 16)
    #expect(model.rowLength == 16)
    #expect(model.prefills.allSatisfy { $0 < 16 })
  }

  @Test func `the protocol's shapes fit their contexts`() {
    for shape in EngineBenchmark.cases {
      #expect(shape.prompt + shape.newTokens <= shape.architecture.contextLength)
      #expect(shape.rowLength <= shape.architecture.contextLength)
    }
  }

  @Test func `without sharing every rollout but the first reads and keeps the prefix anew`() {
    let cost = UnsharedPrefixCost(
      seconds: 2, readingSeconds: 0.5, bytes: 1000, prefix: 10, keyValueBytes: 4, rollouts: 5)
    #expect(cost.seconds == 4 && cost.bytes == 1160)
  }
}
