import Foundation
public import LanguageModel
import Tensors
public import Trajectories

/// AdamW over the flat buffers of a policy (Loshchilov and Hutter 2019).
///
/// The gradient is first scaled by min(1, clipNorm / (norm + 1e-6)). Then, n the number of the step:
///
///     p ← p · (1 − rate · decay), tensors of two dimensions only
///     m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²
///     p ← p − rate · (m / (1 − β₁ⁿ)) / (√(v / (1 − β₂ⁿ)) + ε)
///
/// This is what PyTorch computes with the usual grouping of decayed weights.
public final class AdamW {
  /// The weights that move and their gradients.
  public let parameters: Parameters
  /// Decays, ε and the clip; its learning rate is the schedule's business.
  public let settings: OptimiserChoice
  /// Steps made; a checkpoint keeps it.
  public var steps = 0
  /// Running mean of the gradient, in the layout of the weights; a checkpoint keeps it.
  public let firstMoments: UnsafeMutableBufferPointer<Float>
  /// Running mean of its square, likewise.
  public let secondMoments: UnsafeMutableBufferPointer<Float>

  /// An optimiser whose moments are zero.
  public init(parameters: Parameters, settings: OptimiserChoice) {
    self.parameters = parameters
    self.settings = settings
    firstMoments = allocateFloats(parameters.weights.count)
    secondMoments = allocateFloats(parameters.weights.count)
  }

  deinit {
    firstMoments.deallocate()
    secondMoments.deallocate()
  }

  /// Moves the weights once; the gradients stay as they are.
  ///
  /// - Parameter learningRate: Length of the step.
  /// - Returns: Global L2 norm of the gradient before clipping. Where it is not finite nothing has
  ///   moved: neither weights nor moments nor the count of steps.
  public func step(learningRate: Double) -> Double {
    let norm = gradientNorm
    guard norm.isFinite else { return norm }
    steps += 1
    let clip = settings.clipNorm > 0 ? min(1, settings.clipNorm / (norm + 1e-6)) : 1
    for slice in parameters.slices {
      let decay = slice.shape.count == 2 ? learningRate * settings.weightDecay : 0
      move(slice.range, rate: learningRate, keep: 1 - decay, clip: clip)
    }
    return norm
  }

  private var gradientNorm: Double {
    parameters.gradients.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  private func move(_ range: Range<Int>, rate: Double, keep: Double, clip: Double) {
    let (beta1, beta2) = (settings.beta1, settings.beta2)
    let correction1 = 1 - pow(beta1, Double(steps))
    let correction2 = 1 - pow(beta2, Double(steps))
    for index in range {
      let gradient = Double(parameters.gradients[index]) * clip
      let first = beta1 * Double(firstMoments[index]) + (1 - beta1) * gradient
      let second = beta2 * Double(secondMoments[index]) + (1 - beta2) * gradient * gradient
      firstMoments[index] = Float(first)
      secondMoments[index] = Float(second)
      let root = (second / correction2).squareRoot() + settings.epsilon
      let weight = Double(parameters.weights[index]) * keep
      parameters.weights[index] = Float(weight - rate * (first / correction1) / root)
    }
  }
}
