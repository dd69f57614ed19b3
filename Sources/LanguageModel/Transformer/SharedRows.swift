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

  /// Lays vectors of the whole row one after another.
  func gather(
    _ x: UnsafePointer<Float>, stride: Int, into y: UnsafeMutablePointer<Float>
  ) {
    y.update(from: x + shared.lowerBound * stride, count: shared.count * stride)
    gatherOwn(x, stride: stride, into: y)
  }

  /// Lays the row's own vectors where they stand in the whole row.
  func gatherOwn(
    _ x: UnsafePointer<Float>, stride: Int, into y: UnsafeMutablePointer<Float>
  ) {
    (y + shared.count * stride).update(
      from: x + own.lowerBound * stride, count: own.count * stride)
  }

  /// Takes the row's own vectors out of the whole row.
  func takeOwn(
    _ y: UnsafePointer<Float>, stride: Int, into x: UnsafeMutablePointer<Float>
  ) {
    (x + own.lowerBound * stride).update(
      from: y + shared.count * stride, count: own.count * stride)
  }
}

extension ForwardPass {
  /// Attention of a row that shares a beginning.
  func attend(
    _ rows: SharedRows, _ qkv: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    logSums: UnsafeMutablePointer<Float>, whole: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let wholeY = whole + rows.count * strides.queryKeyValue
    let wholeSums = wholeY + rows.count * strides.queries
    rows.gather(qkv, stride: strides.queryKeyValue, into: whole)
    for keyHead in 0..<model.layout.attention.keyHeads {
      attention(
        model.layout.attention, tokens: rows.count, keyHead: keyHead, x: whole,
        inputStride: strides.queryKeyValue, y: wholeY, outputStride: strides.queries,
        logSums: wholeSums, scratch: scratch)
    }
    rows.takeOwn(wholeY, stride: strides.queries, into: y)
    rows.takeOwn(wholeSums, stride: strides.heads, into: logSums)
  }
}

extension BackwardPass {
  /// Attention of a row that shares a beginning: its part of the beginning's gradient is added.
  func attend(_ layer: Int, _ rows: SharedRows, _ scratch: BackwardScratch) {
    let (width, queries) = (strides.queryKeyValue, strides.queries)
    let wholeX = scratch.wholeRow.start
    let wholeY = wholeX + rows.count * width
    let wholeSums = wholeY + rows.count * queries
    let xGradient = wholeSums + rows.count * strides.heads
    let yGradient = xGradient + rows.count * width
    rows.gather(store.queryKeyValue(layer), stride: width, into: wholeX)
    rows.gather(store.attention(layer), stride: queries, into: wholeY)
    rows.gather(store.logSums(layer), stride: strides.heads, into: wholeSums)
    // The beginning's own outputs have been answered for by the row that computed it.
    yGradient.update(repeating: 0, count: rows.shared.count * queries)
    rows.gatherOwn(buffers.attention.start, stride: queries, into: yGradient)
    for keyHead in 0..<model.layout.attention.keyHeads {
      attentionBackward(
        model.layout.attention, tokens: rows.count, keyHead: keyHead, x: wholeX,
        inputStride: width, y: wholeY, yGradient: yGradient, outputStride: queries,
        logSums: wholeSums, xGradient: xGradient, gradientStride: width,
        scratch: scratch.attention.start)
    }
    let gradient = buffers.queryKeyValue.start
    rows.takeOwn(xGradient, stride: width, into: gradient)
    let beginning = gradient + rows.shared.lowerBound * width
    for index in 0..<rows.shared.count * width { beginning[index] += xGradient[index] }
  }
}
