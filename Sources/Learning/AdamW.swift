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
  public let settings: OptimizerChoice
  /// Steps made; a checkpoint keeps it.
  public var steps = 0
  /// Running mean of the gradient, in the layout of the weights; a checkpoint keeps it.
  public var firstMoments: UnsafeMutableBufferPointer<Float> { moments.first }
  /// Running mean of its square, likewise.
  public var secondMoments: UnsafeMutableBufferPointer<Float> { moments.second }
  private var made: Moments?

  /// An optimizer whose moments are zero; no memory is taken before they are asked for.
  public init(parameters: Parameters, settings: OptimizerChoice) {
    self.parameters = parameters
    self.settings = settings
  }

  /// Forgets every step that was made.
  public func forget() {
    steps = 0
    made = nil
  }

  private var moments: Moments {
    let moments = made ?? Moments(parameters.weights.count)
    made = moments
    return moments
  }

  /// Memory of both running means.
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

  /// Moves the weights once; the gradients stay as they are.
  ///
  /// - Parameters:
  ///   - learningRate: Length of the step.
  ///   - others: Parameters whose gradients are clipped together with these, and left to others.
  /// - Returns: Global L2 norm of the gradient before clipping. Where it is not finite nothing has
  ///   moved: neither weights nor moments nor the count of steps.
  public func step(learningRate: Double, beside others: [Parameters] = []) -> Double {
    let squares = others.reduce(squaredNorm(parameters.gradients)) {
      $0 + squaredNorm($1.gradients)
    }
    let norm = squares.squareRoot()
    guard norm.isFinite else { return norm }
    steps += 1
    let clip = settings.clipNorm > 0 ? min(1, settings.clipNorm / (norm + 1e-6)) : 1
    var numbers = AdamWStep(
      learningRate: Float(learningRate), beta1: Float(settings.beta1),
      beta2: Float(settings.beta2), epsilon: Float(settings.epsilon), weightDecay: 0, step: steps,
      gradientScale: Float(clip))
    for slice in parameters.slices {
      numbers.weightDecay = slice.shape.count == 2 ? Float(settings.weightDecay) : 0
      adamWStep(
        weights: parameters.weights, gradients: parameters.gradients, firstMoments: firstMoments,
        secondMoments: secondMoments, range: slice.range, numbers)
    }
    return norm
  }
}
