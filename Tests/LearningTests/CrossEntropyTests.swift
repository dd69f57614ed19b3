import LanguageModel
import Learning
import Testing
import Trajectories

@Suite struct CrossEntropyTests {
  struct Table: Decodable {
    var logprob: [[Float]]
    var mask: [[Double]]
    var weights: [Double]

    /// The weight of each row at each of its tokens.
    var tokenWeights: [[Double]] { zip(logprob, weights).map { row, it in row.map { _ in it } } }
  }

  struct Parameters: Decodable {
    var kind: String
    var num_items_in_batch: Int?

    var average: LossAverage {
      switch kind {
      case "sequence_mean", "weighted_sequence_mean": .sequences
      case "sequence_sum": .sums
      default: .tokens
      }
    }
  }

  @Test func `every mean, its weights and its gradients are those of PyTorch`() throws {
    try GoldenLosses<Table, Parameters, RowLoss>.check("sft", count: 10) { test, table in
      let settings = test.params
      let loss = CrossEntropy(
        average: settings.average, scalesByProbability: settings.kind == "dft",
        whole: settings.num_items_in_batch)
      let found = loss(
        table.logprob.scores, masks: table.mask.map { $0.map { $0 != 0 } },
        weights: settings.kind.hasPrefix("weighted") ? table.tokenWeights : [])
      found.expect(
        loss: test.expected.loss, .absolute, gradient: test.expected.grad_logprob, of: test.name)
    }
  }

  @Test(arguments: LossAverage.allCases)
  func `gradients are finite differences of the loss`(average: LossAverage) {
    let logs = RandomTable.logProbabilities(rows: 6)
    let (masks, weights) = (RandomTable.holes(logs), logs.map { $0.map { Double(2 + $0) } })
    expectFiniteDifferences(at: logs) { logs in
      CrossEntropy(average: average)(logs.scores, masks: masks, weights: weights)
    }
  }

  @Test func `nothing to learn is a loss of zero`() {
    #expect(CrossEntropy()([]) == LossGradient(loss: 0, logProbabilities: []))
  }
}
