import CKernels

/// Log-probability of a token and entropy, from the logits of each row.
///
/// log p_j = l_j − log Σ exp l; H = −Σ p log p, both in nats.
///
/// Arguments:
/// - `logits`: (rows, vocabulary).
/// - `targets`: (rows).
/// - `logProbabilities`: (rows); written.
/// - `entropies`: (rows); written.
/// - `logSums`: (rows); written, kept for the backward pass.
public func logSoftmax(
  _ logits: Rows, vocabulary: Int, targets: UnsafePointer<Int32>,
  logProbabilities: UnsafeMutablePointer<Float>, entropies: UnsafeMutablePointer<Float>,
  logSums: UnsafeMutablePointer<Float>
) {
  ck_score(
    logits.count, vocabulary, logits.start, logits.stride, targets, logProbabilities, entropies,
    logSums)
}

/// Divides the logits of each row by a temperature, in place; 1 touches nothing.
///
/// `logits`: (rows, vocabulary).
public func divide(_ logits: Rows, vocabulary: Int, by temperature: Float) {
  guard temperature != 1 else { return }
  let scale = 1 / temperature
  for row in 0..<logits.count {
    let start = logits[row]
    for token in 0..<vocabulary { start[token] *= scale }
  }
}

/// Turns logits into their derivatives, in place.
///
/// dl_j = a · (1[j = target] − p_j) − b · p_j · (log p_j + H), with a and b the derivatives by the
/// log-probability and by the entropy.
public func logSoftmaxBackward(
  _ logits: Rows, vocabulary: Int, targets: UnsafePointer<Int32>,
  entropies: UnsafePointer<Float>, logSums: UnsafePointer<Float>,
  logProbabilityGradient: UnsafePointer<Float>, entropyGradient: UnsafePointer<Float>
) {
  ck_score_backward(
    logits.count, vocabulary, logits.start, logits.stride, targets, entropies, logSums,
    logProbabilityGradient, entropyGradient)
}

/// y = exp((x − max x) · scale), for drawing from logits.
///
/// - Returns: Σ y, and max x.
public func exponentials(
  _ x: UnsafePointer<Float>, count: Int, scale: Float, into y: UnsafeMutablePointer<Float>
) -> (sum: Float, maximum: Float) {
  var maximum: Float = 0
  let sum = ck_exponentials(count, x, scale, y, &maximum)
  return (sum, maximum)
}

/// The first index at which the running sum of x passes the threshold.
public func pick(_ x: UnsafePointer<Float>, count: Int, threshold: Float) -> Int {
  ck_pick(count, x, threshold)
}
