import Foundation
import LanguageModel
import Tensors
import Testing

@testable import ModelFiles

/// Scores and gradients with the logits divided by a temperature, against PyTorch in 64-bit floats.
@Suite struct TemperatureTests {
  private struct Case: Decodable {
    var temperature: Double
    var loss: Double
    var objective: Double
  }

  private func cases(_ name: String) throws -> [Case] {
    let file = try GoldenModels.golden("temperature/cases.json")
    let all = try JSONDecoder().decode([String: [Case]].self, from: Data(contentsOf: file))
    return try #require(all[name])
  }

  private func expected(_ name: String) throws -> SafeTensors {
    try SafeTensors(contentsOf: GoldenModels.golden("temperature/\(name).safetensors"))
  }

  @Test(arguments: [
    "llama-tiny", "llama-tiny-untied", "llama-tiny-llama3rope", "qwen2-tiny", "qwen3-tiny",
  ])
  func `log-probabilities and entropies at a temperature are PyTorch's`(_ name: String) throws {
    let policy = try GoldenModels.load(name)
    let inputs = try GoldenModels.inputs(name)
    let expected = try expected(name)
    let cases = try cases(name)
    #expect(cases.map(\.temperature) == [0.7, 1.3])
    for test in cases {
      let scores = policy.score(
        GoldenModels.rows(inputs), temperature: Float(test.temperature))
      for (index, score) in scores.enumerated() where !score.logProbabilities.isEmpty {
        let logs = try expected.floats(of: "logprob.\(test.temperature).\(index)")
        let entropies = try expected.floats(of: "entropy.\(test.temperature).\(index)")
        #expect(GoldenModels.distance(score.logProbabilities, logs) < 5e-5)
        #expect(GoldenModels.distance(score.entropies, entropies) < 5e-5)
      }
      let sum = scores.flatMap(\.logProbabilities).reduce(0.0) { $0 + Double($1) }
      #expect(abs(-sum / Double(inputs.predicted_tokens) - test.loss) < 1e-5)
    }
  }

  @Test(arguments: ["llama-tiny", "qwen2-tiny"], [1 << 28, 0])
  func `both gradients at a temperature are PyTorch's, with kept logits and with none`(
    _ name: String, logitLimit: Int
  ) throws {
    let policy = try GoldenModels.load(name)
    policy.logitLimit = logitLimit
    let inputs = try GoldenModels.inputs(name)
    let share = -1 / Float(inputs.predicted_tokens)
    for test in try cases(name) {
      policy.parameters.clearGradients()
      differentiate(policy, inputs, test) {
        $0.map { ScoreGradients(logProbabilities: $0.logProbabilities.map { _ in share }) }
      }
      try expectGradients(policy, name, "loss.\(test.temperature)")
      policy.parameters.clearGradients()
      var objective = 0.0
      differentiate(policy, inputs, test) { scores in
        for (score, coefficients) in zip(scores, inputs.coefficients) {
          objective += zip(score.logProbabilities, coefficients.c).reduce(0) {
            $0 + Double($1.0) * Double($1.1)
          }
          objective += zip(score.entropies, coefficients.e).reduce(0) {
            $0 + Double($1.0) * Double($1.1)
          }
        }
        return inputs.coefficients.map { ScoreGradients(logProbabilities: $0.c, entropies: $0.e) }
      }
      #expect(abs(objective - test.objective) < 5e-4)
      try expectGradients(policy, name, "objective.\(test.temperature)")
    }
  }

  private func differentiate(
    _ policy: Transformer, _ inputs: GoldenModels.Inputs, _ test: Case,
    objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    policy.differentiate(
      GoldenModels.rows(inputs), precision: .float32, temperature: Float(test.temperature),
      objective: objective)
  }

  private func expectGradients(_ policy: Transformer, _ name: String, _ kind: String) throws {
    let expected = try expected(name)
    for slice in policy.parameters.slices {
      let reference = try expected.floats(of: "grad.\(kind).\(slice.name)")
      let largest = reference.reduce(0) { max($0, $1.magnitude) }
      let distance = GoldenModels.distance(policy.parameters.gradients[slice.range], reference)
      #expect(distance <= 5e-5 * largest, "\(kind) \(slice.name)")
    }
  }

  @Test func `temperature 1 changes no bit, and parts are the whole at any other`() {
    let rows = (0..<20).map { row in
      TokenRow(tokens: (0..<12).map { Token((row * 5 + $0) % 50) }, firstPredicted: 3)
    }
    let policy = smallPolicy()
    #expect(policy.score(rows) == policy.score(rows, temperature: 1))
    #expect(policy.score(rows) != policy.score(rows, temperature: 0.9))
    let gradients = [1 << 28, 40_000].map { limit -> [Float] in
      let policy = smallPolicy()
      policy.activationLimit = limit
      policy.differentiate(rows, precision: .float32, temperature: 0.6) { scores in
        #expect(scores == policy.score(rows, temperature: 0.6))
        return scores.map { ScoreGradients(logProbabilities: $0.logProbabilities) }
      }
      return withExtendedLifetime(policy) { Array(policy.parameters.gradients) }
    }
    let largest = gradients[0].reduce(0) { max($0, $1.magnitude) }
    #expect(GoldenModels.distance(gradients[0], gradients[1]) < 1e-5 * largest)
  }

  @Test func `what is drawn at a temperature is scored as it was drawn`() throws {
    let policy = smallPolicy()
    var sampling = Sampling()
    sampling.temperature = 0.7
    let prefix: [Token] = [3, 1, 4]
    let drawn = try policy.continuations(
      of: [RolloutRequest(prefix: prefix, seeds: [1, 2, 3], limit: 20)], sampling: sampling,
      endTokens: []
    )[0]
    let rows = drawn.map { TokenRow(tokens: prefix + $0.tokens, firstPredicted: prefix.count) }
    for (scores, drawn) in zip(policy.score(rows, temperature: 0.7), drawn) {
      #expect(GoldenModels.distance(scores.logProbabilities, drawn.logProbabilities) < 1e-4)
    }
    #expect(
      GoldenModels.distance(policy.score(rows)[0].logProbabilities, drawn[0].logProbabilities)
        > 1e-2)
  }
}
