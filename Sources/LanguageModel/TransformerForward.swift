import Tensors

/// A chunk of rows on its way through the layers: tokens `first ...` of the plan are row 0 of
/// `store`, predictions likewise.
struct ForwardPass {
  let model: Transformer
  let weights: PackedWeights
  let plan: RowPlan
  let strides: Activations.Strides

  init(_ model: Transformer, _ plan: RowPlan) {
    self.model = model
    self.plan = plan
    weights = model.currentWeights()
    strides = Activations.Strides(model.architecture, model.layout)
    model.rope.prepare(positions: plan.longestRow)
  }

  /// Runs one chunk up to the final hidden vectors of its predicted tokens.
  ///
  /// `offset` is the row of the store that holds the chunk's first token.
  func run(
    _ chunk: RowPlan.Chunk, store: Activations, scratch: ForwardScratch, offset: Int,
    predictedOffset: Int
  ) {
    plan.tokens.withUnsafeBufferPointer { tokens in
      embed(
        UnsafeBufferPointer(rebasing: tokens[chunk.tokens]),
        table: model.weight(model.layout.embedding), width: model.architecture.width,
        into: store.residual(0) + offset * strides.width, stride: strides.width)
    }
    for layer in 0..<model.architecture.layers {
      attend(layer, chunk, store, scratch, offset)
      feedForward(layer, chunk.tokens.count, store, scratch, offset)
    }
    normPredicted(chunk, store, scratch, offset: offset, predictedOffset: predictedOffset)
  }

  private func attend(
    _ layer: Int, _ chunk: RowPlan.Chunk, _ store: Activations, _ scratch: ForwardScratch,
    _ offset: Int
  ) {
    let count = chunk.tokens.count
    let x = store.residual(layer) + offset * strides.width
    norm(
      model.layout.layers[layer].inputNorm, rows: count, x: x, y: scratch.normed.start,
      inverse: store.inputInverse(layer) + offset)
    let qkv = store.queryKeyValue(layer) + offset * strides.queryKeyValue
    weights.layers[layer].queryKeyValue.product(
      rows: count, of: scratch.normed.start, inputStride: strides.width, into: qkv,
      outputStride: strides.queryKeyValue)
    addBiases(layer, rows: count, qkv)
    normHeads(layer, rows: count, store, offset)
    let shape = model.layout.attention
    let y = store.attention(layer) + offset * strides.queries
    let logSums = store.logSums(layer) + offset * strides.heads
    for row in chunk.rows {
      let span = plan.spans[row].tokens
      let shared = plan.spans[row].shared
      let at = span.lowerBound - chunk.tokens.lowerBound
      let start = qkv + at * strides.queryKeyValue
      model.rope.rotate(
        start, rows: span.count, heads: shape.heads + shape.keyHeads,
        stride: strides.queryKeyValue, start: shared.count)
      guard shared.isEmpty else {
        let rows = SharedRows(plan.spans[row], first: chunk.tokens.lowerBound)
        attend(rows, qkv, y: y, logSums: logSums, scratch)
        continue
      }
      attention(
        shape, tokens: span.count, x: start, inputStride: strides.queryKeyValue,
        y: y + at * strides.queries, outputStride: strides.queries,
        logSums: logSums + at * strides.heads, scratch: scratch.attention.start)
    }
    let middle = store.middle(layer) + offset * strides.width
    middle.update(from: x, count: count * strides.width)
    weights.layers[layer].output.product(
      rows: count, of: y, inputStride: strides.queries, into: middle, outputStride: strides.width,
      adding: true)
  }

  private func feedForward(
    _ layer: Int, _ count: Int, _ store: Activations, _ scratch: ForwardScratch, _ offset: Int
  ) {
    let middle = store.middle(layer) + offset * strides.width
    norm(
      model.layout.layers[layer].middleNorm, rows: count, x: middle, y: scratch.normed.start,
      inverse: store.middleInverse(layer) + offset)
    let gateUp = store.gateUp(layer) + offset * strides.gateUp
    weights.layers[layer].gateUp.product(
      rows: count, of: scratch.normed.start, inputStride: strides.width, into: gateUp,
      outputStride: strides.gateUp)
    swiGLU(
      rows: count, hidden: model.architecture.hidden, x: gateUp, inputStride: strides.gateUp,
      y: scratch.hidden.start, outputStride: strides.hidden)
    let next = store.residual(layer + 1) + offset * strides.width
    next.update(from: middle, count: count * strides.width)
    weights.layers[layer].down.product(
      rows: count, of: scratch.hidden.start, inputStride: strides.hidden, into: next,
      outputStride: strides.width, adding: true)
  }

  private func addBiases(_ layer: Int, rows: Int, _ qkv: UnsafeMutablePointer<Float>) {
    var column = 0
    for bias in model.layout.layers[layer].biases {
      addBias(
        model.weight(bias), rows: rows, columns: bias.count, to: qkv + column,
        stride: strides.queryKeyValue)
      column += bias.count
    }
  }

  /// Qwen3's norm of every head of q and k; the vectors before it are kept.
  private func normHeads(_ layer: Int, rows: Int, _ store: Activations, _ offset: Int) {
    let names = model.layout.layers[layer]
    guard let queryNorm = names.queryNorm, let keyNorm = names.keyNorm else { return }
    let stride = strides.queryKeyValue
    let raw = store.rawQueryKeyValue(layer) + offset * stride
    let qkv = store.queryKeyValue(layer) + offset * stride
    raw.update(from: qkv, count: rows * stride)
    let shape = model.layout.attention
    for row in 0..<rows {
      let inverse = store.headInverse(layer) + (offset + row) * strides.normedHeads
      for (heads, weight) in [
        (0..<shape.heads, queryNorm), (shape.heads..<shape.heads + shape.keyHeads, keyNorm),
      ] {
        let at = row * stride + heads.lowerBound * shape.headWidth
        rmsNorm(
          rows: heads.count, width: shape.headWidth, x: raw + at, inputStride: shape.headWidth,
          weight: model.weight(weight), epsilon: model.architecture.normEpsilon, y: qkv + at,
          outputStride: shape.headWidth, inverse: inverse + heads.lowerBound)
      }
    }
  }

  private func norm(
    _ weight: ParameterSlice, rows: Int, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    inverse: UnsafeMutablePointer<Float>
  ) {
    rmsNorm(
      rows: rows, width: model.architecture.width, x: x, inputStride: strides.width,
      weight: model.weight(weight), epsilon: model.architecture.normEpsilon, y: y,
      outputStride: strides.width, inverse: inverse)
  }

  private func normPredicted(
    _ chunk: RowPlan.Chunk, _ store: Activations, _ scratch: ForwardScratch, offset: Int,
    predictedOffset: Int
  ) {
    let final = store.residual(model.architecture.layers) + offset * strides.width
    for (row, index) in chunk.predicted.enumerated() {
      let source = plan.sources[index] - chunk.tokens.lowerBound
      (scratch.normed.start + row * strides.width).update(
        from: final + source * strides.width, count: strides.width)
    }
    norm(
      model.layout.finalNorm, rows: chunk.predicted.count, x: scratch.normed.start,
      y: store.hidden + predictedOffset * strides.width,
      inverse: store.finalInverse + predictedOffset)
  }

  /// Logits and scores of predicted tokens; their hidden vectors lie at `row` of the store.
  func score(_ targets: Range<Int>, store: Activations, row: Int, logitRow: Int) {
    let logits = store.logits + logitRow * strides.vocabulary
    weights.output.product(
      rows: targets.count, of: store.hidden + row * strides.width, inputStride: strides.width,
      into: logits, outputStride: strides.vocabulary)
    plan.targets.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      logSoftmax(
        rows: targets.count, vocabulary: model.vocabulary, logits: logits,
        stride: strides.vocabulary, targets: base + targets.lowerBound,
        logProbabilities: store.logProbabilities + row, entropies: store.entropies + row,
        logSums: store.outputLogSums + row)
    }
  }
}
