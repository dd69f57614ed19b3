import LanguageModel
import Learning
import Testing

@Suite struct ReferenceFreeLossTests {
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
    try GoldenLosses<PairTable, Parameters, RewardedPairLoss>.check("simpo", count: 9) {
      test, table in
      let objective = try #require(test.params.objective)
      objective.expect(test.expected, on: table, reference: [], of: test.name)
    }
  }

  @Test(arguments: [
    PreferenceLoss(form: .sigmoidOfMeans(margin: 0.5), beta: 2), PreferenceLoss(nllWeight: 1),
  ]) func `gradients are finite differences of the loss`(objective: PreferenceLoss) {
    let logs = RandomTable.logProbabilities(rows: 8)
    expectFiniteDifferences(at: logs) { objective($0.scores, reference: []) }
  }
}
