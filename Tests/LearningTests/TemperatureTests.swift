import Foundation
import LanguageModel
import ModelFiles
import Tensors
import Testing
import Trajectories

@testable import Learning

/// Losses through a whole model at a temperature, against PyTorch in 64-bit floats.
@Suite struct TemperatureTests {
  struct File: Decodable {
    struct Row: Decodable {
      var tokens: [Token]
      var first_predicted: Int
    }
    struct Group: Decodable {
      var temperature: Double
      var normaliser: Normalizer
      var kl_coefficient: Double
      var entropy_coefficient: Double
      var loss: Double
      var gradient_norm: Double
    }
    struct Pairs: Decodable {
      var temperature: Double
      var form: PreferenceForm
      var beta: Double
      var loss: Double
      var gradient_norm: Double
    }
    var rows: [Row]
    var advantages: [Double]
    var limit: Int
    var pairs: [[Int]]
    var grpo: [Group]
    var dpo: [Pairs]

    var tokenRows: [TokenRow] {
      rows.map { TokenRow(tokens: $0.tokens, firstPredicted: $0.first_predicted) }
    }
  }

  let file: File
  let gradients: SafeTensors
  let policy: Transformer
  let old: Transformer
  let reference: Transformer

  init() throws {
    file = try Golden.read("temperature", as: File.self)
    let folder = try #require(Bundle.module.resourceURL)
    gradients = try SafeTensors(
      contentsOf: folder.appendingPathComponent("Golden/temperature.safetensors"))
    policy = try GoldenPolicy.llamaTiny()
    (old, reference) = (try Self.scaled(by: 1.0625), try Self.scaled(by: 0.9375))
  }

  /// A policy nearby: another scale of the last norm.
  static func scaled(by factor: Float) throws -> Transformer {
    let policy = try GoldenPolicy.llamaTiny()
    let norm = try #require(policy.parameters.slices.first { $0.name == "model.norm.weight" })
    for index in norm.range { policy.parameters.weights[index] *= factor }
    policy.weightsChanged()
    return policy
  }

  func expectGradient(_ norm: Double, _ name: String?, of label: String) throws {
    let found = policy.parameters.gradients
    let squares = found.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(squares.squareRoot() / norm - 1) < 2e-5, "\(label)")
    guard let name else { return }
    for slice in policy.parameters.slices {
      let wanted = try gradients.floats(of: "\(name).\(slice.name)").map(Double.init)
      #expect(Golden.error([Array(found[slice.range])], [wanted], floor: 1e-6) < 5e-5, "\(label)")
    }
  }

  @Test func `GRPO's losses and gradients at a temperature are PyTorch's`() throws {
    let rows = file.tokenRows
    #expect(file.grpo.count == 30)
    for test in file.grpo {
      var choice = ObjectiveChoice()
      choice.normalizer = test.normaliser
      choice.klCoefficient = test.kl_coefficient
      choice.entropyCoefficient = test.entropy_coefficient
      let objective = PolicyGradient(
        choice, limit: file.limit, counts: rows.map(\.predicted))
      let temperature = Float(test.temperature)
      let known = zip(
        old.score(rows, temperature: temperature), reference.score(rows, temperature: temperature))
      let graded = zip(known, file.advantages).map { scores, advantage in
        GradedRow(
          old: scores.0.logProbabilities, reference: scores.1.logProbabilities,
          advantage: advantage)
      }
      var loss = 0.0
      policy.parameters.clearGradients()
      policy.differentiate(rows, precision: .float32, temperature: temperature) { scores in
        let found = objective(scores, rows: graded)
        loss = found.loss
        return found.scoreGradients
      }
      let label = "\(test)"
      #expect(abs(loss - test.loss) < 1e-5 * max(1, abs(test.loss)), "\(label)")
      let isWhole = test.normaliser == .grpo && test.kl_coefficient > 0 && test.temperature != 1
      try expectGradient(
        test.gradient_norm, isWhole ? "grpo.\(test.temperature)" : nil, of: label)
    }
  }

  @Test func `DPO's losses and gradients at a temperature are PyTorch's`() throws {
    let rows = file.pairs.flatMap { $0.map { file.tokenRows[$0] } }
    #expect(file.dpo.count == 6)
    for test in file.dpo {
      let objective = PreferenceLoss(
        form: test.form == .ipo ? .squaredOfMeans : .sigmoid(smoothing: 0), beta: test.beta)
      let temperature = Float(test.temperature)
      let known = reference.score(rows, temperature: temperature).map(\.logProbabilities)
      var loss = 0.0
      policy.parameters.clearGradients()
      policy.differentiate(rows, precision: .float32, temperature: temperature) { scores in
        let found = objective(scores, reference: known)
        loss = found.loss
        return found.scoreGradients
      }
      let label = "\(test)"
      #expect(abs(loss - test.loss) < 1e-5 * max(1, abs(test.loss)), "\(label)")
      let isWhole = test.form == .sigmoid && test.temperature != 1
      try expectGradient(test.gradient_norm, isWhole ? "dpo.\(test.temperature)" : nil, of: label)
    }
  }

  @Test func `an update scores at the sampler's temperature unless the recipe says one`() throws {
    func metrics(_ temperature: Double, _ choice: ScoreTemperature) throws -> Metrics {
      var recipe = LoopFixture.recipe
      recipe.sampling.temperature = temperature
      recipe.objective.scoreTemperature = choice
      recipe.resets.start = .none
      return try #require(try LoopFixture(recipe).update())
    }
    let (own, one) = (try metrics(0.5, .sampling), try metrics(0.5, .one))
    #expect(own.reward == one.reward)
    // The table's policy is surer of itself at half the temperature.
    #expect(own.entropy < one.entropy && own.gradientNorm != one.gradientNorm)
    #expect(try metrics(1, .sampling) == metrics(1, .one))
  }

  @Test func `offline methods score at one unless the recipe says otherwise`() {
    #expect(Recipe.standard(for: .dpo).objective.scoreTemperature == .one)
    var recipe = Recipe.standard(for: .grpo)
    recipe.sampling.temperature = 0.7
    #expect(recipe.scoreTemperature == 0.7)
    recipe.sampling.temperature = 0
    #expect(recipe.scoreTemperature == 1)
  }

  @Test func `greedy rollouts are refused for learning, not for reading`() throws {
    var recipe = LoopFixture.recipe
    recipe.sampling.temperature = 0
    #expect(recipe.problems().isEmpty)
    let fixture = try LoopFixture(recipe)
    #expect(throws: LearningError.self) { try fixture.update() }
    #expect(try #require(recipe.trainingProblem).contains("sampling.temperature is 0"))
  }
}
