import Comparing
import Foundation
import LanguageModel
import Tensors
import Testing

@testable import ModelFiles

/// Tolerances are those of golden/README: ten times the error of a plain 32-bit evaluation.
@Suite struct LowRankTests {
  static let folders = ["lora", "lora/rslora"]

  private func load(_ folder: String) throws -> (policy: Transformer, expected: SafeTensors) {
    let base = try GoldenModels.load("llama-tiny")
    let folder = try GoldenModels.golden(folder)
    let adapter = try AdapterFiles.load(folder, for: base.architecture)
    return (
      base.adapted(by: adapter),
      try SafeTensors(contentsOf: folder.appendingPathComponent("expected.safetensors"))
    )
  }

  @Test(arguments: folders)
  func `an adapted policy says what PEFT's says`(_ folder: String) throws {
    let (policy, expected) = try load(folder)
    let inputs = try GoldenModels.inputs("llama-tiny")
    let scores = policy.score(GoldenModels.rows(inputs))
    for (index, tokens) in inputs.sequences.enumerated() {
      let logits = policy.logits(tokens).flatMap(\.self)
      #expect(GoldenModels.distance(logits, try expected.floats(of: "logits.\(index)")) < 1e-4)
      guard tokens.count > 1 else { continue }
      let logProbabilities = try expected.floats(of: "logprob.\(index)")
      let entropies = try expected.floats(of: "entropy.\(index)")
      #expect(GoldenModels.distance(scores[index].logProbabilities, logProbabilities) < 5e-5)
      #expect(GoldenModels.distance(scores[index].entropies, entropies) < 5e-5)
    }
  }

  @Test(arguments: folders)
  func `the gradients of A and B are PEFT's`(_ folder: String) throws {
    let (policy, expected) = try load(folder)
    let inputs = try GoldenModels.inputs("llama-tiny")
    let share = -1 / Float(inputs.predicted_tokens)
    var loss = 0.0
    policy.differentiate(GoldenModels.rows(inputs)) { scores in
      loss = scores.flatMap(\.logProbabilities).reduce(0) { $0 + Double(share) * Double($1) }
      return scores.map {
        ScoreGradients(logProbabilities: $0.logProbabilities.map { _ in share })
      }
    }
    #expect(abs(loss - Double(try expected.floats(of: "loss")[0])) < 1e-5)
    for slice in policy.parameters.slices {
      let reference = try expected.floats(of: "grad.\(slice.name)")
      let largest = reference.reduce(0) { max($0, $1.magnitude) }
      let distance = GoldenModels.distance(policy.parameters.gradients[slice.range], reference)
      #expect(distance <= 5e-5 * largest, "\(slice.name)")
    }
  }

  @Test(arguments: folders)
  func `merged weights are PEFT's, and make the same model`(_ folder: String) throws {
    let (policy, expected) = try load(folder)
    let merged = policy.mergedParameters()
    var compared = 0
    for slice in merged.slices {
      let name = "merged." + slice.name
      guard expected.names.contains(name) else { continue }
      compared += 1
      #expect(
        GoldenModels.distance(merged.weights[slice.range], try expected.floats(of: name)) < 1e-5)
    }
    #expect(compared == 6)
    let whole = Transformer(architecture: policy.architecture, parameters: merged)
    expectEqual(whole.logits([1, 2, 3]), policy.logits([1, 2, 3]))
  }

  @Test(arguments: SmallShape.allCases)
  func `gradients of every target agree with finite differences`(
    _ family: SmallShape
  ) {
    let base = smallPolicy(seed: 3, family: family)
    var settings = LowRankSettings()
    (settings.rank, settings.alpha) = (3, 4)
    let adapter = LowRankAdapter(architecture: base.architecture, settings: settings, seed: 5)
    adapter.stir()
    let policy = base.adapted(by: adapter)
    let rows = [
      TokenRow(tokens: [3, 1, 4, 1, 5, 9, 2, 6], firstPredicted: 2),
      TokenRow(tokens: [2, 7, 1, 8], firstPredicted: 1),
    ]
    func objective() -> Double {
      policy.weightsChanged()
      let scores = policy.score(rows)
      let likelihood = scores.flatMap(\.logProbabilities).reduce(0.0) { $0 + Double($1) }
      let entropy = scores.flatMap(\.entropies).reduce(0.0) { $0 + Double($1) }
      return likelihood + 0.3 * entropy
    }
    policy.differentiate(rows) { scores in
      scores.map {
        ScoreGradients(
          logProbabilities: $0.logProbabilities.map { _ in 1 },
          entropies: $0.entropies.map { _ in 0.3 })
      }
    }
    let weights = adapter.parameters.weights
    for slice in adapter.parameters.slices {
      // Along the gradient the difference is largest, so it stands out of rounding.
      let gradient = Array(adapter.parameters.gradients[slice.range])
      let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(length > 1e-3, "\(slice.name)")
      let before = Array(weights[slice.range])
      // Small where the slope is steep, since curvature would show.
      let step = min(2e-2, 0.05 / length)
      func value(_ sign: Double) -> Double {
        for (place, index) in slice.range.enumerated() {
          weights[index] = before[place] + Float(sign * step * Double(gradient[place]) / length)
        }
        return objective()
      }
      let slope = (value(1) - value(-1)) / (2 * step)
      for (place, index) in slice.range.enumerated() { weights[index] = before[place] }
      #expect(abs(slope - length) < 2e-2 * length + 1e-3, "\(slice.name): \(slope), \(length)")
    }
  }

  @Test func `a fresh adapter changes nothing and follows its seed`() {
    let base = smallPolicy()
    let adapter = LowRankAdapter(
      architecture: base.architecture, settings: LowRankSettings(), seed: 1)
    #expect(adapter.isIdentity)
    let policy = base.adapted(by: adapter)
    let row = [TokenRow(tokens: [1, 2, 3, 4, 5], firstPredicted: 1)]
    #expect(policy.score(row) == base.score(row))
    let other = LowRankAdapter(
      architecture: base.architecture, settings: LowRankSettings(), seed: 2)
    #expect(Array(adapter.parameters.weights) != Array(other.parameters.weights))
    let bound = 1 / Float(base.architecture.width).squareRoot()
    let a = adapter.parameters.weights[adapter.parameters.slices[0].range]
    #expect(a.allSatisfy { abs($0) <= bound })
    #expect(a.contains { abs($0) > 0.9 * bound } && a.contains { abs($0) < 0.1 * bound })
    adapter.stir()
    policy.weightsChanged()
    #expect(!adapter.isIdentity && policy.score(row) != base.score(row))
  }

  @Test func `a copy shares the weights beneath and nothing that learns`() {
    let base = smallPolicy()
    let adapter = LowRankAdapter(
      architecture: base.architecture, settings: LowRankSettings(), seed: 1)
    adapter.stir()
    let policy = base.adapted(by: adapter)
    let twin = policy.copy()
    let row = [TokenRow(tokens: [1, 2, 3, 4, 5], firstPredicted: 1)]
    let before = policy.score(row)
    #expect(twin.score(row) == before)
    #expect(twin.base === policy.base)
    twin.parameters.weights.update(repeating: 0)
    twin.weightsChanged()
    #expect(policy.score(row) == before)
    #expect(twin.score(row) == base.score(row))
  }

  @Test func `decoding with an adapter draws at the probabilities that scoring finds`() throws {
    let base = smallPolicy()
    let adapter = LowRankAdapter(
      architecture: base.architecture, settings: LowRankSettings(), seed: 1)
    adapter.stir()
    let policy = base.adapted(by: adapter)
    let drawn = try policy.continuations(
      of: [RolloutRequest(prefix: [1, 2, 3], seeds: [4, 5], limit: 12)], sampling: Sampling(),
      endTokens: [])[0]
    for one in drawn {
      let row = TokenRow(tokens: [1, 2, 3] + one.tokens, firstPredicted: 3)
      let scores = policy.score([row])[0]
      #expect(GoldenModels.distance(scores.logProbabilities, one.logProbabilities) < 1e-4)
    }
  }
}

extension LowRankAdapter {
  /// Fills every matrix with numbers, so that nothing is hidden by a zero.
  func stir() {
    for index in parameters.weights.indices {
      parameters.weights[index] = 0.1 * Float(sin(1.7 * Double(index) + 0.3))
    }
  }
}
