import CKernels

/// Divides each vector by its root mean square and scales it.
///
/// y[r, i] = x[r, i] / rms(x[r]) · weight[i], with rms(v) = √(mean(v²) + epsilon).
/// Zhang & Sennrich 2019, eq. 4.
///
/// Arguments:
/// - `x`: (rows, width), rows `inputStride` apart.
/// - `weight`: (width).
/// - `y`: (rows, width), rows `outputStride` apart; written; may be x.
/// - `inverse`: (rows); written, 1 / rms, kept for the backward pass.
public func rmsNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, inputStride: Int, weight: UnsafePointer<Float>,
  epsilon: Float, y: UnsafeMutablePointer<Float>, outputStride: Int,
  inverse: UnsafeMutablePointer<Float>
) {
  ck_rmsnorm_forward(rows, width, x, inputStride, weight, epsilon, y, outputStride, inverse)
}

/// The same from a known inverse, when the backward pass needs y again.
public func rmsNormAgain(
  rows: Int, width: Int, x: UnsafePointer<Float>, inputStride: Int, weight: UnsafePointer<Float>,
  inverse: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, outputStride: Int
) {
  ck_rmsnorm_again(rows, width, x, inputStride, weight, inverse, y, outputStride)
}

/// Carries a gradient back through `rmsNorm`.
///
/// With u = x / rms: dx = (dy · w − u · mean(dy · w · u)) / rms, dw = Σ_r dy · u.
///
/// Arguments:
/// - `yGradient`: (rows, width), rows `outputStride` apart; may be `xGradient`.
/// - `xGradient`: (rows, width), rows `gradientStride` apart; set, or added to if `adding`.
/// - `weightGradient`: (width); added to.
public func rmsNormBackward(
  rows: Int, width: Int, yGradient: UnsafePointer<Float>, outputStride: Int,
  x: UnsafePointer<Float>, inputStride: Int, weight: UnsafePointer<Float>,
  inverse: UnsafePointer<Float>, xGradient: UnsafeMutablePointer<Float>, gradientStride: Int,
  weightGradient: UnsafeMutablePointer<Float>, adding: Bool
) {
  ck_rmsnorm_backward(
    rows, width, yGradient, outputStride, x, inputStride, weight, inverse, xGradient,
    gradientStride, weightGradient, adding ? 1 : 0)
}
