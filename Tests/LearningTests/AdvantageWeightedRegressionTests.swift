import Foundation
import LanguageModel
import Learning
import Testing

@Suite struct AdvantageWeightedRegressionTests {
  @Test func `an advantage weighs its exponential, up to the limit`() {
    let regression = AdvantageWeightedRegression(beta: 0.5, limit: 4)
    #expect(regression.weight(0) == 1)
    #expect(abs(regression.weight(-0.5) - exp(-1)) < 1e-15)
    #expect(abs(regression.weight(0.25) - exp(0.5)) < 1e-15)
    #expect(regression.weight(1) == 4)
    #expect(regression.weight(1e6) == 4 && regression.weight(-1e6) == 0)
  }

  @Test func `without advantages it is supervised learning`() {
    let logs = RandomTable.logProbabilities(rows: 4)
    let none: [[Float]] = logs.map { $0.map { _ in 0 } }
    #expect(
      AdvantageWeightedRegression()(logs.scores, advantages: none) == CrossEntropy()(logs.scores))
  }

  @Test func `gradients are finite differences of the loss`() {
    let logs = RandomTable.logProbabilities(rows: 6)
    let advantages = RandomTable.near(logs.map { $0.map { _ in 0 } })
    let masks = RandomTable.holes(logs)
    expectFiniteDifferences(at: logs) { logs in
      AdvantageWeightedRegression(beta: 0.2, limit: 3)(
        logs.scores, advantages: advantages, masks: masks)
    }
  }
}
