import Comparing
import Foundation
import LanguageModel
import ModelFiles
import Tensors
import Testing

/// Tolerances are ten times the error of a plain 32-bit PyTorch evaluation.
@Suite struct TransformerTests {
  @Test(arguments: Fixtures.models)
  func `logits are those of transformers`(_ name: String) throws {
    let policy = try GoldenModels.load(name)
    let expected = try GoldenModels.expected(name)
    for (index, tokens) in try GoldenModels.inputs(name).sequences.enumerated() {
      let logits = policy.logits(tokens).flatMap(\.self)
      let reference = try expected.floats(of: "logits.\(index)")
      #expect(logits.count == reference.count)
      #expect(GoldenModels.distance(logits, reference) < 1e-4)
    }
  }

  @Test(arguments: Fixtures.models)
  func `log-probabilities and entropies are those of transformers`(_ name: String) throws {
    let policy = try GoldenModels.load(name)
    let inputs = try GoldenModels.inputs(name)
    let expected = try GoldenModels.expected(name)
    let scores = policy.score(GoldenModels.rows(inputs))
    for (index, score) in scores.enumerated() {
      #expect(score.logProbabilities.count == inputs.sequences[index].count - 1)
      guard !score.logProbabilities.isEmpty else { continue }
      let logProbabilities = try expected.floats(of: "logprob.\(index)")
      let entropies = try expected.floats(of: "entropy.\(index)")
      #expect(GoldenModels.distance(score.logProbabilities, logProbabilities) < 5e-5)
      #expect(GoldenModels.distance(score.entropies, entropies) < 5e-5)
    }
    let sum = scores.flatMap(\.logProbabilities).reduce(0.0) { $0 + Double($1) }
    #expect(abs(-sum / Double(inputs.predicted_tokens) - inputs.loss) < 1e-5)
  }

  @Test(arguments: Fixtures.models)
  func `the gradient of the mean loss is PyTorch's`(_ name: String) throws {
    let policy = try GoldenModels.load(name)
    let inputs = try GoldenModels.inputs(name)
    let share = -1 / Float(inputs.predicted_tokens)
    policy.differentiate(GoldenModels.rows(inputs)) { scores in
      scores.map {
        ScoreGradients(
          logProbabilities: Array(repeating: share, count: $0.logProbabilities.count))
      }
    }
    try expectGradients(policy, name, "loss")
  }

  @Test(arguments: Fixtures.models)
  func `the gradient of log-probabilities and entropies is PyTorch's`(_ name: String) throws {
    let policy = try GoldenModels.load(name)
    let inputs = try GoldenModels.inputs(name)
    var objective = 0.0
    policy.differentiate(GoldenModels.rows(inputs)) { scores in
      for (score, coefficients) in zip(scores, inputs.coefficients) {
        for (value, c) in zip(score.logProbabilities, coefficients.c) {
          objective += Double(value) * Double(c)
        }
        for (value, e) in zip(score.entropies, coefficients.e) {
          objective += Double(value) * Double(e)
        }
      }
      return inputs.coefficients.map { ScoreGradients(logProbabilities: $0.c, entropies: $0.e) }
    }
    #expect(abs(objective - inputs.objective) < 5e-4)
    try expectGradients(policy, name, "objective")
  }

  private func expectGradients(_ policy: Transformer, _ name: String, _ kind: String) throws {
    let expected = try GoldenModels.expected(name)
    for slice in policy.parameters.slices {
      let reference = try expected.floats(of: "grad.\(kind).\(slice.name)")
      let largest = reference.reduce(0) { max($0, $1.magnitude) }
      let distance = GoldenModels.distance(policy.parameters.gradients[slice.range], reference)
      #expect(distance <= 5e-5 * largest, "\(slice.name)")
    }
  }

  @Test func `gradients are added to those already there`() {
    let policy = smallPolicy()
    let rows = [TokenRow(tokens: [1, 2, 3, 4], firstPredicted: 2)]
    let answer = [ScoreGradients(logProbabilities: [1, -0.5])]
    policy.differentiate(rows) { _ in answer }
    let once = Array(policy.parameters.gradients)
    policy.differentiate(rows) { _ in answer }
    #expect(GoldenModels.distance(policy.parameters.gradients, once.map { 2 * $0 }) < 1e-5)
    policy.parameters.clearGradients()
    #expect(policy.parameters.gradients.allSatisfy { $0 == 0 })
  }

  @Test func `only predicted tokens are scored`() {
    let policy = smallPolicy()
    let tokens: [Token] = [3, 1, 4, 1, 5, 9, 2, 6]
    let whole = policy.score([TokenRow(tokens: tokens, firstPredicted: 1)])[0]
    let tail = policy.score([TokenRow(tokens: tokens, firstPredicted: 5)])[0]
    expectEqual(tail.logProbabilities, Array(whole.logProbabilities[4...]))
    expectEqual(tail.entropies, Array(whole.entropies[4...]))
  }

  @Test func `rows without predictions get empty scores`() {
    let policy = smallPolicy()
    let rows = [
      TokenRow(tokens: [7], firstPredicted: 1), TokenRow(tokens: [], firstPredicted: 1),
      TokenRow(tokens: [1, 2], firstPredicted: 1), TokenRow(tokens: [1, 2], firstPredicted: 2),
    ]
    #expect(policy.score(rows).map(\.logProbabilities.count) == [0, 0, 1, 0])
    #expect(policy.score([]).isEmpty)
    policy.differentiate([rows[0]]) { _ in [ScoreGradients(logProbabilities: [])] }
    #expect(policy.parameters.gradients.allSatisfy { $0 == 0 })
  }

  @Test func `a row scores the same alone and among others`() {
    let policy = smallPolicy(family: .qwen3)
    let rows = (0..<40).map { row in
      TokenRow(
        tokens: (0..<(5 + row % 31)).map { Token((row * 7 + $0 * 3) % 50) }, firstPredicted: 1)
    }
    let together = policy.score(rows)
    for index in [0, 17, 39] { #expect(policy.score([rows[index]])[0] == together[index]) }
  }

  @Test func `a batch too large for memory is differentiated in parts`() {
    let rows = (0..<20).map { row in
      TokenRow(tokens: (0..<12).map { Token((row * 5 + $0) % 50) }, firstPredicted: 3)
    }
    let gradients = [1 << 28, 40_000].map { limit -> [Float] in
      let policy = smallPolicy()
      policy.activationLimit = limit
      var asked = 0
      policy.differentiate(rows) { scores in
        asked += scores.count
        return scores.map { ScoreGradients(logProbabilities: $0.logProbabilities) }
      }
      #expect(asked == 20)
      return withExtendedLifetime(policy) { Array(policy.parameters.gradients) }
    }
    let largest = gradients[0].reduce(0) { max($0, $1.magnitude) }
    #expect(GoldenModels.distance(gradients[0], gradients[1]) < 1e-5 * largest)
    #expect(largest > 0)
  }

  @Test func `fresh weights follow the seed, and a copy is free of its original`() {
    let policy = smallPolicy(seed: 5)
    expectEqual(weights(policy), weights(smallPolicy(seed: 5)))
    #expect(weights(policy) != weights(smallPolicy(seed: 6)))
    let twin = policy.copy()
    let row = [TokenRow(tokens: [1, 2, 3], firstPredicted: 1)]
    #expect(twin.score(row) == policy.score(row))
    twin.parameters.weights[0] += 1
    #expect(weights(policy) != weights(twin))
  }

  private func weights(_ policy: Transformer) -> [Float] {
    withExtendedLifetime(policy) { Array(policy.parameters.weights) }
  }
}
