import CKernels
import Glibc

/// Numbers of one AdamW step.
public struct AdamWStep: Equatable, Sendable {
  /// Length of the step.
  public var learningRate: Float
  /// Decay of the first moments, a step.
  public var beta1: Float
  /// Decay of the second moments, a step.
  public var beta2: Float
  /// Added to the root of the second moment.
  public var epsilon: Float
  /// Share of the weights that is taken away, times the learning rate.
  public var weightDecay: Float
  /// Number of the step, from 1.
  public var step: Int
  /// Multiplies the gradient, for clipping.
  public var gradientScale: Float

  /// A step with every field given.
  public init(
    learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, step: Int,
    gradientScale: Float = 1
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.step = step
    self.gradientScale = gradientScale
  }
}

/// Moves weights against their gradients, scaled by running moments.
///
/// p ← p (1 − lr · wd); m ← β1 m + (1 − β1) g; v ← β2 v + (1 − β2) g²;
/// p ← p − lr · (m / (1 − β1ⁿ)) / (√(v / (1 − β2ⁿ)) + ε). Loshchilov & Hutter 2019, algorithm 2.
///
/// Arguments:
/// - `range`: The indices to move; call it once for every range with a decay of its own.
public func adamWStep(
  weights: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
  firstMoments: UnsafeMutableBufferPointer<Float>,
  secondMoments: UnsafeMutableBufferPointer<Float>, range: Range<Int>, _ numbers: AdamWStep
) {
  guard let p = weights.baseAddress, let g = gradients.baseAddress,
    let m = firstMoments.baseAddress, let v = secondMoments.baseAddress, !range.isEmpty
  else { return }
  let first = 1 - pow(Double(numbers.beta1), Double(numbers.step))
  let second = 1 - pow(Double(numbers.beta2), Double(numbers.step))
  let stepSize = Float(Double(numbers.learningRate) / first)
  let rootCorrection = Float(1 / second.squareRoot())
  let decay = Float(1 - Double(numbers.learningRate) * Double(numbers.weightDecay))
  let block = 1 << 16
  Parallel.run((range.count + block - 1) / block) { index, _ in
    let start = range.lowerBound + index * block
    let count = min(block, range.upperBound - start)
    ck_adamw(
      count, p + start, g + start, m + start, v + start, numbers.gradientScale, numbers.beta1,
      numbers.beta2, stepSize, rootCorrection, numbers.epsilon, decay)
  }
}

/// Σ x², the square of the length, the same for every number of threads.
public func squaredNorm(_ x: UnsafeMutableBufferPointer<Float>) -> Double {
  guard let start = x.baseAddress else { return 0 }
  let block = 1 << 16
  var sums = [Double](repeating: 0, count: (x.count + block - 1) / block)
  sums.withUnsafeMutableBufferPointer { sums in
    Parallel.run(sums.count) { index, _ in
      sums[index] = ck_squared_norm(min(block, x.count - index * block), start + index * block)
    }
  }
  return sums.reduce(0, +)
}
