import Tensors

/// Rows on their way through the layers: tokens `first ...` of the plan are row 0 of `store`,
/// predictions likewise.
///
/// A chunk goes through a layer in two sweeps: attention by row and key head, all else by tiles.
struct ForwardPass {
  let model: Transformer
  let weights: PackedWeights
  let plan: RowPlan
  let sharing: Sharing
  let strides: Activations.Strides
  /// Divides the logits of predicted tokens.
  let temperature: Float

  init(_ model: Transformer, _ plan: RowPlan, temperature: Float = 1) {
    precondition(temperature > 0, "scores need a temperature above 0")
    self.model = model
    self.plan = plan
    self.temperature = temperature
    sharing = Sharing(plan)
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
    let way = Way(chunk: chunk, store: store, scratch: scratch, offset: offset)
    let layers = model.architecture.layers
    sharing.eachPiece(of: chunk.tokens, by: RowPlan.tileTokens) { _, tile in
      embed(tile, way)
      project(0, tile, way)
    }
    for layer in 0..<layers {
      attend(layer, way)
      sharing.eachPiece(of: chunk.tokens, by: RowPlan.tileTokens) { _, tile in
        addAttention(layer, tile, way)
        feedForward(layer, tile, way)
        if layer + 1 < layers { project(layer + 1, tile, way) }
      }
    }
    normPredicted(way, predictedOffset: predictedOffset)
  }

  /// A chunk, and where its vectors go.
  private struct Way {
    let chunk: RowPlan.Chunk
    let store: Activations
    let scratch: ForwardScratch
    let offset: Int

    /// The row of the store that holds a token.
    func row(_ token: Int) -> Int { offset + token - chunk.tokens.lowerBound }
    /// The same of the scratch.
    func local(_ token: Int) -> Int { token - chunk.tokens.lowerBound }
  }

  private func embed(_ tile: Range<Int>, _ way: Way) {
    plan.tokens.withUnsafeBufferPointer { tokens in
      Tensors.embed(
        UnsafeBufferPointer(rebasing: tokens[tile]), table: model.weight(model.layout.embedding),
        width: model.architecture.width,
        into: way.store.residual(0) + way.row(tile.lowerBound) * strides.width,
        stride: strides.width)
    }
  }

  /// From the residual stream to rotated q ‖ k ‖ v.
  private func project(_ layer: Int, _ tile: Range<Int>, _ way: Way) {
    let (store, row, count) = (way.store, way.row(tile.lowerBound), tile.count)
    let normed = way.scratch.normed.start + way.local(tile.lowerBound) * strides.width
    norm(
      model.layout.layers[layer].inputNorm, rows: count,
      x: store.residual(layer) + row * strides.width, y: normed,
      inverse: store.inputInverse(layer) + row)
    let qkv = store.queryKeyValue(layer) + row * strides.queryKeyValue
    weights.layers[layer].queryKeyValue.product(
      rows: count, of: normed, inputStride: strides.width, into: qkv,
      outputStride: strides.queryKeyValue)
    model.add(
      model.layout.layers[layer].biases.queryKeyValue, rows: count, to: qkv,
      stride: strides.queryKeyValue)
    normHeads(layer, rows: count, store, row)
    let shape = model.layout.attention
    for part in plan.rowParts(of: tile, rows: way.chunk.rows) {
      model.rope.rotate(
        qkv + (part.tokens.lowerBound - tile.lowerBound) * strides.queryKeyValue,
        rows: part.tokens.count, heads: shape.heads + shape.keyHeads,
        stride: strides.queryKeyValue, start: part.position)
    }
  }

  private func attend(_ layer: Int, _ way: Way) {
    let shape = model.layout.attention
    let store = way.store
    let scratch = shape.scratch(tokens: plan.longestRow)
    let count = way.chunk.rows.count * shape.keyHeads
    Parallel.run(count, workers: min(sharing.within, count)) { index, worker in
      let (number, keyHead) = index.quotientAndRemainder(dividingBy: shape.keyHeads)
      let span = plan.spans[way.chunk.rows.lowerBound + number]
      guard span.shared.isEmpty else {
        // All heads of such a row are one piece of work, for it is laid together once.
        if keyHead == 0 { attend(layer, SharedRows(span, at: way.row), way, worker) }
        return
      }
      let row = way.row(span.tokens.lowerBound)
      attention(
        shape, tokens: span.tokens.count, keyHead: keyHead,
        x: store.queryKeyValue(layer) + row * strides.queryKeyValue,
        inputStride: strides.queryKeyValue, y: store.attention(layer) + row * strides.queries,
        outputStride: strides.queries, logSums: store.logSums(layer) + row * strides.heads,
        scratch: way.scratch.attention.start + worker * scratch)
    }
  }

  private func attend(_ layer: Int, _ rows: SharedRows, _ way: Way, _ worker: Int) {
    let whole = plan.longestSharing * SharedRows.forwardFloats(strides)
    attend(
      rows, way.store.queryKeyValue(layer), y: way.store.attention(layer),
      logSums: way.store.logSums(layer), whole: way.scratch.wholeRow.start + worker * whole,
      scratch: way.scratch.attention.start
        + worker * model.layout.attention.scratch(tokens: plan.longestRow))
  }

  private func addAttention(_ layer: Int, _ tile: Range<Int>, _ way: Way) {
    let row = way.row(tile.lowerBound)
    let middle = way.store.middle(layer) + row * strides.width
    middle.update(
      from: way.store.residual(layer) + row * strides.width, count: tile.count * strides.width)
    weights.layers[layer].output.product(
      rows: tile.count, of: way.store.attention(layer) + row * strides.queries,
      inputStride: strides.queries, into: middle, outputStride: strides.width, adding: true)
    model.add(
      model.layout.layers[layer].biases.output, rows: tile.count, to: middle,
      stride: strides.width)
  }

  private func feedForward(_ layer: Int, _ tile: Range<Int>, _ way: Way) {
    let (store, row, count) = (way.store, way.row(tile.lowerBound), tile.count)
    let middle = store.middle(layer) + row * strides.width
    let normed = way.scratch.normed.start + way.local(tile.lowerBound) * strides.width
    let hidden = way.scratch.hidden.start + way.local(tile.lowerBound) * strides.hidden
    norm(
      model.layout.layers[layer].middleNorm, rows: count, x: middle, y: normed,
      inverse: store.middleInverse(layer) + row)
    let gateUp = store.gateUp(layer) + row * strides.gateUp
    weights.layers[layer].gateUp.product(
      rows: count, of: normed, inputStride: strides.width, into: gateUp,
      outputStride: strides.gateUp)
    let biases = model.layout.layers[layer].biases
    model.add(biases.gateUp, rows: count, to: gateUp, stride: strides.gateUp)
    swiGLU(
      rows: count, hidden: model.architecture.hidden, x: gateUp, inputStride: strides.gateUp,
      y: hidden, outputStride: strides.hidden)
    let next = store.residual(layer + 1) + row * strides.width
    next.update(from: middle, count: count * strides.width)
    weights.layers[layer].down.product(
      rows: count, of: hidden, inputStride: strides.hidden, into: next,
      outputStride: strides.width, adding: true)
    model.add(biases.down, rows: count, to: next, stride: strides.width)
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

  private func normPredicted(_ way: Way, predictedOffset: Int) {
    let final = way.store.residual(model.architecture.layers)
    let normed = way.scratch.normed.start
    for (row, index) in way.chunk.predicted.enumerated() {
      (normed + row * strides.width).update(
        from: final + way.row(plan.sources[index]) * strides.width, count: strides.width)
    }
    norm(
      model.layout.finalNorm, rows: way.chunk.predicted.count, x: normed,
      y: way.store.hidden + predictedOffset * strides.width,
      inverse: way.store.finalInverse + predictedOffset)
  }
}
