import Comparing
import Foundation
import LanguageModel
import Tensors
import Testing

@testable import ModelFiles

/// A model whose weights stay as its file has them, beside the same weights as floats.
@Suite struct StoredWeightsTests {
  private static let formats: [StorageFormat] = [.f16, .q80]

  /// The same file, read both ways.
  private struct Pair {
    let stored: Transformer
    let floats: Transformer

    init(_ family: Architecture.Family, _ format: StorageFormat, tied: Bool) throws {
      var shape = Architecture()
      shape.family = family
      shape.vocabulary = 90
      shape.width = 64
      shape.hidden = 96
      shape.layers = 3
      shape.heads = 4
      shape.keyHeads = 2
      shape.headWidth = 16
      shape.contextLength = 96
      shape.tied = tied
      let policy = Transformer(architecture: shape, seed: 5)
      for index in policy.parameters.weights.indices { policy.parameters.weights[index] *= 1.7 }
      let model = ModelFiles(
        configuration: Configuration(architecture: shape), parameters: policy.parameters,
        tokenizer: nil)
      (stored, floats) = try Fixtures.withFolder { folder in
        let url = folder.appendingPathComponent("x.gguf")
        try model.saveGGUF(to: url, format: format)
        let source = try ModelSource(url)
        let (blocks, whole) = (try source.load(asStored: true), try source.load())
        #expect(blocks.parameters.isStored && !whole.parameters.isStored)
        #expect(blocks.parameters.bytes < whole.parameters.bytes * 3 / 5)
        return (
          Transformer(architecture: blocks.architecture, parameters: blocks.parameters),
          Transformer(architecture: whole.architecture, parameters: whole.parameters)
        )
      }
    }
  }

  private static let rows = [
    TokenRow(tokens: (0..<40).map { Token($0 * 7 % 90) }, firstPredicted: 1),
    TokenRow(tokens: (0..<9).map { Token($0 * 11 % 90) }, firstPredicted: 4),
  ]
  private static let request = RolloutRequest(
    prefix: [3, 1, 4, 1, 5], seeds: [1, 2, 3, 4, 5], limit: 30)

  @Test(arguments: formats, [Architecture.Family.llama, .qwen2, .qwen3])
  func `scores and rollouts have the same bits`(
    _ format: StorageFormat, _ family: Architecture.Family
  ) throws {
    for tied in [true, false] {
      let pair = try Pair(family, format, tied: tied)
      #expect(pair.stored.score(Self.rows) == pair.floats.score(Self.rows))
      for precision in ProductPrecision.allCases {
        var sampling = Sampling()
        sampling.precision = precision
        func drawn(_ policy: Transformer) throws -> [[Continuation]] {
          try policy.continuations(of: [Self.request], sampling: sampling, endTokens: [2])
        }
        #expect(try drawn(pair.stored) == drawn(pair.floats))
      }
      #expect(pair.stored.base.fingerprint == pair.floats.base.fingerprint)
      let (copied, whole) = (pair.stored.base.copy(), pair.floats.base)
      expectEqual(Array(copied.weights), Array(whole.weights))
    }
  }

  @Test(arguments: formats)
  func `an adapter beside them learns what it learns beside floats`(_ format: StorageFormat) throws
  {
    let pair = try Pair(.qwen2, format, tied: true)
    func adapted(_ policy: Transformer) -> Transformer {
      let adapter = LowRankAdapter(
        architecture: policy.architecture, settings: LowRankSettings(), seed: 3)
      for index in adapter.parameters.weights.indices {
        adapter.parameters.weights[index] = Float(index * 7 % 11) / 100 - 0.05
      }
      return policy.adapted(by: adapter)
    }
    let (stored, floats) = (adapted(pair.stored), adapted(pair.floats))
    func learnt(_ policy: Transformer) -> ([TokenScores], [Float]) {
      var found: [TokenScores] = []
      policy.differentiate(Self.rows) { scores in
        found = scores
        return scores.map { row in
          ScoreGradients(logProbabilities: row.logProbabilities.indices.map { Float($0 % 3) - 1 })
        }
      }
      return (found, Array(policy.parameters.gradients))
    }
    let (mine, other) = (learnt(stored), learnt(floats))
    for (one, two) in zip(mine.0, other.0) {
      #expect(GoldenModels.distance(one.logProbabilities, two.logProbabilities) < 5e-5)
    }
    let largest = other.1.reduce(0) { max($0, $1.magnitude) }
    #expect(largest > 0)
    #expect(GoldenModels.distance(mine.1, other.1) < 5e-5 * largest)
    // What is drawn is scored the same, as long as nothing has moved.
    let drawn = try stored.continuations(
      of: [Self.request], sampling: Sampling(), endTokens: [2])[0]
    let scored = stored.score(
      drawn.map {
        TokenRow(
          tokens: Self.request.prefix + $0.tokens, firstPredicted: Self.request.prefix.count)
      })
    for (one, two) in zip(drawn, scored) {
      #expect(GoldenModels.distance(one.logProbabilities, two.logProbabilities) < 1e-6)
    }
    // And it follows the adapter when that moves.
    for index in stored.parameters.weights.indices { stored.parameters.weights[index] *= 2 }
    stored.weightsChanged()
    #expect(stored.score(Self.rows) != mine.0)
  }

  @Test func `weights that can learn are made of them`() throws {
    let pair = try Pair(.llama, .q80, tied: true)
    let learner = pair.stored.widened()
    #expect(!learner.base.isStored && learner.widened() === learner)
    #expect(learner.score(Self.rows) == pair.floats.score(Self.rows))
    #expect(pair.stored.copy().base === pair.stored.base)
  }
}
