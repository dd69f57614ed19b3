import Tensors

/// The forward pass's list backwards.
///
/// Every layer takes two parallel sweeps: over chunks of rows for the gradients of the vectors, then
/// over tiles of the weights for theirs, each summed over all tokens by one thread. Sums for norms
/// and biases are kept by tile of tokens. So nothing depends on the number of threads.
struct BackwardPass {
  let pass: ForwardPass
  let model: Transformer
  let plan: RowPlan
  let strides: Activations.Strides
  let store: Activations
  let buffers: BackwardBuffers

  init(_ pass: ForwardPass, store: Activations, buffers: BackwardBuffers) {
    self.pass = pass
    model = pass.model
    plan = pass.plan
    strides = pass.strides
    self.store = store
    self.buffers = buffers
  }

  func run() {
    let layers = model.architecture.layers
    Parallel.run(PackedLayer.count + 1) { index, _ in
      index < PackedLayer.count ? pack(index, layers - 1) : clearHead()
    }
    differentiateHead()
    // The gradient after the running layer, in its middle, and before it.
    var turn = 0
    for layer in (0..<layers).reversed() {
      let step = step(
        layer, after: residual(turn), middle: residual(turn + 1), before: residual(turn + 2))
      Parallel.run(plan.chunks.count, workers: pass.sharing.chunks) { index, worker in
        differentiate(step, plan.chunks[index], worker)
      }
      addWeightGradients(step)
      turn = (turn + 2) % 3
    }
    if model.adapter == nil { addEmbeddingGradient(residual(turn)) }
  }

  /// A layer, with its vectors and the gradients by them, of all tokens.
  struct LayerStep {
    let layer: Int
    let attention: AttentionBlock
    let attentionVectors: AttentionBlock.Vectors
    let attentionGradients: AttentionBlock.Gradients
    let sequence: AttentionSequence
    let feedForward: FeedForwardBlock
    let feedForwardVectors: FeedForwardBlock.Vectors
    let feedForwardGradients: FeedForwardBlock.Gradients
    /// The layer's matrices where gate ‖ up have to be made again.
    let lostGateUp: PackedLayer?
  }

  private func step(_ layer: Int, after: Rows, middle: Rows, before: Rows) -> LayerStep {
    let blocks = model.layout.layers[layer]
    let all = 0..<plan.tokens.count
    let isLost = !store.keepsGateUp(layer) && layer + 1 < model.architecture.layers
    return LayerStep(
      layer: layer, attention: blocks.attention,
      attentionVectors: store.attention(
        layer, all, normed: rows(buffers.inputNormed, strides.width)),
      attentionGradients: AttentionBlock.Gradients(
        x: before, queryKeyValue: rows(buffers.queryKeyValue, strides.queryKeyValue),
        attended: rows(buffers.attention, strides.queries), y: middle),
      sequence: store.sequence(layer), feedForward: blocks.feedForward,
      feedForwardVectors: store.feedForward(
        layer, all, normed: rows(buffers.middleNormed, strides.width),
        hidden: rows(buffers.hidden, strides.hidden)),
      feedForwardGradients: FeedForwardBlock.Gradients(
        x: middle, gateUp: rows(buffers.gateUp, strides.gateUp), y: after),
      lostGateUp: isLost ? pass.weights.layers[layer] : nil)
  }

  /// Vectors of all tokens.
  private func rows(_ buffer: FloatBuffer, _ stride: Int) -> Rows {
    buffer.rows(plan.tokens.count, stride: stride)
  }

  /// One of the three gradients of the residual stream, which rotate.
  func residual(_ turn: Int) -> Rows { rows(buffers.residual[turn % 3], strides.width) }

  /// Sums for norms and biases, a row for every tile.
  var tileSums: Rows { buffers.tileSums.rows(plan.tiles, stride: model.layout.tileSums) }

  /// The same of the final norm.
  var finalTileSums: Rows { buffers.finalTileSums.rows(plan.tiles, stride: strides.width) }

  func pack(_ matrix: Int, _ layer: Int) {
    guard layer >= 0 else { return }
    buffers.layer.pack(matrix, of: model.layout.layers[layer], model.merged, transposed: true)
  }

  private func clearHead() {
    residual(0).clear()
    finalTileSums.clear()
  }

  private func differentiate(_ step: LayerStep, _ chunk: RowPlan.Chunk, _ worker: Int) {
    // Either the chunks or the threads within one are many, so that no two share a number.
    eachTile(chunk, worker) { tokens, tile in
      tile.sums.update(repeating: 0, count: model.layout.tileSums)
      step.feedForward.backward(
        step.feedForwardVectors[tokens], step.feedForwardGradients[tokens], tile,
        through: buffers.layer, lost: step.lostGateUp)
      step.attention.addOutputBackward(
        step.attentionGradients[tokens], tile, through: buffers.layer)
    }
    attend(step, chunk, worker)
    eachTile(chunk, worker) { tokens, tile in
      for part in plan.rowParts(of: tokens, rows: chunk.rows) {
        step.attention.finishBackward(
          part.tokens, of: step.attentionVectors, step.attentionGradients, tile,
          from: part.position)
      }
      step.attention.projectBackward(
        step.attentionVectors[tokens], step.attentionGradients[tokens], tile,
        through: buffers.layer)
    }
  }

  private func eachTile(
    _ chunk: RowPlan.Chunk, _ worker: Int,
    _ body: (_ tokens: Range<Int>, _ tile: BackwardTile) -> Void
  ) {
    let count = pieces(of: chunk.tokens, by: RowPlan.tileTokens)
    Parallel.run(count, workers: min(pass.sharing.within, count)) { index, within in
      let tokens = chunk.tokens.piece(index, by: RowPlan.tileTokens)
      let scratch = buffers.workers[worker + within]
      body(
        tokens,
        BackwardTile(
          normed: scratch.normed.rows(tokens.count, stride: strides.width),
          hidden: scratch.hidden.rows(tokens.count, stride: strides.hidden),
          sums: tileSums[chunk.firstTile + index],
          sharing: RowSharing(workers: 1, rounded: scratch.rounded.start)))
    }
  }

  /// Attention, by row and key head.
  private func attend(_ step: LayerStep, _ chunk: RowPlan.Chunk, _ worker: Int) {
    let (block, gradients) = (step.attention, step.attentionGradients)
    let keyHeads = block.shape.keyHeads
    let count = chunk.rows.count * keyHeads
    Parallel.run(count, workers: min(pass.sharing.within, count)) { index, within in
      let (number, keyHead) = index.quotientAndRemainder(dividingBy: keyHeads)
      let span = plan.spans[chunk.rows.lowerBound + number]
      guard span.shared.isEmpty else { return }
      block.attendBackward(
        step.sequence[span.tokens], keyHead: keyHead, gradients.attended[span.tokens],
        into: gradients.queryKeyValue[span.tokens],
        scratch: buffers.workers[worker + within].attention.start)
    }
    // Those that share a beginning add to its gradient, one after another.
    let scratch = buffers.workers[worker]
    for row in chunk.rows where !plan.spans[row].shared.isEmpty {
      block.attendBackward(
        SharedRows(plan.spans[row]) { $0 }, of: step.sequence, gradients.attended,
        into: gradients.queryKeyValue, whole: scratch.wholeRow.start,
        scratch: scratch.attention.start)
    }
  }

  private func addEmbeddingGradient(_ residual: Rows) {
    let width = model.architecture.width
    let columns = 32
    let table = gradients + model.layout.embedding.offset
    plan.tokens.withUnsafeBufferPointer { tokens in
      nonisolated(unsafe) let tokens = tokens
      Parallel.run((width + columns - 1) / columns) { index, _ in
        embedBackward(
          tokens, gradient: residual, width: width,
          columns: index * columns..<min(width, (index + 1) * columns), tableGradient: table)
      }
    }
  }
}
