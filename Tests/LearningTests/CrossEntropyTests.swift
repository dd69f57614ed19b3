import LanguageModel
import Learning
import Testing

@Suite struct CrossEntropyTests {
  struct File: Decodable {
    var datasets: [String: Table]
    var cases: [Case]
  }

  struct Table: Decodable {
    var logprob: [[Float]]
    var mask: [[Double]]
  }

  struct Case: Decodable {
    var name: String
    var dataset: String
    var params: Parameters
    var expected: Expected
  }

  struct Parameters: Decodable {
    var num_items_in_batch: Int?
  }

  struct Expected: Decodable {
    var loss: Double
    var grad_logprob: [[Double]]
  }

  @Test func `token means and their gradients are those of PyTorch`() throws {
    let file = try Golden.read("sft", as: File.self)
    #expect(file.cases.count == 4)
    for test in file.cases {
      let table = try #require(file.datasets[test.dataset])
      let found = CrossEntropy(tokens: test.params.num_items_in_batch)(
        table.logprob.map { TokenScores(logProbabilities: $0, entropies: $0) },
        masks: table.mask.map { $0.map { $0 != 0 } })
      #expect(abs(found.loss - test.expected.loss) <= 1e-5, "\(test.name)")
      #expect(
        Golden.error(found.logProbabilities, test.expected.grad_logprob) <= 1e-5, "\(test.name)")
    }
  }

  @Test func `nothing to learn is a loss of zero`() {
    #expect(CrossEntropy()([]) == LossGradient(loss: 0, logProbabilities: []))
  }
}
