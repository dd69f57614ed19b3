import LanguageModel
import Learning
import Testing

/// A data set of pairs, DPO's and SimPO's.
struct PairTable: Decodable {
  var chosen_logprob: [[Float]]
  var rejected_logprob: [[Float]]
  var chosen_ref_logprob: [[Float]]
  var rejected_ref_logprob: [[Float]]
  var chosen_mask: [[Int]]
  var rejected_mask: [[Int]]

  var scores: [TokenScores] { inTurn(chosen_logprob, rejected_logprob).scores }
  var reference: [[Float]] { inTurn(chosen_ref_logprob, rejected_ref_logprob) }
  var masks: [[Bool]] { inTurn(chosen_mask, rejected_mask).map { $0.map { $0 != 0 } } }
}

/// What a case of pairs expects.
struct PairLoss: Decodable {
  var loss: Double
  var grad_chosen_logprob: [[Double]]
  var grad_rejected_logprob: [[Double]]

  var gradient: [[Double]] { inTurn(grad_chosen_logprob, grad_rejected_logprob) }
}

/// The same with the implied reward of either side.
struct RewardedPairLoss: Decodable {
  var pair: PairLoss
  var rewards: [Double]

  private enum Key: String, CodingKey { case chosen_rewards, rejected_rewards }

  init(from decoder: any Decoder) throws {
    pair = try PairLoss(from: decoder)
    let container = try decoder.container(keyedBy: Key.self)
    rewards = inTurn(
      try container.decode([Double].self, forKey: .chosen_rewards),
      try container.decode([Double].self, forKey: .rejected_rewards))
  }
}

extension PreferenceLoss {
  /// Expects loss, derivatives and implied rewards of a case.
  func expect(
    _ expected: RewardedPairLoss, on table: PairTable, reference: [[Float]], of name: String,
    at place: SourceLocation = #_sourceLocation
  ) {
    let found = self(table.scores, reference: reference, masks: table.masks)
    found.expect(
      loss: expected.pair.loss, .relative, gradient: expected.pair.gradient, of: name, at: place)
    let rewards = impliedRewards(table.scores, reference: reference, masks: table.masks)
    #expect(
      Golden.error([rewards], [expected.rewards], floor: 1) <= 1e-5, "\(name)",
      sourceLocation: place)
  }
}

func inTurn<Element>(_ chosen: [Element], _ rejected: [Element]) -> [Element] {
  zip(chosen, rejected).flatMap { [$0, $1] }
}
