import Foundation
import LanguageModel
import Testing

@Suite struct EngineBenchmarkTests {
  @Test func `training and sampling are measured`() {
    let benchmark = EngineBenchmark(EngineBenchmark.embedded)
    let training = benchmark.training(runs: 1)
    let sampling = benchmark.sampling(batch: 8, runs: 1)
    #expect(training.name == "embedded, training")
    #expect(sampling.name == "embedded, sampling 8")
    #expect(training.tokensPerSecond > 0)
    #expect(sampling.tokensPerSecond > 0)
  }
}
