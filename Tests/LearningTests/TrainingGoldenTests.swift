import Foundation
import LanguageModel
import Learning
import ModelFiles
import Testing
import Trajectories

@Suite struct TrainingGoldenTests {
  struct Batches: Decodable {
    var batches: [Batch]
  }

  struct Batch: Decodable {
    var input_ids: [[Token]]
    var attention_mask: [[Int]]
    var labels: [[Int]]

    /// Rows without padding, and which of their predicted tokens are labels.
    var rows: [(row: TokenRow, mask: [Bool])] {
      input_ids.indices.map { index in
        let real = attention_mask[index].indices.filter { attention_mask[index][$0] != 0 }
        let tokens = real.map { input_ids[index][$0] }
        let mask = real.dropFirst().map { labels[index][$0] != -100 }
        return (TokenRow(tokens: tokens, firstPredicted: 1), mask)
      }
    }
  }

  struct Expected: Decodable {
    var steps: [Step]
    struct Step: Decodable {
      var loss: Double
      var grad_norm: Double
      var learning_rate: Double
    }
  }

  @Test func `ten steps of training are those of PyTorch`() throws {
    let policy = try GoldenPolicy.llamaTiny()
    var settings = OptimizerChoice()
    settings.learningRate = 1e-2
    settings.weightDecay = 0.1
    settings.warmUp = 2
    settings.schedule = .cosine
    settings.finalShare = 0
    let optimiser = AdamW(parameters: policy.parameters, settings: settings)
    let rate = LearningRate(settings, updates: 10)
    let expected = try Golden.read("training/expected", as: Expected.self).steps
    let batches = try Golden.read("training/batches", as: Batches.self).batches
    #expect(batches.count == 10)
    for (step, (batch, wanted)) in zip(batches, expected).enumerated() {
      let rows = batch.rows
      var loss = 0.0
      policy.parameters.clearGradients()
      policy.differentiate(rows.map(\.row)) { scores in
        let found = CrossEntropy()(scores, masks: rows.map(\.mask))
        loss = found.loss
        return found.scoreGradients
      }
      let norm = optimiser.step(learningRate: rate(step))
      policy.weightsChanged()
      #expect(abs(loss - wanted.loss) < 5e-5, "step \(step)")
      #expect(abs(norm / wanted.grad_norm - 1) < 2e-5, "step \(step)")
    }
    try compare(policy.parameters, optimiser)
  }

  func compare(_ parameters: Parameters, _ optimiser: AdamW) throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Golden/training")
    let final = try SafeTensors(contentsOf: folder.appendingPathComponent("final.safetensors"))
    let state = try SafeTensors(contentsOf: folder.appendingPathComponent("adam_state.safetensors"))
    for slice in parameters.slices {
      let weights = try final.floats(of: slice.name)
      let worst = zip(parameters.weights[slice.range], weights).reduce(0) {
        max($0, abs($1.0 - $1.1))
      }
      #expect(worst < 5e-5, "\(slice.name)")
      for (moments, name) in [
        (optimiser.firstMoments, "exp_avg."), (optimiser.secondMoments, "exp_avg_sq."),
      ] {
        let wanted = try state.floats(of: name + slice.name).map(Double.init)
        let found = Array(moments[slice.range])
        #expect(Golden.error([found], [wanted], floor: 1e-30) < 1e-4, "\(name)\(slice.name)")
      }
    }
  }
}
