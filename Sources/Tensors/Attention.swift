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

/// What attention of one sequence reads and writes.
public struct AttentionSequence {
  /// (tokens, q ‖ k ‖ v).
  public let queryKeyValue: Rows
  /// (tokens, heads · headWidth); written.
  public let output: Rows
  /// (tokens, heads), without padding; written, kept for the backward pass.
  public let logSums: Rows

  /// A sequence with every field given.
  public init(queryKeyValue: Rows, output: Rows, logSums: Rows) {
    self.queryKeyValue = queryKeyValue
    self.output = output
    self.logSums = logSums
  }

  /// The sequence of some of the tokens.
  public subscript(tokens: Range<Int>) -> AttentionSequence {
    AttentionSequence(
      queryKeyValue: queryKeyValue[tokens], output: output[tokens], logSums: logSums[tokens])
  }
}

/// Causal attention of one sequence, for the queries that share one key head.
///
/// y[t, h] = Σ_s softmax_s(q[t, h] · k[s] / √headWidth) v[s], s ≤ t. Vaswani et al. 2017, eq. 1;
/// grouped heads: Ainslie et al. 2023.
///
/// `keyHead` says which key head; threads may take one each.
public func attention(
  _ shape: AttentionShape, keyHead: Int, _ sequence: AttentionSequence,
  scratch: UnsafeMutablePointer<Float>
) {
  let (x, y) = (sequence.queryKeyValue, sequence.output)
  ck_attention_forward(
    x.count, shape.heads, shape.keyHeads, keyHead, shape.headWidth, x.start, x.stride, y.start,
    y.stride, sequence.logSums.start, scratch)
}

/// Carries a gradient back through `attention`.
///
/// With p the softmax: dv = pᵀ dy, ds = p · (dy vᵀ − dy · y) / √headWidth, dq = ds k, dk = dsᵀ q;
/// p is computed again from the log-sums (Dao et al. 2022, algorithm 4).
///
/// `xGradient`: (tokens, q ‖ k ‖ v); written.
public func attentionBackward(
  _ shape: AttentionShape, keyHead: Int, _ sequence: AttentionSequence, outputGradient dy: Rows,
  into xGradient: Rows, scratch: UnsafeMutablePointer<Float>
) {
  let (x, y) = (sequence.queryKeyValue, sequence.output)
  ck_attention_backward(
    x.count, shape.heads, shape.keyHeads, keyHead, shape.headWidth, x.start, x.stride, y.start,
    y.stride, sequence.logSums.start, dy.start, dy.stride, xGradient.start, xGradient.stride,
    scratch)
}
