import Tensors

/// From the final hidden vectors to scores and back, a block of predicted tokens at a time.
///
/// The logits of a large vocabulary are never held whole: the forward pass keeps log-probability,
/// entropy and log-sum, the backward pass computes the logits of a block again, turns them into
/// their derivatives and spends them on the gradients by the hidden vectors and by the weights.
enum Head {
  /// Predicted tokens of a block in the forward pass.
  static let scoredRows = 64
  /// The same in the backward pass, where the sums over a block are the better the longer it is.
  static let differentiatedRows = 256
  /// Derivatives by logits that are held a second time, rounded, unless so many rows hold more.
  static let roundedLogits = 1 << 24
}

extension ForwardPass {
  /// Whether the backward pass finds the logits where the forward pass left them.
  var keepsLogits: Bool { plan.targets.count * strides.vocabulary <= model.logitLimit }

  /// Rows of logits that training holds.
  var logitRows: Int {
    let running = max(sharing.workers * Head.scoredRows, Head.differentiatedRows)
    return keepsLogits ? plan.targets.count : running
  }

  /// Logits of predicted tokens over the temperature; their hidden vectors lie at `row` of the store.
  func logits(_ targets: Range<Int>, store: Activations, row: Int, logitRow: Int) {
    weights.output.product(
      rows: targets.count, of: store.hidden + row * strides.width, inputStride: strides.width,
      into: store.logits + logitRow * strides.vocabulary, outputStride: strides.vocabulary)
    divide(
      rows: targets.count, vocabulary: model.vocabulary,
      logits: store.logits + logitRow * strides.vocabulary, stride: strides.vocabulary,
      by: temperature)
  }

  /// Scores the predicted tokens of a chunk; their hidden vectors lie at `row` of the store.
  ///
  /// `logitRow` is where a block's logits go, given its first token and the number of the thread
  /// within the chunk.
  func score(
    _ chunk: RowPlan.Chunk, store: Activations, row: Int,
    logitRow: (_ first: Int, _ worker: Int) -> Int
  ) {
    let targets = chunk.predicted
    let count = pieces(of: targets, by: Head.scoredRows)
    Parallel.run(count, workers: min(sharing.within, count)) { index, worker in
      let block = targets.piece(index, by: Head.scoredRows)
      let at = row + block.lowerBound - targets.lowerBound
      let logitRow = logitRow(block.lowerBound, worker)
      logits(block, store: store, row: at, logitRow: logitRow)
      plan.targets.withUnsafeBufferPointer { all in
        guard let base = all.baseAddress else { return }
        logSoftmax(
          rows: block.count, vocabulary: model.vocabulary,
          logits: store.logits + logitRow * strides.vocabulary, stride: strides.vocabulary,
          targets: base + block.lowerBound, logProbabilities: store.logProbabilities + at,
          entropies: store.entropies + at, logSums: store.outputLogSums + at)
      }
    }
  }
}

extension BackwardPass {
  /// From the scores to the residual stream after the last layer, and the output weights' gradient.
  ///
  /// `weights` are the output weights, (vocabulary, width).
  func differentiateHead(_ weights: UnsafePointer<Float>) {
    let all = 0..<plan.targets.count
    if buffers.precision == .bfloat16 {
      buffers.rounded.takeOutput(
        weights, vocabulary: model.vocabulary, width: model.architecture.width)
    }
    for block in 0..<pieces(of: all, by: blockRows) {
      let targets = all.piece(block, by: blockRows)
      if roundsLogits {
        buffers.rounded.reserveLogits(rows: targets.count, vocabulary: model.vocabulary)
      }
      let tiles = pieces(of: targets, by: RowPlan.tileTokens)
      Parallel.run(tiles, workers: min(pass.sharing.workers, tiles)) { index, worker in
        let tile = targets.piece(index, by: RowPlan.tileTokens)
        differentiate(tile, of: targets, weights, buffers.workers[worker])
      }
      if model.adapter == nil { addOutputGradient(targets) }
    }
    if model.adapter == nil { addFinalNormGradient() }
    guard let head = model.valueHead else { return }
    for target in all {
      head.addGradient(valueSlope(target), of: store.hidden + target * strides.width)
    }
  }

  /// Predicted tokens of a block, whole tiles unless it is the only one.
  private var blockRows: Int {
    guard pass.keepsLogits else { return Head.differentiatedRows }
    guard roundsLogits else { return max(1, plan.targets.count) }
    let tiles = Head.roundedLogits / strides.vocabulary / RowPlan.tileTokens
    return max(Head.differentiatedRows, tiles * RowPlan.tileTokens)
  }

  /// Whether the output weights' gradient is made of rounded numbers.
  private var roundsLogits: Bool { buffers.precision == .bfloat16 && model.adapter == nil }

  private func differentiate(
    _ tile: Range<Int>, of block: Range<Int>, _ weights: UnsafePointer<Float>,
    _ scratch: BackwardScratch
  ) {
    let rows = tile.lowerBound - block.lowerBound..<tile.upperBound - block.lowerBound
    let logitRow = pass.keepsLogits ? tile.lowerBound : rows.lowerBound
    let logits = store.logits + logitRow * strides.vocabulary
    if !pass.keepsLogits {
      pass.logits(tile, store: store, row: tile.lowerBound, logitRow: logitRow)
    }
    differentiateLogits(tile, logits)
    if roundsLogits { buffers.rounded.takeLogits(rows, logits, stride: strides.vocabulary) }
    spend(logits, rows: rows.count, weights, into: scratch.normed.start)
    differentiateHidden(tile, scratch)
  }

  /// The gradient by the hidden vectors; the derivatives by the logits are not needed afterwards.
  private func spend(
    _ logits: UnsafeMutablePointer<Float>, rows: Int, _ weights: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    switch buffers.precision {
    case .float32:
      deepProduct(
        rows: rows, columns: model.architecture.width, depth: model.vocabulary, of: logits,
        inputStride: strides.vocabulary, weights, into: gradient, outputStride: strides.width)
    case .bfloat16:
      buffers.rounded.output.product(
        rows: rows, rounding: logits, inputStride: strides.vocabulary, into: gradient,
        outputStride: strides.width)
    }
  }

  private func valueSlope(_ target: Int) -> Float {
    buffers.scoreGradients.start[2 * plan.targets.count + target]
  }

  private func differentiateLogits(
    _ targets: Range<Int>, _ logits: UnsafeMutablePointer<Float>
  ) {
    let first = targets.lowerBound
    let gradients = buffers.scoreGradients.start
    plan.targets.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      logSoftmaxBackward(
        rows: targets.count, vocabulary: model.vocabulary, logits: logits,
        stride: strides.vocabulary, targets: base + first, entropies: store.entropies + first,
        logSums: store.outputLogSums + first, logProbabilityGradient: gradients + first,
        entropyGradient: gradients + plan.targets.count + first)
    }
  }

  /// From the hidden vectors through the final norm; each target has a token of its own.
  private func differentiateHidden(_ targets: Range<Int>, _ scratch: BackwardScratch) {
    let width = strides.width
    if let head = model.valueHead {
      for (row, target) in targets.enumerated() {
        head.addHiddenGradient(valueSlope(target), to: scratch.normed.start + row * width)
      }
    }
    let last = store.residual(model.architecture.layers)
    for (row, source) in plan.sources[targets].enumerated() {
      (scratch.source.start + row * width).update(from: last + source * width, count: width)
    }
    normBackward(
      model.layout.finalNorm, rows: targets.count, yGradient: scratch.normed.start,
      x: scratch.source.start, inverse: store.finalInverse + targets.lowerBound,
      xGradient: scratch.normed.start,
      weightGradient: buffers.finalPartials.start
        + targets.lowerBound / RowPlan.tileTokens * width, adding: false)
    let after = buffers.residual[0].start
    for (row, source) in plan.sources[targets].enumerated() {
      (after + source * width).update(from: scratch.normed.start + row * width, count: width)
    }
  }
}
