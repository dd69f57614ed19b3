import CKernels

/// The shape of grouped-query attention.
public struct AttentionShape: Equatable, Sendable {
  /// Query heads.
  public let heads: Int
  /// Key and value heads; query head h uses h / (heads / keyHeads).
  public let keyHeads: Int
  /// Width of a head.
  public let headWidth: Int

  /// A shape with every field given.
  public init(heads: Int, keyHeads: Int, headWidth: Int) {
    self.heads = heads
    self.keyHeads = keyHeads
    self.headWidth = headWidth
  }

  /// Floats of scratch that forward and backward need for one sequence.
  public func scratch(tokens: Int) -> Int { ck_attention_scratch(tokens, headWidth) }
}

/// Causal attention of one sequence, for the queries that share one key head.
///
/// y[t, h] = Σ_s softmax_s(q[t, h] · k[s] / √headWidth) v[s], s ≤ t. Vaswani et al. 2017, eq. 1;
/// grouped heads: Ainslie et al. 2023.
///
/// Arguments:
/// - `keyHead`: Which key head; threads may take one each.
/// - `x`: (tokens, q ‖ k ‖ v), rows `inputStride` apart.
/// - `y`: (tokens, heads · headWidth), rows `outputStride` apart; written.
/// - `logSums`: (tokens, heads); written, kept for the backward pass.
public func attention(
  _ shape: AttentionShape, tokens: Int, keyHead: Int, x: UnsafePointer<Float>, inputStride: Int,
  y: UnsafeMutablePointer<Float>, outputStride: Int, logSums: UnsafeMutablePointer<Float>,
  scratch: UnsafeMutablePointer<Float>
) {
  ck_attention_forward(
    tokens, shape.heads, shape.keyHeads, keyHead, shape.headWidth, x, inputStride, y, outputStride,
    logSums, scratch)
}

/// Carries a gradient back through `attention`.
///
/// With p the softmax: dv = pᵀ dy, ds = p · (dy vᵀ − dy · y) / √headWidth, dq = ds k, dk = dsᵀ q;
/// p is computed again from `logSums` (Dao et al. 2022, algorithm 4).
///
/// `xGradient`: (tokens, q ‖ k ‖ v), rows `gradientStride` apart; written.
public func attentionBackward(
  _ shape: AttentionShape, tokens: Int, keyHead: Int, x: UnsafePointer<Float>, inputStride: Int,
  y: UnsafePointer<Float>, yGradient: UnsafePointer<Float>, outputStride: Int,
  logSums: UnsafePointer<Float>, xGradient: UnsafeMutablePointer<Float>, gradientStride: Int,
  scratch: UnsafeMutablePointer<Float>
) {
  ck_attention_backward(
    tokens, shape.heads, shape.keyHeads, keyHead, shape.headWidth, x, inputStride, y, outputStride,
    logSums, yGradient, outputStride, xGradient, gradientStride, scratch)
}
