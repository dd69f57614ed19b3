import CKernels

/// The gate of the feed-forward layer: y = silu(gate) · up, silu(g) = g / (1 + exp(−g)).
///
/// Shazeer 2020, eq. 6.
///
/// Arguments:
/// - `x`: (rows, gate ‖ up).
/// - `y`: (rows, hidden); written.
public func swiGLU(_ x: Rows, hidden: Int, into y: Rows) {
  ck_swiglu_forward(x.count, hidden, x.start, x.stride, y.start, y.stride)
}

/// Carries a gradient back through `swiGLU` and computes y again.
///
/// With s the logistic function of the gate: dgate = dy · up · s · (1 + gate · (1 − s)),
/// dup = dy · gate · s.
///
/// Arguments:
/// - `xGradient`: (rows, gate ‖ up); written.
/// - `y`: (rows, hidden); written.
public func swiGLUBackward(
  _ yGradient: Rows, x: Rows, hidden: Int, into xGradient: Rows, again y: Rows
) {
  ck_swiglu_backward(
    x.count, hidden, yGradient.start, yGradient.stride, x.start, x.stride, xGradient.start,
    xGradient.stride, y.start, y.stride)
}
