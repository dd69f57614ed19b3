import Foundation
import LanguageModel
import Learning
import Tensors
import Testing
import Trajectories

@Suite struct PolicyGradientTests {
  struct File: Decodable {
    var datasets: [String: Table]
    var cases: [Case]
  }

  struct Table: Decodable {
    var logprob: [[Float]]
    var old_logprob: [[Float]]
    var ref_logprob: [[Float]]
    var entropy: [[Float]]
    var mask: [[Int]]
    var advantages: [Double]

    var scores: [TokenScores] {
      zip(logprob, entropy).map { TokenScores(logProbabilities: $0, entropies: $1) }
    }

    var rows: [GradedRow] {
      logprob.indices.map {
        GradedRow(
          old: old_logprob[$0], reference: ref_logprob[$0], advantage: advantages[$0],
          mask: mask[$0].map { $0 != 0 })
      }
    }
  }

  struct Case: Decodable {
    var name: String
    var dataset: String
    var params: Parameters
    var expected: Expected
  }

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

    var objective: PolicyGradient {
      var objective = PolicyGradient()
      objective.ratio = importance_sampling_level == "token" ? .token : .sequence
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

  @Test func `losses and gradients are those of TRL and verl`() throws {
    let file = try Golden.read("grpo", as: File.self)
    #expect(file.cases.count == 35)
    for test in file.cases {
      let table = try #require(file.datasets[test.dataset])
      let found = test.params.objective(table.scores, rows: table.rows)
      #expect(
        abs(found.loss - test.expected.loss) <= 1e-5 * max(1, abs(test.expected.loss)),
        "\(test.name)")
      #expect(
        Golden.error(found.logProbabilities, test.expected.grad_logprob) <= 1e-5, "\(test.name)")
      let entropies =
        found.entropies.isEmpty
        ? table.entropy.map { $0.map { _ in 0 } }
        : found.entropies
      #expect(Golden.error(entropies, test.expected.grad_entropy) <= 1e-5, "\(test.name)")
    }
  }

  static let objectives: [PolicyGradient] = {
    let penalties: [KullbackLeibler] = [.none, .k1(0.3), .k2(0.3), .k3(0.3), .k3TimesRatio(0.3)]
    let averages: [PolicyGradient.Averaging] = [
      .sequences(), .tokens(), .tokens(total: 31), .constantLength(9),
    ]
    return penalties.flatMap { penalty in
      averages.flatMap { averaging in
        [PolicyGradient.Ratio.token, .sequence].map { ratio in
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
      found.logProbabilities, at: scores.map(\.logProbabilities)
    ) { point in
      objective(
        zip(point, scores).map { TokenScores(logProbabilities: $0, entropies: $1.entropies) },
        rows: rows
      ).loss
    }
    let byEntropy = finiteDifferenceError(found.entropies, at: scores.map(\.entropies)) { point in
      objective(
        zip(point, scores).map {
          TokenScores(logProbabilities: $1.logProbabilities, entropies: $0)
        }, rows: rows
      ).loss
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
    let tokens = table.mask.reduce(0) { $0 + $1.reduce(0, +) }
    for normaliser in [Normaliser.grpo, .dapo, .drGrpo] {
      choice.normaliser = normaliser
      let whole = PolicyGradient(choice, limit: 16)(table.scores, rows: table.rows)
      let objective = PolicyGradient(choice, limit: 16, rows: 6, tokens: tokens)
      let parts = [0..<2, 2..<6].map { range in
        objective(Array(table.scores[range]), rows: Array(table.rows[range]))
      }
      #expect(abs(whole.loss - parts[0].loss - parts[1].loss) < 1e-12)
      #expect(whole.logProbabilities == parts.flatMap(\.logProbabilities))
      #expect(whole.entropies == parts.flatMap(\.entropies))
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
