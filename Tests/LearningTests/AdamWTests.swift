import Comparing
import LanguageModel
import Learning
import Testing
import Trajectories

@Suite struct AdamWTests {
  func optimizer(_ change: (inout OptimizerChoice) -> Void = { _ in }) -> AdamW {
    var settings = OptimizerChoice()
    settings.weightDecay = 0.1
    change(&settings)
    let parameters = Parameters(shapes: [("matrix", [2, 2]), ("norm", [3])])
    for (index, slice) in parameters.slices.enumerated() {
      for place in slice.range { parameters.weights[place] = Float(index + 1) }
    }
    return AdamW(parameters: parameters, settings: settings)
  }

  func setGradient(_ value: Float, _ parameters: Parameters) {
    for slice in parameters.slices {
      for place in slice.range { parameters.gradients[place] = value }
    }
  }

  @Test func `two steps are those of the written formula`() {
    let it = optimizer { $0.clipNorm = 0 }
    let rate = 0.01
    // Moments by hand: m = .1 g, then .9 m + .1 g; v = .05 g², then .95 v + .05 g².
    setGradient(0.5, it.parameters)
    #expect(abs(it.step(learningRate: rate) - 0.5 * 7.0.squareRoot()) < 1e-12)
    // The first step is rate · g / (|g| + ε) whatever g is.
    var matrix = 1.0 * (1 - rate * 0.1) - rate * 0.5 / (0.5 + 1e-8)
    var norm = 2.0 - rate * 0.5 / (0.5 + 1e-8)
    setGradient(-1, it.parameters)
    _ = it.step(learningRate: rate)
    let first = (0.9 * 0.05 - 0.1) / (1 - 0.81)
    let second = ((0.95 * 0.0125 + 0.05) / (1 - 0.9025)).squareRoot()
    matrix = matrix * (1 - rate * 0.1) - rate * first / (second + 1e-8)
    norm -= rate * first / (second + 1e-8)
    let slices = it.parameters.slices
    for place in slices[0].range {
      #expect(abs(Double(it.parameters.weights[place]) - matrix) < 1e-6)
      #expect(abs(Double(it.firstMoments[place]) - (0.9 * 0.05 - 0.1)) < 1e-7)
    }
    for place in slices[1].range {
      #expect(abs(Double(it.parameters.weights[place]) - norm) < 1e-6)
    }
    #expect(it.steps == 2)
  }

  @Test func `a long gradient is clipped and its length told`() {
    let it = optimizer { $0.clipNorm = 1 }
    setGradient(10, it.parameters)
    let norm = it.step(learningRate: 0)
    #expect(abs(norm - 700.squareRoot()) < 1e-9)
    let clipped = 0.1 * 10 / norm
    #expect(abs(Double(it.firstMoments[0]) - clipped) < 1e-6)
    // A rate of zero moves moments but no weight.
    #expect(it.parameters.weights[0] == 1)
  }

  @Test func `a gradient that is not finite moves nothing`() {
    let it = optimizer()
    it.parameters.gradients[0] = .nan
    #expect(!it.step(learningRate: 1).isFinite)
    #expect(it.parameters.weights[0] == 1)
    #expect(it.firstMoments[0] == 0)
    #expect(it.steps == 0)
  }

  @Test func `copied moments go on bit for bit`() {
    let one = optimizer()
    let two = optimizer()
    for step in 1...3 {
      setGradient(Float(step), one.parameters)
      _ = one.step(learningRate: 0.1)
    }
    two.firstMoments.update(from: one.firstMoments)
    two.secondMoments.update(from: one.secondMoments)
    two.parameters.weights.update(from: one.parameters.weights)
    two.steps = one.steps
    for it in [one, two] {
      setGradient(-0.3, it.parameters)
      _ = it.step(learningRate: 0.1)
    }
    expectEqual(Array(one.parameters.weights), Array(two.parameters.weights))
  }
}

extension UnsafeMutableBufferPointer {
  fileprivate func update(from other: Self) {
    for index in other.indices { self[index] = other[index] }
  }
}
