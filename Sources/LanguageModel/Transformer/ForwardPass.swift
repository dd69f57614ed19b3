import Tensors

/// Rows on their way through the layers: tokens `first ...` of the plan are row 0 of `store`,
/// predictions likewise.
///
/// A chunk goes through a layer in two sweeps: attention by row and key head, all else by tiles.
/// What a layer computes is in its blocks, `AttentionBlock` and `FeedForwardBlock`.
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
    model.layout.rope.prepare(positions: plan.longestRow)
  }

  /// Runs one chunk up to the final hidden vectors of its predicted tokens.
  ///
  /// `offset` is the row of the store that holds the chunk's first token.
  func run(
    _ chunk: RowPlan.Chunk, store: Activations, scratch: ForwardScratch, offset: Int,
    predictedOffset: Int
  ) {
    let way = Way(
      chunk: chunk, store: store, scratch: scratch, offset: offset,
      normed: scratch.normed.rows(
        max(chunk.tokens.count, chunk.predicted.count), stride: strides.width),
      hidden: scratch.hidden.rows(chunk.tokens.count, stride: strides.hidden))
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
    /// Normed vectors of the chunk's tokens, then of its predictions.
    let normed: Rows
    /// silu(gate) · up of the chunk's tokens.
    let hidden: Rows

    /// The row of the store that holds a token.
    func row(_ token: Int) -> Int { offset + token - chunk.tokens.lowerBound }
    /// The rows of the store that hold some tokens.
    func rows(_ tokens: Range<Int>) -> Range<Int> {
      row(tokens.lowerBound)..<row(tokens.upperBound)
    }
    /// The same of the scratch.
    func local(_ tokens: Range<Int>) -> Range<Int> {
      tokens.lowerBound - chunk.tokens.lowerBound..<tokens.upperBound - chunk.tokens.lowerBound
    }

    func attention(_ layer: Int, _ tile: Range<Int>) -> AttentionBlock.Vectors {
      store.attention(layer, rows(tile), normed: normed[local(tile)])
    }

    func feedForward(_ layer: Int, _ tile: Range<Int>) -> FeedForwardBlock.Vectors {
      let local = local(tile)
      return store.feedForward(layer, rows(tile), normed: normed[local], hidden: hidden[local])
    }
  }

  private func embed(_ tile: Range<Int>, _ way: Way) {
    plan.tokens.withUnsafeBufferPointer { tokens in
      model.embed(
        UnsafeBufferPointer(rebasing: tokens[tile]), into: way.store.residual(0)[way.rows(tile)])
    }
  }

  /// From the residual stream to rotated q ‖ k ‖ v.
  private func project(_ layer: Int, _ tile: Range<Int>, _ way: Way) {
    let block = model.layout.layers[layer].attention
    let vectors = way.attention(layer, tile)
    block.project(vectors, weights.layers[layer], .alone)
    for part in plan.rowParts(of: tile, rows: way.chunk.rows) {
      let first = part.tokens.lowerBound - tile.lowerBound
      block.finish(first..<first + part.tokens.count, of: vectors, from: part.position)
    }
  }

  /// Attention, by row and key head.
  private func attend(_ layer: Int, _ way: Way) {
    let block = model.layout.layers[layer].attention
    let keyHeads = block.shape.keyHeads
    let sequence = way.store.sequence(layer)
    let scratch = block.shape.scratch(tokens: plan.longestRow)
    let whole = plan.longestSharing * SharedRows.forwardFloats(strides)
    let count = way.chunk.rows.count * keyHeads
    Parallel.run(count, workers: min(sharing.within, count)) { index, worker in
      let (number, keyHead) = index.quotientAndRemainder(dividingBy: keyHeads)
      let span = plan.spans[way.chunk.rows.lowerBound + number]
      let own = way.scratch.attention.start + worker * scratch
      if span.shared.isEmpty {
        block.attend(sequence[way.rows(span.tokens)], keyHead: keyHead, scratch: own)
      } else if keyHead == 0 {
        // All heads of such a row are one piece of work, for it is laid together once.
        block.attend(
          SharedRows(span, at: way.row), of: sequence,
          whole: way.scratch.wholeRow.start + worker * whole, scratch: own)
      }
    }
  }

  private func addAttention(_ layer: Int, _ tile: Range<Int>, _ way: Way) {
    model.layout.layers[layer].attention.addOutput(
      way.attention(layer, tile), weights.layers[layer], .alone)
  }

  private func feedForward(_ layer: Int, _ tile: Range<Int>, _ way: Way) {
    model.layout.layers[layer].feedForward.forward(
      way.feedForward(layer, tile), weights.layers[layer], .alone)
  }

  private func normPredicted(_ way: Way, predictedOffset: Int) {
    let final = way.store.residual(model.architecture.layers)
    let predicted = way.chunk.predicted
    for (row, index) in predicted.enumerated() {
      way.normed[row].update(from: final[way.row(plan.sources[index])], count: strides.width)
    }
    model.layout.head.normalize(
      way.normed[0..<predicted.count],
      into: way.store.hidden[predictedOffset..<predictedOffset + predicted.count],
      inverse: way.store.finalInverse + predictedOffset, .alone)
  }
}
