import Tensors

/// From the residual stream after the last layer to logits: the final norm and the output weights.
///
/// Training goes on to scores and back, a block of predicted tokens at a time. The logits of a large
/// vocabulary are never held whole: the forward pass keeps log-probability, entropy and log-sum, the
/// backward pass computes the logits of a block again, turns them into their derivatives and spends
/// them on the gradients by the hidden vectors and by the weights.
final class Head {
  /// Predicted tokens of a block in the forward pass.
  static let scoredRows = 64
  /// The same in the backward pass, where the sums over a block are the better the longer it is.
  static let differentiatedRows = 256
  /// Derivatives by logits that are held a second time, rounded, unless so many rows hold more.
  static let roundedLogits = 1 << 24

  /// The output weights, (vocabulary, width).
  let weights: ParameterSlice
  fileprivate let norm: LearnedNorm

  init(_ model: LayerParameters, output: ParameterSlice) {
    weights = output
    var sums = TileSums()
    norm = model.norm("model.norm", sums: &sums)
  }

  /// Hidden vectors: what the output weights multiply, and the critic reads.
  func normalize(
    _ x: Rows, into hidden: Rows, inverse: UnsafeMutablePointer<Float>, _ sharing: RowSharing
  ) {
    norm.forward(x, into: hidden, inverse: inverse, sharing)
  }

  /// Logits of hidden vectors.
  func logits(_ hidden: Rows, into y: Rows, _ matrix: WeightMatrix, _ sharing: RowSharing) {
    matrix.product(hidden, into: y, sharing)
  }
}

extension ForwardPass {
  /// Whether the backward pass finds the logits where the forward pass left them.
  var keepsLogits: Bool { plan.targets.count * strides.vocabulary <= model.logitLimit }

  /// Rows of logits that training holds.
  var logitRows: Int {
    let running = max(sharing.workers * Head.scoredRows, Head.differentiatedRows)
    return keepsLogits ? plan.targets.count : running
  }

  /// Logits of hidden vectors over the temperature.
  func logits(_ hidden: Rows, into y: Rows) {
    model.layout.head.logits(hidden, into: y, weights.output, .alone)
    divide(y, vocabulary: model.vocabulary, by: temperature)
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
      let logits = store.logits[logitRow..<logitRow + block.count]
      self.logits(store.hidden[at..<at + block.count], into: logits)
      plan.targets.withUnsafeBufferPointer { all in
        guard let base = all.baseAddress else { return }
        logSoftmax(
          logits, vocabulary: model.vocabulary, targets: base + block.lowerBound,
          logProbabilities: store.logProbabilities + at, entropies: store.entropies + at,
          logSums: store.outputLogSums + at)
      }
    }
  }
}

extension BackwardPass {
  /// From the scores to the residual stream after the last layer, and the output weights' gradient.
  func differentiateHead() {
    let all = 0..<plan.targets.count
    if buffers.precision == .bfloat16 {
      buffers.rounded.takeOutput(model.base, model.layout.head.weights)
    }
    for block in 0..<pieces(of: all, by: blockRows) {
      let targets = all.piece(block, by: blockRows)
      if roundsLogits {
        buffers.rounded.reserveLogits(rows: targets.count, vocabulary: model.vocabulary)
      }
      buffers.hiddenGradient.reserve(targets.count * strides.width)
      eachTile(of: targets) { tile, _ in differentiateLogits(tile, of: targets) }
      spend(targets)
      eachTile(of: targets) { differentiateHidden($0, of: targets, buffers.workers[$1]) }
      if model.adapter == nil { addOutputGradient(targets) }
    }
    if model.adapter == nil { model.layout.head.norm.addGradient(finalTileSums, to: gradients) }
    guard let head = model.valueHead else { return }
    for target in all { head.addGradient(valueSlope(target), of: store.hidden[target]) }
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

  private func eachTile(
    of targets: Range<Int>, _ body: (_ tile: Range<Int>, _ worker: Int) -> Void
  ) {
    let tiles = pieces(of: targets, by: RowPlan.tileTokens)
    Parallel.run(tiles, workers: min(pass.sharing.workers, tiles)) { index, worker in
      body(targets.piece(index, by: RowPlan.tileTokens), worker)
    }
  }

  /// The rows of a block's memory that are a tile's.
  private func local(_ tile: Range<Int>, of block: Range<Int>) -> Range<Int> {
    tile.lowerBound - block.lowerBound..<tile.upperBound - block.lowerBound
  }

  private func logits(_ tile: Range<Int>, of block: Range<Int>) -> Rows {
    store.logits[pass.keepsLogits ? tile : local(tile, of: block)]
  }

  private func hiddenGradient(_ tile: Range<Int>, of block: Range<Int>) -> Rows {
    buffers.hiddenGradient.rows(block.count, stride: strides.width)[local(tile, of: block)]
  }

  private func valueSlope(_ target: Int) -> Float {
    buffers.scoreGradients.start[2 * plan.targets.count + target]
  }

  /// The logits of a tile, computed again where they were lost, become the derivatives by them.
  private func differentiateLogits(_ targets: Range<Int>, of block: Range<Int>) {
    let logits = logits(targets, of: block)
    if !pass.keepsLogits { pass.logits(store.hidden[targets], into: logits) }
    let first = targets.lowerBound
    let gradients = buffers.scoreGradients.start
    plan.targets.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      logSoftmaxBackward(
        logits, vocabulary: model.vocabulary, targets: base + first,
        entropies: store.entropies + first, logSums: store.outputLogSums + first,
        logProbabilityGradient: gradients + first,
        entropyGradient: gradients + plan.targets.count + first)
    }
    if roundsLogits { buffers.rounded.takeLogits(local(targets, of: block), logits) }
  }

  /// The gradient by the hidden vectors; the derivatives by the logits are not needed afterwards.
  ///
  /// Of weights that lie as their file has them a stretch of the vocabulary at a time is floats.
  private func spend(_ block: Range<Int>) {
    guard buffers.precision == .float32 else {
      return eachTile(of: block) { tile, _ in
        buffers.rounded.output.product(
          rounding: logits(tile, of: block), into: hiddenGradient(tile, of: block))
      }
    }
    let all = 0..<model.vocabulary
    let size = model.base.isStored ? deepStretch : max(1, all.count)
    for piece in 0..<pieces(of: all, by: size) {
      let stretch = all.piece(piece, by: size)
      model.base.withRows(stretch, of: model.layout.head.weights) { weights in
        eachTile(of: block) { tile, _ in
          deepProduct(
            logits(tile, of: block).columns(from: stretch.lowerBound), depth: stretch.count,
            weights, columns: model.architecture.width, into: hiddenGradient(tile, of: block),
            adding: piece > 0)
        }
      }
    }
  }

  /// From the hidden vectors through the final norm; each target has a token of its own.
  private func differentiateHidden(
    _ targets: Range<Int>, of block: Range<Int>, _ scratch: BackwardScratch
  ) {
    let gradient = hiddenGradient(targets, of: block)
    let x = scratch.source.rows(targets.count, stride: strides.width)
    if let head = model.valueHead {
      for (row, target) in targets.enumerated() {
        head.addHiddenGradient(valueSlope(target), to: gradient[row])
      }
    }
    let last = store.residual(model.architecture.layers)
    for (row, source) in plan.sources[targets].enumerated() {
      x[row].update(from: last[source], count: strides.width)
    }
    model.layout.head.norm.backward(
      gradient, x: x, inverse: store.finalInverse + targets.lowerBound, into: gradient,
      sums: finalTileSums[targets.lowerBound / RowPlan.tileTokens])
    let after = residual(0)
    for (row, source) in plan.sources[targets].enumerated() {
      after[source].update(from: gradient[row], count: strides.width)
    }
  }

  /// Adds the output weights' gradient of some predicted tokens, whose logits lie at row 0.
  private func addOutputGradient(_ targets: Range<Int>) {
    let output = model.layout.head.weights
    let hidden = store.hidden[targets]
    let tasks: [WeightTask] =
      switch buffers.precision {
      case .float32:
        weightTasks(
          WeightProduct(weight: output, outputGradient: store.logits, input: hidden))
      case .bfloat16:
        weightTasks(
          output, first: 0,
          buffers.rounded.takeHidden(hidden, width: model.architecture.width))
      }
    Parallel.run(tasks.count) { index, _ in tasks[index].run(tokens: targets.count) }
  }
}
