import Foundation
import LanguageModel
import Tensors
import Testing
import Trajectories

@testable import Learning

@Suite struct LeaveOneOutTests {
  typealias Table = CreditedTable<Double>

  /// The section of advantages.
  struct Credits: Decodable {
    struct Parameters: Decodable {
      var kl_beta: Double
      var normalize_advantages: Bool
    }
    struct Expected: Decodable { var advantages: [Double] }
    var datasets: [String: Table]
    var advantages: [GoldenCase<Parameters, Expected>]
  }

  struct Parameters: Decodable {
    var level: String
    var epsilon: Double?
    var aggregation: String?
  }

  struct Expected: Decodable {
    var loss: Double
    var grad_logprob: [[Double]]
    var sequence_ratio: [Double]?
  }

  @Test func `advantages are those of TRL and verl`() throws {
    let file = try Golden.read("rloo", as: Credits.self)
    try file.advantages.check(on: file.datasets, count: 3) { test, data in
      let table = data.table
      let reward = TokenRewards(coefficient: test.params.kl_beta)
      let rewards = zip(try #require(table.rewards), table.rows).map {
        reward(score: $0, row: $1).reduce(0, +)
      }
      var found = Baseline.leaveOneOut(rewards, groups: try #require(table.group_ids))
      if test.params.normalize_advantages { found = Baseline.normalised(found) }
      #expect(
        Golden.error([found], [test.expected.advantages], floor: 1) < 1e-5, "\(test.name)")
    }
  }

  @Test func `losses, gradients and ratios of whole answers are those of TRL and verl`() throws {
    try GoldenLosses<Table, Parameters, Expected>.check("rloo", count: 7) { test, data in
      var loss = PolicyGradient()
      switch test.params.level {
      case "sequence": (loss.ratio, loss.averaging) = (.product, .sequences())
      case "reinforce": (loss.ratio, loss.averaging) = (.none, .sequenceSums())
      default: (loss.ratio, loss.averaging) = (.token, .init(verl: test.params.aggregation))
      }
      loss(data.scores, rows: data.rows).expect(
        loss: test.expected.loss, .absolute, gradient: test.expected.grad_logprob, of: test.name)
      let expected = test.expected.sequence_ratio
      #expect((expected != nil) == (test.params.level == "sequence"), "\(test.name)")
      guard let expected else { return }
      let ratios = zip(data.scores, data.rows).map { scores, row in
        let counted = row.countedTokens(of: scores.logProbabilities.count)
        return loss.logRatios(scores, row, counted: counted).map { exp($0) }
      }
      // The ratio of the whole answer stands at each of its tokens.
      let wanted = zip(ratios, expected).map { row, ratio in row.map { _ in ratio } }
      #expect(ratios.count == expected.count && ratios.allSatisfy { !$0.isEmpty })
      #expect(Golden.error(ratios, wanted, floor: 1) < 1e-5, "\(test.name)")
    }
  }

  @Test(arguments: [RatioChoice.product, .none, .sequence])
  func `gradients are finite differences of the loss`(ratio: RatioChoice) {
    var random = Random(seed: 3)
    let scores = (0..<4).map { _ in
      TokenScores(
        logProbabilities: (0..<4).map { _ in -2 * random.uniform() - 0.1 }, entropies: [])
    }
    let rows = scores.map { row in
      // Ratios between 0.82 and 1.18 lie inside the clip.
      GradedRow(
        old: row.logProbabilities.map { $0 + 0.08 * random.uniform() - 0.04 },
        advantage: Double(random.uniform()) * 4 - 2)
    }
    for averaging in [PolicyGradient.Averaging.sequenceSums(), .tellingSequences(), .tokens()] {
      var loss = PolicyGradient()
      (loss.ratio, loss.averaging) = (ratio, averaging)
      let found = loss(scores, rows: rows)
      let error = finiteDifferenceError(
        found.logProbabilities, of: \.logProbabilities, at: scores
      ) { loss($0, rows: rows).loss }
      #expect(error < 1e-3)
    }
  }

  @Test func `a rollout alone earns nothing, and every baseline subtracts what it names`() {
    #expect(Baseline.leaveOneOut([1], groups: [0]) == [0])
    #expect(Baseline.leaveOneOut([1, 0, 0], groups: [2, 2, 2]) == [1, -0.5, -0.5])
    #expect(Baseline.group([1, 0, 3], groups: [0, 0, 1]) == [0.5, -0.5, 0])
    #expect(Baseline.batch([1, 0, 2], groups: [0, 0, 1]) == [0, -1, 1])
    #expect(Baseline.constant(0.5)([1], groups: [0]) == [0.5])
    #expect(Baseline.none([1], groups: [0]) == [1])
  }
}
