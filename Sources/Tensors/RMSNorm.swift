import CKernels

/// Divides each vector by its root mean square and scales it.
///
/// y[r, i] = x[r, i] / rms(x[r]) · weight[i], with rms(v) = √(mean(v²) + epsilon).
/// Zhang & Sennrich 2019, eq. 4.
public struct RMSNorm {
  /// The scales, (width).
  public let weight: UnsafePointer<Float>
  /// Numbers of a vector.
  public let width: Int
  /// Added to the mean square.
  public let epsilon: Float

  /// A norm whose scales outlive it.
  public init(weight: UnsafePointer<Float>, width: Int, epsilon: Float) {
    self.weight = weight
    self.width = width
    self.epsilon = epsilon
  }

  /// The forward pass.
  ///
  /// Arguments:
  /// - `x`: (rows, width).
  /// - `y`: (rows, width); written; may be x.
  /// - `inverse`: (rows); written, 1 / rms, kept for the backward pass.
  public func forward(_ x: Rows, into y: Rows, inverse: UnsafeMutablePointer<Float>) {
    ck_rmsnorm_forward(
      x.count, width, x.start, x.stride, weight, epsilon, y.start, y.stride, inverse)
  }

  /// The same from a known inverse, when the backward pass needs y again.
  public func again(_ x: Rows, into y: Rows, inverse: UnsafePointer<Float>) {
    ck_rmsnorm_again(x.count, width, x.start, x.stride, weight, inverse, y.start, y.stride)
  }

  /// Carries a gradient back.
  ///
  /// With u = x / rms: dx = (dy · w − u · mean(dy · w · u)) / rms, dw = Σ_r dy · u.
  ///
  /// Arguments:
  /// - `yGradient`: (rows, width); may be `xGradient`.
  /// - `xGradient`: (rows, width); set, or added to if `adding`.
  /// - `weightGradient`: (width); added to.
  public func backward(
    _ yGradient: Rows, x: Rows, inverse: UnsafePointer<Float>, into xGradient: Rows,
    adding: Bool = false, weightGradient: UnsafeMutablePointer<Float>
  ) {
    ck_rmsnorm_backward(
      x.count, width, yGradient.start, yGradient.stride, x.start, x.stride, weight, inverse,
      xGradient.start, xGradient.stride, weightGradient, adding ? 1 : 0)
  }
}
