import LanguageModel
import Learning
import Testing

@Suite struct OddsRatioLossTests {
  struct Table: Decodable {
    var chosen_logprob: [[Float]]
    var chosen_token_mask: [[Double]]
    var chosen_completion_mask: [[Double]]
    var rejected_logprob: [[Float]]
    var rejected_token_mask: [[Double]]
    var rejected_completion_mask: [[Double]]

    var scores: [TokenScores] { inTurn(chosen_logprob, rejected_logprob).scores }
    var responses: [[Bool]] { masks(chosen_completion_mask, rejected_completion_mask) }
    var tokens: [[Bool]] { masks(chosen_token_mask, rejected_token_mask) }

    private func masks(_ chosen: [[Double]], _ rejected: [[Double]]) -> [[Bool]] {
      inTurn(chosen, rejected).map { $0.map { $0 != 0 } }
    }
  }

  struct Parameters: Decodable {
    var beta: Double
    var nll: String
  }

  @Test func `losses and gradients are those of TRL, near certainty too`() throws {
    try GoldenLosses<Table, Parameters, PairLoss>.check("orpo", count: 6) { test, table in
      let found = OddsRatioLoss(beta: test.params.beta)(
        table.scores, masks: table.responses,
        likelihoodMasks: test.params.nll == "completion" ? [] : table.tokens)
      let expected = test.expected
      found.expect(loss: expected.loss, .relative, gradient: expected.gradient, of: test.name)
    }
  }

  @Test(arguments: [0.1, 5]) func `gradients are finite differences of the loss`(beta: Double) {
    let logs = RandomTable.logProbabilities(rows: 8)
    let masks = RandomTable.holes(logs)
    expectFiniteDifferences(at: logs, within: 2e-3) { logs in
      OddsRatioLoss(beta: beta, nllWeight: 0.6)(
        logs.scores, masks: masks, likelihoodMasks: logs.map { $0.map { _ in true } })
    }
  }

  @Test func `certain rows leave loss and gradient finite`() {
    let found = OddsRatioLoss(beta: 1)([[0, 0], [0, 0], [-60, -70], [0]].scores)
    #expect(found.loss.isFinite)
    #expect(found.logProbabilities.allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  @Test func `parts of a batch add up to the whole`() {
    let logs = RandomTable.logProbabilities(rows: 6)
    let chosen = [0, 2, 4].reduce(0) { $0 + logs[$1].count }
    func loss(_ rows: Range<Int>) -> LossGradient {
      OddsRatioLoss()(Array(logs[rows]).scores, whole: (pairs: 3, chosenTokens: chosen))
    }
    OddsRatioLoss()(logs.scores).expect(parts: [loss(0..<2), loss(2..<6)])
  }
}
