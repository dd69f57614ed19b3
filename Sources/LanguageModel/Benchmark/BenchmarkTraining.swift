public import Tensors

/// Training steps on rows of random tokens, for benchmarks.
public final class BenchmarkTraining {
  private let policy: Transformer
  private let rows: [TokenRow]
  private let precision: ProductPrecision
  private let firstMoments: FloatBuffer
  private let secondMoments: FloatBuffer
  private var steps = 0

  /// Rows of that many predicted tokens, and moments for all that learns; `precision` is that of
  /// the backward pass.
  public init(
    _ policy: Transformer, rows: Int, predicted: Int, precision: ProductPrecision = .float32
  ) {
    self.policy = policy
    self.precision = precision
    self.rows = (0..<rows).map { row in
      TokenRow(
        tokens: policy.randomTokens(predicted + 1, seed: Random.seed(2, UInt64(row))),
        firstPredicted: 1)
    }
    firstMoments = FloatBuffer(policy.parameters.weights.count)
    secondMoments = FloatBuffer(policy.parameters.weights.count)
  }

  /// Mean cross-entropy of all predicted tokens, its gradient, and one step of AdamW over what learns.
  public func step() {
    differentiate(precision)
    steps += 1
    let count = policy.parameters.weights.count
    adamWStep(
      weights: policy.parameters.weights, gradients: policy.parameters.gradients,
      firstMoments: UnsafeMutableBufferPointer(start: firstMoments.start, count: count),
      secondMoments: UnsafeMutableBufferPointer(start: secondMoments.start, count: count),
      range: 0..<count,
      AdamWStep(
        learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01,
        step: steps))
    policy.weightsChanged()
  }

  /// How far the gradient lies from that in 32-bit floats, as a share of its length.
  public func gradientError() -> Double {
    differentiate(.float32)
    let exact = Array(policy.parameters.gradients)
    differentiate(precision)
    var (difference, length) = (0.0, 0.0)
    for (rounded, exact) in zip(policy.parameters.gradients, exact) {
      difference += Double(rounded - exact) * Double(rounded - exact)
      length += Double(exact) * Double(exact)
    }
    return (difference / max(length, .leastNormalMagnitude)).squareRoot()
  }

  private func differentiate(_ precision: ProductPrecision) {
    policy.parameters.clearGradients()
    let share = -1 / Float(rows.reduce(0) { $0 + $1.predicted })
    policy.differentiate(rows, precision: precision) { scores in
      scores.map {
        ScoreGradients(logProbabilities: $0.logProbabilities.map { _ in share })
      }
    }
  }
}

extension Transformer {
  /// A policy whose weights are random and of the right size, made quickly; for benchmarks alone.
  public convenience init(randomWeightsOf architecture: Architecture) {
    let parameters = Parameters(shapes: architecture.parameterShapes)
    for (index, slice) in parameters.slices.enumerated() {
      parameters.fillEvenly(slice, seed: Random.seed(3, UInt64(index)))
    }
    self.init(architecture: architecture, parameters: parameters)
  }

  /// The same weights beneath a fresh adapter of rank 16 on all linear layers.
  public func withFreshAdapter() -> Transformer {
    adapted(
      by: LowRankAdapter(architecture: architecture, settings: LowRankSettings(), seed: 1))
  }

  /// Tokens of any kind, each as likely as the others.
  public func randomTokens(_ count: Int, seed: UInt64) -> [Token] {
    var random = Random(seed: seed)
    return (0..<count).map { _ in Token(random.below(vocabulary)) }
  }
}

extension Parameters {
  /// Norms become 1, biases 0, matrices evenly spread with deviation 1 / √inputs.
  fileprivate func fillEvenly(_ slice: ParameterSlice, seed: UInt64) {
    guard slice.shape.count == 2 else {
      let value: Float = slice.name.hasSuffix("bias") ? 0 : 1
      return weights[slice.range].update(repeating: value)
    }
    let scale = 2 * (3 / Float(slice.shape[1])).squareRoot()
    let block = 1 << 16
    let weights = self.weights
    Parallel.run((slice.count + block - 1) / block) { index, _ in
      var random = Random(seed: Random.seed(seed, UInt64(index)))
      let start = slice.range.lowerBound + index * block
      for element in start..<min(start + block, slice.range.upperBound) {
        weights[element] = scale * (random.uniform() - 0.5)
      }
    }
  }
}
