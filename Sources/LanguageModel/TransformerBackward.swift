import Tensors

/// The forward pass's list backwards.
///
/// Every layer takes two parallel sweeps: over chunks of rows for the gradients of the vectors, then
/// over tiles of the weights for theirs, each summed over all tokens by one thread. So nothing
/// depends on the number of threads.
struct BackwardPass {
  let model: Transformer
  let plan: RowPlan
  let strides: Activations.Strides
  let store: Activations
  let buffers: BackwardBuffers
  let partials: Partials

  init(_ pass: ForwardPass, store: Activations, buffers: BackwardBuffers) {
    model = pass.model
    plan = pass.plan
    strides = pass.strides
    self.store = store
    self.buffers = buffers
    partials = Partials(pass.strides, pass.model.layout.attention)
  }

  func run() {
    let layers = model.architecture.layers
    Parallel.run(PackedLayer.count + 1) { index, _ in
      if index < PackedLayer.count { return pack(index, layers - 1) }
      model.merged.withMatrix([model.layout.output]) { buffers.output.packTransposed($0) }
    }
    eachChunk { chunk, index, scratch in logits(chunk, index, scratch) }
    if model.adapter == nil { addOutputGradient() }
    // The gradient after the running layer, in its middle, and before it.
    var turn = 0
    for layer in (0..<layers).reversed() {
      let after = buffers.residual[turn].start
      let middle = buffers.residual[(turn + 1) % 3].start
      let before = buffers.residual[(turn + 2) % 3].start
      eachChunk { chunk, index, scratch in
        feedForward(layer, chunk, index, scratch, after: after, middle: middle)
        attend(layer, chunk, index, scratch, middle: middle, before: before)
      }
      addWeightGradients(layer, after: after, middle: middle)
      turn = (turn + 2) % 3
    }
    if model.adapter == nil { addEmbeddingGradient(buffers.residual[turn].start) }
  }

  func pack(_ matrix: Int, _ layer: Int) {
    guard layer >= 0 else { return }
    buffers.layer.pack(matrix, of: model.layout.layers[layer], model.merged, transposed: true)
  }

  private func eachChunk(_ body: (RowPlan.Chunk, Int, BackwardScratch) -> Void) {
    Parallel.run(plan.chunks.count, workers: buffers.count) { index, worker in
      (buffers.partials.start + index * partials.stride).update(
        repeating: 0, count: partials.stride)
      body(plan.chunks[index], index, buffers.workers[worker])
    }
  }

  private func partial(_ chunk: Int, _ offset: Int) -> UnsafeMutablePointer<Float> {
    buffers.partials.start + chunk * partials.stride + offset
  }

  /// From the scores to the residual stream after the last layer.
  private func logits(_ chunk: RowPlan.Chunk, _ index: Int, _ scratch: BackwardScratch) {
    let first = chunk.predicted.lowerBound
    let rows = chunk.predicted.count
    let width = strides.width
    let logits = store.logits + first * strides.vocabulary
    let gradients = buffers.scoreGradients.start
    plan.targets.withUnsafeBufferPointer { targets in
      guard let base = targets.baseAddress else { return }
      logSoftmaxBackward(
        rows: rows, vocabulary: model.vocabulary, logits: logits, stride: strides.vocabulary,
        targets: base + first, entropies: store.entropies + first,
        logSums: store.outputLogSums + first, logProbabilityGradient: gradients + first,
        entropyGradient: gradients + plan.targets.count + first)
    }
    buffers.output.product(
      rows: rows, of: logits, inputStride: strides.vocabulary, into: scratch.normed.start,
      outputStride: width)
    let last = store.residual(model.architecture.layers)
    for (row, source) in plan.sources[chunk.predicted].enumerated() {
      (scratch.source.start + row * width).update(from: last + source * width, count: width)
    }
    normBackward(
      model.layout.finalNorm, rows: rows, yGradient: scratch.normed.start,
      x: scratch.source.start, inverse: store.finalInverse + first,
      xGradient: scratch.normed.start, weightGradient: partial(index, partials.inputNorm),
      adding: false)
    let after = buffers.residual[0].start
    (after + chunk.tokens.lowerBound * width).update(
      repeating: 0, count: chunk.tokens.count * width)
    for (row, source) in plan.sources[chunk.predicted].enumerated() {
      (after + source * width).update(from: scratch.normed.start + row * width, count: width)
    }
  }

  private func feedForward(
    _ layer: Int, _ chunk: RowPlan.Chunk, _ index: Int, _ scratch: BackwardScratch,
    after: UnsafeMutablePointer<Float>, middle: UnsafeMutablePointer<Float>
  ) {
    let start = chunk.tokens.lowerBound
    let count = chunk.tokens.count
    let width = strides.width
    buffers.layer.down.product(
      rows: count, of: after + start * width, inputStride: width, into: scratch.hidden.start,
      outputStride: strides.hidden)
    let gateUpGradient = buffers.gateUp.start + start * strides.gateUp
    swiGLUBackward(
      rows: count, hidden: model.architecture.hidden, yGradient: scratch.hidden.start,
      x: store.gateUp(layer) + start * strides.gateUp, inputStride: strides.gateUp,
      xGradient: gateUpGradient, y: buffers.hidden.start + start * strides.hidden,
      outputStride: strides.hidden)
    buffers.layer.gateUp.product(
      rows: count, of: gateUpGradient, inputStride: strides.gateUp, into: scratch.normed.start,
      outputStride: width)
    (middle + start * width).update(from: after + start * width, count: count * width)
    let weight = model.layout.layers[layer].middleNorm
    let x = store.middle(layer) + start * width
    let inverse = store.middleInverse(layer) + start
    normBackward(
      weight, rows: count, yGradient: scratch.normed.start, x: x, inverse: inverse,
      xGradient: middle + start * width, weightGradient: partial(index, partials.middleNorm),
      adding: true)
    rmsNormAgain(
      rows: count, width: model.architecture.width, x: x, inputStride: width,
      weight: model.weight(weight), inverse: inverse,
      y: buffers.middleNormed.start + start * width, outputStride: width)
  }

  private func attend(
    _ layer: Int, _ chunk: RowPlan.Chunk, _ index: Int, _ scratch: BackwardScratch,
    middle: UnsafeMutablePointer<Float>, before: UnsafeMutablePointer<Float>
  ) {
    let start = chunk.tokens.lowerBound
    let count = chunk.tokens.count
    let width = strides.width
    buffers.layer.output.product(
      rows: count, of: middle + start * width, inputStride: width, into: scratch.outputs.start,
      outputStride: strides.queries)
    let gradient = buffers.queryKeyValue.start + start * strides.queryKeyValue
    for row in chunk.rows {
      let span = plan.spans[row]
      if span.shared.isEmpty {
        attendRow(layer, span.tokens, start, scratch)
      } else {
        attendRow(layer, SharedRows(span, first: start), start, scratch)
      }
    }
    // A shared beginning turns back once all rows have added to it.
    for row in chunk.rows { rotateBack(plan.spans[row]) }
    headsBackward(layer, chunk, index)
    addRows(
      gradient, rows: model.layout.layers[layer].biases.isEmpty ? 0 : count,
      columns: model.layout.queryKeyValue, stride: strides.queryKeyValue,
      to: partial(index, partials.bias))
    buffers.layer.queryKeyValue.product(
      rows: count, of: gradient, inputStride: strides.queryKeyValue, into: scratch.normed.start,
      outputStride: width)
    (before + start * width).update(from: middle + start * width, count: count * width)
    let weight = model.layout.layers[layer].inputNorm
    let x = store.residual(layer) + start * width
    let inverse = store.inputInverse(layer) + start
    normBackward(
      weight, rows: count, yGradient: scratch.normed.start, x: x, inverse: inverse,
      xGradient: before + start * width, weightGradient: partial(index, partials.inputNorm),
      adding: true)
    rmsNormAgain(
      rows: count, width: model.architecture.width, x: x, inputStride: width,
      weight: model.weight(weight), inverse: inverse,
      y: buffers.inputNormed.start + start * width, outputStride: width)
  }

  private func rotateBack(_ span: RowPlan.Span) {
    model.rope.rotateBackward(
      buffers.queryKeyValue.start + span.tokens.lowerBound * strides.queryKeyValue,
      rows: span.tokens.count,
      heads: model.layout.attention.heads + model.layout.attention.keyHeads,
      stride: strides.queryKeyValue, start: span.shared.count)
  }

  /// Attention of one sequence.
  private func attendRow(
    _ layer: Int, _ tokens: Range<Int>, _ chunkStart: Int, _ scratch: BackwardScratch
  ) {
    let shape = model.layout.attention
    let first = tokens.lowerBound
    let gradient = buffers.queryKeyValue.start + first * strides.queryKeyValue
    attentionBackward(
      shape, tokens: tokens.count, x: store.queryKeyValue(layer) + first * strides.queryKeyValue,
      inputStride: strides.queryKeyValue, y: store.attention(layer) + first * strides.queries,
      yGradient: scratch.outputs.start + (first - chunkStart) * strides.queries,
      outputStride: strides.queries, logSums: store.logSums(layer) + first * strides.heads,
      xGradient: gradient, gradientStride: strides.queryKeyValue,
      scratch: scratch.attention.start)
  }

  /// Qwen3's norm of every head of q and k.
  private func headsBackward(_ layer: Int, _ chunk: RowPlan.Chunk, _ index: Int) {
    let names = model.layout.layers[layer]
    guard let queryNorm = names.queryNorm, let keyNorm = names.keyNorm else { return }
    let shape = model.layout.attention
    let parts = [
      (0..<shape.heads, queryNorm, partials.queryNorm),
      (shape.heads..<shape.heads + shape.keyHeads, keyNorm, partials.keyNorm),
    ]
    for row in chunk.tokens {
      for (heads, weight, offset) in parts {
        let at = row * strides.queryKeyValue + heads.lowerBound * shape.headWidth
        let gradient = buffers.queryKeyValue.start + at
        rmsNormBackward(
          rows: heads.count, width: shape.headWidth, yGradient: gradient,
          outputStride: shape.headWidth, x: store.rawQueryKeyValue(layer) + at,
          inputStride: shape.headWidth, weight: model.weight(weight),
          inverse: store.headInverse(layer) + row * strides.normedHeads + heads.lowerBound,
          xGradient: gradient, gradientStride: shape.headWidth,
          weightGradient: partial(index, offset), adding: false)
      }
    }
  }

  private func normBackward(
    _ weight: ParameterSlice, rows: Int, yGradient: UnsafePointer<Float>, x: UnsafePointer<Float>,
    inverse: UnsafePointer<Float>, xGradient: UnsafeMutablePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    rmsNormBackward(
      rows: rows, width: model.architecture.width, yGradient: yGradient,
      outputStride: strides.width, x: x, inputStride: strides.width, weight: model.weight(weight),
      inverse: inverse, xGradient: xGradient, gradientStride: strides.width,
      weightGradient: weightGradient, adding: adding)
  }
}
