import Foundation
import LanguageModel
import Learning
import Tensors
import Testing

@Suite struct PPOTests {
  typealias Table = CreditedTable<[Double]>
  typealias File = GoldenLosses<Table, Parameters, Expected>

  /// The section of advantages.
  struct Credits: Decodable {
    struct Parameters: Decodable {
      var gamma: Double
      var lambda: Double
      var kl_beta: Double
      var kl_kind: String
    }
    struct Expected: Decodable {
      var token_rewards: [[Double]]
      var advantages: [[Double]]
      var returns: [[Double]]
      var whitened_advantages: [[Double]]
    }
    var datasets: [String: Table]
    var gae: [GoldenCase<Parameters, Expected>]
  }

  struct Parameters: Decodable {
    var clip_low: Double
    var clip_high: Double
    var dual_clip: Double?
    var value_clip: Double?
    var aggregation: String
    var policy_coef: Double
    var value_coef: Double
    var entropy_coef: Double

    var policy: PolicyGradient {
      var policy = PolicyGradient()
      (policy.clipLow, policy.clipHigh, policy.dualClip) = (clip_low, clip_high, dual_clip)
      policy.averaging = .init(verl: aggregation)
      return policy
    }
  }

  struct Expected: Decodable {
    var loss: Double
    var grad_logprob: [[Double]]
    var grad_value: [[Double]]
    var grad_entropy: [[Double]]
    var policy_loss: Double
    var value_loss: Double
    var mean_entropy: Double
    var clip_fraction: Double
    var approx_kl_k1: Double
    var approx_kl_k2: Double
    var approx_kl_k3: Double
  }

  @Test func `token rewards, advantages and returns are those of TRL and verl`() throws {
    let file = try Golden.read("ppo", as: Credits.self)
    try file.gae.check(on: file.datasets, count: 6) { test, data in
      let table = data.table
      let scores = try #require(table.rewards)
      let old = try #require(table.old_value)
      let reward = TokenRewards(
        coefficient: test.params.kl_beta, estimate: test.params.kl_kind == "k1" ? .k1 : .k3)
      let rewards = zip(scores, table.rows).map { reward(score: $0, row: $1) }
      #expect(Golden.error(rewards, test.expected.token_rewards, floor: 1) < 1e-6, "\(test.name)")
      let credit = GeneralizedAdvantage(gamma: test.params.gamma, lambda: test.params.lambda)
      let found = table.mask.indices.map {
        credit(rewards[$0], values: old[$0].map(Double.init), counted: table.counted[$0])
      }
      #expect(
        Golden.error(found.map(\.advantages), test.expected.advantages, floor: 1) < 1e-5,
        "\(test.name)")
      #expect(
        Golden.error(found.map(\.returns), test.expected.returns, floor: 1) < 1e-5, "\(test.name)")
      let white = Whitening.apply(found.map(\.advantages), counted: table.counted)
      #expect(
        Golden.error(white, test.expected.whitened_advantages, floor: 1) < 1e-5, "\(test.name)")
    }
  }

  @Test func `losses and gradients are those of TRL, verl and OpenRLHF`() throws {
    try File.check("ppo", count: 14) { test, data in
      let (want, it) = (test.expected, test.params)
      // Policy, value and entropy with the weights of the case, which may be 0.
      var policy = it.policy
      let alone = policy(data.scores, rows: data.rows)
      close(alone.loss, want.policy_loss, test.name)
      policy.entropyCoefficient = it.entropy_coef
      let loss = ActorCritic(
        policy: policy, value: ValueLoss(clip: it.value_clip), coefficient: it.value_coef)
      let found = loss(data.scores, rows: data.rows)
      close(found.valueLoss, want.value_loss, test.name)
      let shift = (it.policy_coef - 1) * alone.loss
      var gradient = found.gradient
      gradient.loss += shift
      gradient.logProbabilities = gradient.logProbabilities.map { row in
        row.map { Float(it.policy_coef) * $0 }
      }
      gradient.expect(
        loss: want.loss, .relative, gradient: want.grad_logprob, entropies: want.grad_entropy,
        of: test.name)
      #expect(Golden.error(gradient.values, want.grad_value) <= 1e-5, "\(test.name)")
    }
  }

  @Test func `what a step did to the policy is measured as verl measures it`() throws {
    try File.check("ppo", count: 14) { test, data in
      let found = test.params.policy.movement(data.scores, rows: data.rows)
      close(found.clippedShare, test.expected.clip_fraction, test.name)
      close(found.entropy, test.expected.mean_entropy, test.name)
      close(found.k1, test.expected.approx_kl_k1, test.name)
      close(found.k2, test.expected.approx_kl_k2, test.name)
      close(found.k3, test.expected.approx_kl_k3, test.name)
    }
  }

  private func close(_ found: Double, _ expected: Double, _ name: String) {
    #expect(abs(found - expected) <= 1e-5 * max(1, abs(expected)), "\(name)")
  }

  @Test(arguments: [nil, 0.3], [nil, 1.7])
  func `gradients are finite differences of the loss`(valueClip: Double?, dualClip: Double?) {
    var random = Random(seed: 5)
    var (scores, rows): ([TokenScores], [GradedRow]) = ([], [])
    while rows.count < 5 {
      let made = Self.row(&random)
      // Away from every kink, so that a difference does not step over one.
      guard made.isSmooth else { continue }
      scores.append(made.scores)
      rows.append(made.row)
    }
    var policy = PolicyGradient()
    policy.dualClip = dualClip
    policy.entropyCoefficient = 0.05
    let loss = ActorCritic(policy: policy, value: ValueLoss(clip: valueClip), coefficient: 0.7)
    let found = loss(scores, rows: rows).gradient
    func error(
      _ slopes: [[Float]], _ part: WritableKeyPath<TokenScores, [Float]>
    ) -> Double {
      finiteDifferenceError(slopes, of: part, at: scores) { loss($0, rows: rows).gradient.loss }
    }
    #expect(error(found.logProbabilities, \.logProbabilities) < 1e-3)
    #expect(error(found.values, \.values) < 1e-3)
    #expect(error(found.entropies, \.entropies) < 1e-4)
  }

  private static func row(
    _ random: inout Random
  ) -> (scores: TokenScores, row: GradedRow, isSmooth: Bool) {
    func draw(_ low: Float, _ high: Float) -> [Float] {
      (0..<5).map { _ in low + (high - low) * random.uniform() }
    }
    let (logs, moved, old) = (draw(-3, -0.1), draw(-0.9, 0.9), draw(-1, 1))
    let values = zip(old, draw(-0.8, 0.8)).map { $0 + $1 }
    var row = GradedRow(old: zip(logs, moved).map { $0 - $1 }, advantage: 0)
    row.advantages = draw(-2, 2).map(Double.init)
    row.oldValues = old
    row.returns = draw(-1, 1).map(Double.init)
    let isSmooth = (0..<5).allSatisfy { token in
      let ratio = Double(exp(moved[token]))
      let step = Double(values[token] - old[token])
      let free = Double(values[token]) - row.returns[token]
      let held = Double(old[token]) + (step > 0 ? 0.3 : -0.3) - row.returns[token]
      return [0.8, 1.2, 1.7].allSatisfy { abs(ratio - $0) > 0.05 }
        && abs(abs(step) - 0.3) > 0.02 && abs(abs(free) - abs(held)) > 0.02
    }
    let scores = TokenScores(
      logProbabilities: logs, entropies: draw(0, 2), values: values)
    return (scores, row, isSmooth)
  }

  @Test func `a critic that knows everything explains it, one that knows a mean explains nothing`()
  {
    #expect(ExplainedVariance.of([1, 0, 1, 0], by: [1, 0, 1, 0]) == 1)
    #expect(ExplainedVariance.of([1, 0, 1, 0], by: [0.5, 0.5, 0.5, 0.5]) == 0)
    #expect(ExplainedVariance.of([1, 0], by: [0, 1]) == -3)
    #expect(ExplainedVariance.of([1, 1], by: [0, 1]) == nil)
  }

  @Test func `the pull grows above its target and falls below it, by a fifth at most`() {
    let adaptive = AdaptiveCoefficient(target: 0.1, horizon: 1000)
    #expect(adaptive(0.5, measured: 0.11, rollouts: 100) > 0.5)
    #expect(adaptive(0.5, measured: 9, rollouts: 100) == 0.5 * (1 + 0.2 * 100 / 1000))
    #expect(adaptive(0.5, measured: 0, rollouts: 100) == 0.5 * (1 - 0.2 * 100 / 1000))
  }
}
