import Foundation
import LanguageModel
import Tensors
import Testing

@testable import ModelFiles

/// Ten steps of AdamW on llama-tiny against PyTorch, see Golden/training.
@Suite struct TrainingTests {
  private struct Batches: Decodable {
    struct Batch: Decodable {
      var input_ids: [[Token]]
      var attention_mask: [[Int]]
      var labels: [[Int]]
    }
    var batches: [Batch]
  }

  private struct Expected: Decodable {
    struct Step: Decodable {
      var loss: Double
      var grad_norm: Double
      var clip_factor: Double
      var learning_rate: Double
      var label_tokens: Int
    }
    var steps: [Step]
  }

  private final class Moments {
    let first: UnsafeMutableBufferPointer<Float>
    let second: UnsafeMutableBufferPointer<Float>
    init(_ count: Int) {
      first = allocateFloats(count)
      second = allocateFloats(count)
    }
    deinit {
      first.deallocate()
      second.deallocate()
    }
  }

  /// The real tokens of each row, and which of the predicted ones are labels.
  private func rows(_ batch: Batches.Batch) -> [(row: TokenRow, labels: [Bool])] {
    batch.input_ids.indices.map { index in
      let real = batch.attention_mask[index].indices.filter { batch.attention_mask[index][$0] == 1 }
      let tokens = real.map { batch.input_ids[index][$0] }
      let labels = real.dropFirst().map { batch.labels[index][$0] != -100 }
      return (TokenRow(tokens: tokens, firstPredicted: 1), labels)
    }
  }

  @Test func `ten steps of training are PyTorch's`() throws {
    let decoder = JSONDecoder()
    let batches = try decoder.decode(
      Batches.self, from: Data(contentsOf: GoldenModels.golden("training/batches.json"))
    ).batches
    let expected = try decoder.decode(
      Expected.self, from: Data(contentsOf: GoldenModels.golden("training/expected.json"))
    ).steps
    let policy = try GoldenModels.load("llama-tiny")
    let moments = Moments(policy.parameters.weights.count)
    for (number, step) in expected.enumerated() {
      let loss = differentiate(policy, rows(batches[number]), labels: step.label_tokens)
      #expect(abs(loss - step.loss) < 5e-5)
      let norm = squaredNorm(policy.parameters.gradients).squareRoot()
      #expect(abs(norm - step.grad_norm) < 2e-5 * step.grad_norm)
      move(policy, moments, step, number + 1)
    }
    let final = try SafeTensors(contentsOf: GoldenModels.golden("training/final.safetensors"))
    for slice in policy.parameters.slices {
      let weights = try final.floats(of: slice.name)
      #expect(
        GoldenModels.distance(policy.parameters.weights[slice.range], weights) < 5e-5,
        "\(slice.name)")
    }
  }

  private func differentiate(
    _ policy: Transformer, _ rows: [(row: TokenRow, labels: [Bool])], labels: Int
  ) -> Double {
    var loss = 0.0
    policy.parameters.clearGradients()
    policy.differentiate(rows.map(\.row)) { scores in
      zip(scores, rows).map { score, row in
        for (value, isLabel) in zip(score.logProbabilities, row.labels) where isLabel {
          loss -= Double(value) / Double(labels)
        }
        return ScoreGradients(
          logProbabilities: row.labels.map { $0 ? -1 / Float(labels) : 0 })
      }
    }
    return loss
  }

  private func move(
    _ policy: Transformer, _ moments: Moments, _ step: Expected.Step, _ number: Int
  ) {
    for slice in policy.parameters.slices {
      adamWStep(
        weights: policy.parameters.weights, gradients: policy.parameters.gradients,
        firstMoments: moments.first, secondMoments: moments.second, range: slice.range,
        AdamWStep(
          learningRate: Float(step.learning_rate), beta1: 0.9, beta2: 0.95, epsilon: 1e-8,
          weightDecay: slice.shape.count == 2 ? 0.1 : 0, step: number,
          gradientScale: Float(step.clip_factor)))
    }
    policy.weightsChanged()
  }
}
