import CKernels

/// The gate of the feed-forward layer: y = silu(gate) · up, silu(g) = g / (1 + exp(−g)).
///
/// Shazeer 2020, eq. 6.
///
/// Arguments:
/// - `x`: (rows, gate ‖ up), rows `inputStride` apart.
/// - `y`: (rows, hidden), rows `outputStride` apart; written.
public func swiGLU(
  rows: Int, hidden: Int, x: UnsafePointer<Float>, inputStride: Int,
  y: UnsafeMutablePointer<Float>, outputStride: Int
) {
  ck_swiglu_forward(rows, hidden, x, inputStride, y, outputStride)
}

/// Carries a gradient back through `swiGLU` and computes y again.
///
/// With s the logistic function of the gate: dgate = dy · up · s · (1 + gate · (1 − s)),
/// dup = dy · gate · s.
///
/// Arguments:
/// - `xGradient`: (rows, gate ‖ up), rows `inputStride` apart; written.
/// - `y`: (rows, hidden), rows `outputStride` apart; written.
public func swiGLUBackward(
  rows: Int, hidden: Int, yGradient: UnsafePointer<Float>, x: UnsafePointer<Float>,
  inputStride: Int, xGradient: UnsafeMutablePointer<Float>, y: UnsafeMutablePointer<Float>,
  outputStride: Int
) {
  ck_swiglu_backward(
    rows, hidden, yGradient, outputStride, x, inputStride, xGradient, inputStride, y, outputStride)
}
