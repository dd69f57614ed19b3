import LanguageModel
import Learning
import Testing

@Suite struct PreferenceLossTests {
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

  @Test func `losses, gradients and rewards are those of TRL`() throws {
    try GoldenLosses<PairTable, Parameters, RewardedPairLoss>.check("dpo", count: 14) {
      test, table in
      let objective = try #require(test.params.objective)
      objective.expect(test.expected, on: table, reference: table.reference, of: test.name)
    }
  }

  @Test(arguments: [
    PreferenceLoss(), PreferenceLoss(form: .sigmoid(smoothing: 0.2), beta: 0.5, nllWeight: 0.7),
    PreferenceLoss(form: .robust(flips: 0.2)), PreferenceLoss(form: .hinge),
    PreferenceLoss(form: .squaredOfMeans), PreferenceLoss(form: .squared),
    PreferenceLoss(form: .sigmoidOfMeans(margin: 0.4, smoothing: 0.1), beta: 2, nllWeight: 1),
  ]) func `gradients are finite differences of the loss`(objective: PreferenceLoss) {
    let logs = RandomTable.logProbabilities(rows: 8)
    let reference = RandomTable.near(logs)
    expectFiniteDifferences(at: logs) { objective($0.scores, reference: reference) }
  }

  @Test func `parts of a batch add up to the whole`() throws {
    typealias File = GoldenLosses<PairTable, Parameters, PairLoss>
    let table = try #require(try Golden.read("dpo", as: File.self).datasets["pairs"])
    let objective = PreferenceLoss(nllWeight: 0.5)
    let whole = objective(table.scores, reference: table.reference, masks: table.masks)
    let tokens = table.chosen_mask.reduce(0) { $0 + $1.reduce(0, +) }
    let parts = [0..<2, 2..<8].map { range in
      objective(
        Array(table.scores[range]), reference: Array(table.reference[range]),
        masks: Array(table.masks[range]), whole: (pairs: 4, chosenTokens: tokens))
    }
    whole.expect(parts: parts)
  }
}
