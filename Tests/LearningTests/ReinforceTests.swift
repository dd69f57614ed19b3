import Foundation
import LanguageModel
import Learning
import Tensors
import Testing
import Trajectories

@Suite struct ReinforceTests {
  struct Parameters: Decodable {
    var baseline: String
    var aggregation: String
    var constant: Double?
    var gamma: Double?
    var whiten: Bool?
    var kl_in_reward_beta: Double?
    var kl: String?
    var kl_beta: Double?
    var entropy_coef: Double?
  }

  struct Expected: Decodable {
    var loss: Double
    var grad_logprob: [[Double]]
    var grad_entropy: [[Double]]
    var advantages: [[Double]]
  }

  @Test func `losses, gradients and advantages are those of the definitions and of verl`() throws {
    try GoldenLosses<LossTable, Parameters, Expected>.check("reinforce", count: 14) { test, table in
      let expected = test.expected
      let credit = try advantages(table, test.params)
      #expect(Golden.error(credit, expected.advantages, floor: 1) < 1e-5, "\(test.name)")
      var loss = PolicyGradient()
      loss.ratio = .none
      loss.averaging = .init(verl: test.params.aggregation)
      if let weight = test.params.kl_beta { loss.penalty = .k3(weight) }
      loss.entropyCoefficient = test.params.entropy_coef ?? 0
      loss(table.scores, rows: table.rows(credit)).expect(
        loss: expected.loss, .relative, gradient: expected.grad_logprob,
        entropies: expected.grad_entropy, of: test.name)
    }
  }

  /// The advantages of a case, made of the same parts as the loop's.
  private func advantages(_ table: LossTable, _ it: Parameters) throws -> [[Double]] {
    let rewards = try #require(table.rewards)
    let groups = try #require(table.group_ids)
    let token = TokenRewards(coefficient: it.kl_in_reward_beta ?? 0)
    let tokens = zip(rewards, table.rows).map { token(score: $0, row: $1) }
    let gains = GeneralizedAdvantage(gamma: it.gamma ?? 1)
    func returns(_ values: [[Double]]?) -> [[Double]] {
      tokens.indices.map {
        gains(tokens[$0], values: values?[$0] ?? [], counted: table.counted[$0]).advantages
      }
    }
    let raw: [[Double]]
    switch it.baseline {
    case "value": raw = returns(table.value?.map { $0.map(Double.init) })
    case "returns": raw = returns(nil)
    case "returns_mean":
      let all = zip(returns(nil), table.counted).flatMap { row, counted in counted.map { row[$0] } }
      let mean = all.reduce(0, +) / Double(all.count)
      raw = zip(returns(nil), table.mask).map { zip($0, $1).map { $1 != 0 ? $0 - mean : 0 } }
    default: raw = table.spread(baseline(it)(rewards, groups: groups))
    }
    return it.whiten == true ? Whitening.apply(raw, counted: table.counted) : raw
  }

  private func baseline(_ it: Parameters) -> Baseline {
    switch it.baseline {
    case "constant": .constant(it.constant ?? 0)
    case "batch_mean": .batch
    case "group_mean": .group
    case "leave_one_out": .leaveOneOut
    default: .none
    }
  }
}
