import Foundation
import LanguageModel
import Learning
import Tensors
import Testing
import Trajectories

@Suite struct PolicyGradientTests {
  struct Parameters: Decodable {
    var loss_type: String
    var epsilon_low: Double
    var epsilon_high: Double
    var beta: Double
    var kl: String?
    var importance_sampling_level: String
    var delta: Double?
    var entropy_coef: Double
    var max_completion_length: Int
    var average: String?

    var objective: PolicyGradient {
      var objective = PolicyGradient()
      objective.ratio =
        loss_type == "cispo" ? .cispo : importance_sampling_level == "token" ? .token : .sequence
      objective.averaging =
        switch loss_type {
        case "grpo": .sequences()
        case "dr_grpo": .constantLength(max_completion_length)
        default: .tokens()
        }
      objective.clipLow = epsilon_low
      objective.clipHigh = epsilon_high
      objective.ceiling = delta
      objective.entropyCoefficient = entropy_coef
      objective.penalty =
        switch kl {
        case "k1": .k1(beta)
        case "k2": .k2(beta)
        case "k3": .k3(beta)
        case "k3+": .k3WithGradientOfK2(beta)
        case "k3_times_ratio": .k3TimesRatio(beta)
        default: .none
        }
      return objective
    }
  }

  struct Expected: Decodable {
    var loss: Double
    var grad_logprob: [[Double]]
    var grad_entropy: [[Double]]
  }

  typealias File = GoldenLosses<CreditedTable<Double>, Parameters, Expected>

  @Test func `losses and gradients are those of TRL and verl`() throws {
    try File.check("grpo", count: 35) { test, table in
      let expected = test.expected
      test.params.objective(table.scores, rows: table.rows).expect(
        loss: expected.loss, .relative, gradient: expected.grad_logprob,
        entropies: expected.grad_entropy, of: test.name)
    }
  }

  @Test func `losses and gradients of CISPO are PyTorch's`() throws {
    try File.check("cispo", count: 12) { test, table in
      var objective = test.params.objective
      objective.averaging =
        switch test.params.average {
        case "tokens": .tokens()
        case "constant": .constantLength(test.params.max_completion_length)
        default: .sequences()
        }
      objective(table.scores, rows: table.rows).expect(
        loss: test.expected.loss, .relative, gradient: test.expected.grad_logprob,
        entropies: test.expected.grad_entropy, of: test.name)
    }
  }

  @Test func `with CISPO a token beyond the clip still learns`() {
    let scores = [TokenScores(logProbabilities: [-0.5, -3], entropies: [1, 1])]
    let row = GradedRow(old: [-2.5, -1], advantage: 1)
    var objective = PolicyGradient()
    objective.averaging = .tokens()
    #expect(objective(scores, rows: [row]).logProbabilities[0][0] == 0)
    objective.ratio = .cispo
    // −A times the clipped ratio, 1.2 and 0.8, over two tokens.
    let slopes = objective(scores, rows: [row]).logProbabilities[0]
    #expect(abs(slopes[0] + 0.6) < 1e-6 && abs(slopes[1] + 0.4) < 1e-6)
  }

  static let objectives: [PolicyGradient] = {
    let penalties: [KullbackLeibler] = [.none, .k1(0.3), .k2(0.3), .k3(0.3), .k3TimesRatio(0.3)]
    let averages: [PolicyGradient.Averaging] = [
      .sequences(), .tokens(), .tokens(total: 31), .constantLength(9),
    ]
    return penalties.flatMap { penalty in
      averages.flatMap { averaging in
        [RatioChoice.token, .sequence].map { ratio in
          var objective = PolicyGradient()
          objective.penalty = penalty
          objective.averaging = averaging
          objective.ratio = ratio
          objective.ceiling = 1.6
          objective.entropyCoefficient = 0.1
          return objective
        }
      }
    }
  }()

  @Test(arguments: objectives) func `gradients are finite differences of the loss`(
    objective: PolicyGradient
  ) {
    var random = Random(seed: 11)
    // Ratios stay 0.05 away from every kink, so that a difference does not step over one.
    let kinks: [Float] = [0.8, 1.2, 1.6]
    var scores: [TokenScores] = []
    var rows: [GradedRow] = []
    while rows.count < 6 {
      let logs = (0..<5).map { _ in -3 * random.uniform() - 0.1 }
      let old = logs.map { $0 + 0.9 * random.uniform() - 0.45 }
      let ratios = zip(logs, old).map { exp($0 - $1) }
      let mean = exp(zip(logs, old).reduce(0) { $0 + $1.0 - $1.1 } / 5)
      let near = (ratios + [mean]).contains { ratio in kinks.contains { abs($0 - ratio) < 0.05 } }
      guard !near else { continue }
      scores.append(
        TokenScores(logProbabilities: logs, entropies: logs.map { _ in random.uniform() }))
      rows.append(
        GradedRow(
          old: old, reference: logs.map { $0 + random.uniform() - 0.5 },
          advantage: Double(random.uniform()) * 4 - 2))
    }
    let found = objective(scores, rows: rows)
    let byLog = finiteDifferenceError(
      found.logProbabilities, of: \.logProbabilities, at: scores
    ) { objective($0, rows: rows).loss }
    let byEntropy = finiteDifferenceError(found.entropies, of: \.entropies, at: scores) {
      objective($0, rows: rows).loss
    }
    #expect(byLog < 1e-3)
    #expect(byEntropy < 1e-4)
  }

  @Test func `parts of a batch add up to the whole`() throws {
    let table = try #require(
      try Golden.read("grpo", as: File.self).datasets["grpo_holes"])
    var choice = ObjectiveChoice()
    choice.klCoefficient = 0.1
    choice.entropyCoefficient = 0.01
    for normalizer in Normalizer.allCases {
      choice.normalizer = normalizer
      let whole = PolicyGradient(choice, limit: 16)(table.scores, rows: table.rows)
      let objective = PolicyGradient(choice, limit: 16, counts: table.table.counted.map(\.count))
      let parts = [0..<2, 2..<6].map { range in
        objective(Array(table.scores[range]), rows: Array(table.rows[range]))
      }
      whole.expect(parts: parts)
    }
  }

  @Test func `the clip ratio counts tokens outside the range`() {
    let scores = [TokenScores(logProbabilities: [0, -0.5, -1], entropies: [1, 2, 6])]
    let row = GradedRow(old: [0, -1, -1], reference: [0, -0.5, -1], advantage: 1)
    let found = PolicyGradient().measures(scores, rows: [row])
    #expect(found.clipRatio == 1.0 / 3)
    #expect(found.entropy == 3)
    #expect(found.kl == 0)
    #expect(PolicyGradient().measures([], rows: []).entropy == 0)
  }
}
