import Tensors

/// A row whose beginning stands in another row of its chunk: attention sees it in one piece.
///
/// Everything but attention works on single tokens, so the beginning is computed once for all rows
/// that share it; here it is laid before each row's own tokens.
struct SharedRows {
  /// Rows of the vectors that belong to the beginning and to the row itself.
  let shared: Range<Int>
  let own: Range<Int>

  /// `place` is the row of the vectors that belongs to a token of the plan.
  init(_ span: RowPlan.Span, at place: (Int) -> Int) {
    shared = place(span.shared.lowerBound)..<place(span.shared.upperBound)
    own = place(span.tokens.lowerBound)..<place(span.tokens.upperBound)
  }

  /// Tokens of the whole row.
  var count: Int { shared.count + own.count }

  /// Floats a token of the row takes forward: q ‖ k ‖ v, what attention gives, log-sums.
  static func forwardFloats(_ strides: Activations.Strides) -> Int {
    strides.queryKeyValue + strides.queries + strides.heads
  }

  /// Floats a token takes backward: those, and the gradients of the first two.
  static func backwardFloats(_ strides: Activations.Strides) -> Int {
    forwardFloats(strides) + strides.queryKeyValue + strides.queries
  }

  /// The whole row at some memory, its vectors as far apart as those they are taken from.
  func sequence(
    at memory: UnsafeMutablePointer<Float>, like all: AttentionSequence
  ) -> AttentionSequence {
    let x = Rows(memory, stride: all.queryKeyValue.stride, count: count)
    let y = rows(after: x, stride: all.output.stride)
    return AttentionSequence(
      queryKeyValue: x, output: y, logSums: rows(after: y, stride: all.logSums.stride))
  }

  /// Rows for the whole row that begin where others end.
  func rows(after other: Rows, stride: Int) -> Rows {
    Rows(other[other.count], stride: stride, count: count)
  }

  /// Lays vectors of the whole row one after another.
  func gather(_ x: Rows, into y: Rows) {
    y[0..<shared.count].copy(x[shared])
    gatherOwn(x, into: y)
  }

  /// Lays the row's own vectors where they stand in the whole row.
  func gatherOwn(_ x: Rows, into y: Rows) { y[shared.count..<count].copy(x[own]) }

  /// Takes the row's own vectors out of the whole row.
  func takeOwn(_ y: Rows, into x: Rows) { x[own].copy(y[shared.count..<count]) }
}
