import LanguageModel
import Learning
import Tensors
import Testing

@Suite struct PreferenceLossTests {
  struct File: Decodable {
    var datasets: [String: Table]
    var cases: [Case]
  }

  struct Table: Decodable {
    var chosen_logprob: [[Float]]
    var rejected_logprob: [[Float]]
    var chosen_ref_logprob: [[Float]]
    var rejected_ref_logprob: [[Float]]
    var chosen_mask: [[Int]]
    var rejected_mask: [[Int]]

    var scores: [TokenScores] {
      inTurn(chosen_logprob, rejected_logprob).map {
        TokenScores(logProbabilities: $0, entropies: $0)
      }
    }
    var reference: [[Float]] { inTurn(chosen_ref_logprob, rejected_ref_logprob) }
    var masks: [[Bool]] { inTurn(chosen_mask, rejected_mask).map { $0.map { $0 != 0 } } }
  }

  struct Case: Decodable {
    var name: String
    var dataset: String
    var params: Parameters
    var expected: Expected
  }

  struct Parameters: Decodable {
    var loss: String
    var beta: Double
    var label_smoothing: Double
    var sft_weight: Double

    var objective: PreferenceLoss? {
      let form: PreferenceLoss.Form? =
        switch loss {
        case "sigmoid": .sigmoid(smoothing: label_smoothing)
        case "robust": .robust(flips: label_smoothing)
        case "hinge": .hinge
        case "ipo": .squaredOfMeans
        case "ipo_sum": .squared
        case "sigmoid_norm": .sigmoidOfMeans()
        default: nil
        }
      return form.map { PreferenceLoss(form: $0, beta: beta, nllWeight: sft_weight) }
    }
  }

  struct Expected: Decodable {
    var loss: Double
    var grad_chosen_logprob: [[Double]]
    var grad_rejected_logprob: [[Double]]
    var chosen_rewards: [Double]
    var rejected_rewards: [Double]
  }

  @Test func `losses, gradients and rewards are those of TRL`() throws {
    let file = try Golden.read("dpo", as: File.self)
    #expect(file.cases.count == 14)
    for test in file.cases {
      let table = try #require(file.datasets[test.dataset])
      let objective = try #require(test.params.objective)
      let found = objective(table.scores, reference: table.reference, masks: table.masks)
      let expected = test.expected
      let largest = max(1, abs(expected.loss))
      #expect(abs(found.loss - expected.loss) <= 1e-5 * largest, "\(test.name)")
      let gradient = inTurn(expected.grad_chosen_logprob, expected.grad_rejected_logprob)
      #expect(Golden.error(found.logProbabilities, gradient) <= 1e-5, "\(test.name)")
      let rewards = objective.impliedRewards(
        table.scores, reference: table.reference, masks: table.masks)
      let wanted = inTurn(expected.chosen_rewards, expected.rejected_rewards)
      #expect(Golden.error([rewards.map { Float($0) }], [wanted], floor: 1) <= 1e-5)
    }
  }

  @Test(arguments: [
    PreferenceLoss(), PreferenceLoss(form: .sigmoid(smoothing: 0.2), beta: 0.5, nllWeight: 0.7),
    PreferenceLoss(form: .robust(flips: 0.2)), PreferenceLoss(form: .hinge),
    PreferenceLoss(form: .squaredOfMeans), PreferenceLoss(form: .squared),
    PreferenceLoss(form: .sigmoidOfMeans(margin: 0.4, smoothing: 0.1), beta: 2, nllWeight: 1),
  ]) func `gradients are finite differences of the loss`(objective: PreferenceLoss) {
    var random = Random(seed: 12)
    let logs = (0..<8).map { row in (0..<3 + row % 3).map { _ in -3 * random.uniform() } }
    let reference = logs.map { $0.map { $0 + random.uniform() - 0.5 } }
    func loss(_ logs: [[Float]]) -> LossGradient {
      objective(
        logs.map { TokenScores(logProbabilities: $0, entropies: $0) }, reference: reference)
    }
    let error = finiteDifferenceError(loss(logs).logProbabilities, at: logs) { loss($0).loss }
    #expect(error < 1e-3)
  }

  @Test func `parts of a batch add up to the whole`() throws {
    let table = try #require(try Golden.read("dpo", as: File.self).datasets["pairs"])
    let objective = PreferenceLoss(nllWeight: 0.5)
    let whole = objective(table.scores, reference: table.reference, masks: table.masks)
    let tokens = table.chosen_mask.reduce(0) { $0 + $1.reduce(0, +) }
    let parts = [0..<2, 2..<8].map { range in
      objective(
        Array(table.scores[range]), reference: Array(table.reference[range]),
        masks: Array(table.masks[range]), whole: (pairs: 4, chosenTokens: tokens))
    }
    #expect(abs(whole.loss - parts[0].loss - parts[1].loss) < 1e-12)
    #expect(whole.logProbabilities == parts.flatMap(\.logProbabilities))
  }
}

func inTurn<Element>(_ chosen: [Element], _ rejected: [Element]) -> [Element] {
  zip(chosen, rejected).flatMap { [$0, $1] }
}
