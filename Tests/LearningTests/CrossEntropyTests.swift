import LanguageModel
import Learning
import Testing
import Trajectories

@Suite struct CrossEntropyTests {
  struct File: Decodable {
    var datasets: [String: Table]
    var cases: [Case]
  }

  struct Table: Decodable {
    var logprob: [[Float]]
    var mask: [[Double]]
    var weights: [Double]

    /// The weight of each row at each of its tokens.
    var tokenWeights: [[Double]] { zip(logprob, weights).map { row, it in row.map { _ in it } } }
  }

  struct Case: Decodable {
    var name: String
    var dataset: String
    var params: Parameters
    var expected: Expected
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

  struct Expected: Decodable {
    var loss: Double
    var grad_logprob: [[Double]]
  }

  @Test func `every mean, its weights and its gradients are those of PyTorch`() throws {
    let file = try Golden.read("sft", as: File.self)
    #expect(file.cases.count == 10)
    for test in file.cases {
      let (table, settings) = (try #require(file.datasets[test.dataset]), test.params)
      let loss = CrossEntropy(
        average: settings.average, scalesByProbability: settings.kind == "dft",
        whole: settings.num_items_in_batch)
      let found = loss(
        table.logprob.scores, masks: table.mask.map { $0.map { $0 != 0 } },
        weights: settings.kind.hasPrefix("weighted") ? table.tokenWeights : [])
      #expect(abs(found.loss - test.expected.loss) <= 1e-5, "\(test.name)")
      #expect(
        Golden.error(found.logProbabilities, test.expected.grad_logprob) <= 1e-5, "\(test.name)")
    }
  }

  @Test(arguments: LossAverage.allCases)
  func `gradients are finite differences of the loss`(average: LossAverage) {
    let logs = RandomTable.logProbabilities(rows: 6)
    let (masks, weights) = (RandomTable.holes(logs), logs.map { $0.map { Double(2 + $0) } })
    func loss(_ logs: [[Float]]) -> LossGradient {
      CrossEntropy(average: average)(logs.scores, masks: masks, weights: weights)
    }
    let error = finiteDifferenceError(loss(logs).logProbabilities, at: logs) { loss($0).loss }
    #expect(error < 1e-3)
  }

  @Test func `nothing to learn is a loss of zero`() {
    #expect(CrossEntropy()([]) == LossGradient(loss: 0, logProbabilities: []))
  }
}
