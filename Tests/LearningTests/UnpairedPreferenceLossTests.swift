import LanguageModel
import Learning
import Testing

@Suite struct UnpairedPreferenceLossTests {
  struct Table: Decodable {
    var logprob: [[Float]]
    var ref_logprob: [[Float]]
    var mask: [[Double]]
    var label: [Double]
    var kl_logprob_sum: [Double]
    var kl_ref_logprob_sum: [Double]
  }

  struct Parameters: Decodable {
    var loss: String
    var beta: Double
    var desirable_weight: Double
    var undesirable_weight: Double
  }

  struct Expected: Decodable {
    var loss: Double
    var grad_logprob: [[Double]]
    var z: Double
    var rewards: [Double]
  }

  @Test func `losses, gradients, reference points and rewards are those of TRL`() throws {
    try GoldenLosses<Table, Parameters, Expected>.check("kto", count: 7) { test, table in
      let settings = test.params
      let objective = UnpairedPreferenceLoss(
        beta: settings.beta, desirableWeight: settings.desirable_weight,
        undesirableWeight: settings.undesirable_weight)
      let measured = UnpairedPreferenceLoss.referencePoint(
        table.kl_logprob_sum, reference: table.kl_ref_logprob_sum)
      let point = settings.loss == "kto" ? measured : 0
      #expect(abs(point - test.expected.z) <= 1e-10, "\(test.name)")
      let masks = table.mask.map { $0.map { $0 != 0 } }
      let found = objective(
        table.logprob.scores, reference: table.ref_logprob,
        desirable: table.label.map { $0 != 0 }, referencePoint: point, masks: masks)
      found.expect(
        loss: test.expected.loss, .absolute, gradient: test.expected.grad_logprob, of: test.name)
      let rewards = objective.impliedRewards(
        table.logprob.scores, reference: table.ref_logprob, masks: masks)
      #expect(Golden.error([rewards], [test.expected.rewards], floor: 1) <= 1e-5, "\(test.name)")
    }
  }

  @Test func `gradients are finite differences of the loss`() {
    let objective = UnpairedPreferenceLoss(
      beta: 0.5, desirableWeight: 1.3, undesirableWeight: 0.7)
    let logs = RandomTable.logProbabilities(rows: 6)
    let (reference, masks) = (RandomTable.near(logs), RandomTable.holes(logs))
    expectFiniteDifferences(at: logs) { logs in
      objective(
        logs.scores, reference: reference, desirable: [true, false, false, true, true, false],
        referencePoint: 0.2, masks: masks)
    }
  }

  @Test func `parts of a batch add up to the whole`() {
    let logs = RandomTable.logProbabilities(rows: 6)
    let reference = RandomTable.near(logs)
    let kinds = [true, false, true, false, true, false]
    func loss(_ rows: Range<Int>) -> LossGradient {
      UnpairedPreferenceLoss()(
        Array(logs[rows]).scores, reference: Array(reference[rows]),
        desirable: Array(kinds[rows]), referencePoint: 0.1, whole: 6)
    }
    loss(0..<6).expect(parts: [loss(0..<2), loss(2..<6)])
  }

  @Test func `nothing to compare with is a reference point of zero`() {
    #expect(UnpairedPreferenceLoss.referencePoint([], reference: []) == 0)
  }
}
