import LanguageModel
import Learning
import Testing

@Suite struct ReferenceFreeLossTests {
  struct File: Decodable {
    var datasets: [String: PreferenceLossTests.Table]
    var cases: [Case]
  }

  struct Case: Decodable {
    var name: String
    var dataset: String
    var params: Parameters
    var expected: PreferenceLossTests.Expected
  }

  struct Parameters: Decodable {
    var loss: String
    var beta: Double
    var gamma: Double
    var label_smoothing: Double
    var cpo_alpha: Double

    var objective: PreferenceLoss? {
      let form: PreferenceLoss.Form? =
        switch loss {
        case "simpo": .sigmoidOfMeans(margin: gamma, smoothing: label_smoothing)
        case "sigmoid": .sigmoid(smoothing: label_smoothing)
        case "hinge": .hinge
        case "ipo": .squaredOfMeans
        default: nil
        }
      return form.map { PreferenceLoss(form: $0, beta: beta, nllWeight: cpo_alpha) }
    }
  }

  @Test func `SimPO and CPO and their gradients are those of TRL`() throws {
    let file = try Golden.read("simpo", as: File.self)
    #expect(file.cases.count == 9)
    for test in file.cases {
      let table = try #require(file.datasets[test.dataset])
      let objective = try #require(test.params.objective)
      let found = objective(table.scores, reference: [], masks: table.masks)
      let expected = test.expected
      #expect(abs(found.loss - expected.loss) <= 1e-5 * max(1, expected.loss), "\(test.name)")
      let gradient = inTurn(expected.grad_chosen_logprob, expected.grad_rejected_logprob)
      #expect(Golden.error(found.logProbabilities, gradient) <= 1e-5, "\(test.name)")
      let rewards = objective.impliedRewards(table.scores, reference: [], masks: table.masks)
      let wanted = inTurn(expected.chosen_rewards, expected.rejected_rewards)
      #expect(Golden.error([rewards.map { Float($0) }], [wanted], floor: 1) <= 1e-5)
    }
  }

  @Test(arguments: [
    PreferenceLoss(form: .sigmoidOfMeans(margin: 0.5), beta: 2), PreferenceLoss(nllWeight: 1),
  ]) func `gradients are finite differences of the loss`(objective: PreferenceLoss) {
    let logs = RandomTable.logProbabilities(rows: 8)
    func loss(_ logs: [[Float]]) -> LossGradient { objective(logs.scores, reference: []) }
    let error = finiteDifferenceError(loss(logs).logProbabilities, at: logs) { loss($0).loss }
    #expect(error < 1e-3)
  }
}
