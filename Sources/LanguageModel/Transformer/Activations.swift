import Tensors

/// What the forward pass leaves behind, for a number of tokens and of layers.
///
/// With one layer stored, every layer writes over the one before: that is all that scoring needs.
/// Rows are `rowStride` apart; the memory grows once and is used again.
final class Activations {
  private var keepsLayers = false
  private var gateUps = 1
  private var tokens = 0
  private var layerFloats = 0
  private var strides = Strides()
  private let memory = FloatBuffer()
  private let gateUpMemory = FloatBuffer()
  private let predictions = FloatBuffer()
  private let logitMemory = FloatBuffer()
  private var predicted = 0
  private var logitRows = 0

  /// Distances between the rows of each kind of vector.
  struct Strides {
    var width = 0
    var queries = 0
    var queryKeyValue = 0
    var hidden = 0
    var gateUp = 0
    var vocabulary = 0
    var heads = 0
    var normedHeads = 0

    init() {}

    init(_ architecture: Architecture, _ layout: TransformerLayout) {
      width = rowStride(architecture.width)
      queries = rowStride(layout.queries)
      queryKeyValue = rowStride(layout.queryKeyValue)
      hidden = rowStride(architecture.hidden)
      gateUp = rowStride(2 * architecture.hidden)
      // Rows a whole number of pages apart would share a few places of the cache: a tenth slower.
      let logits = rowStride(architecture.vocabulary)
      vocabulary = logits % 1024 == 0 ? logits + 32 : logits
      heads = architecture.heads
      normedHeads =
        architecture.family == .qwen3 ? architecture.heads + architecture.keyHeads : 0
    }

    /// Floats a token takes in each stored layer, gate ‖ up apart.
    var layer: Int {
      2 * width + queryKeyValue * (normedHeads > 0 ? 2 : 1) + queries + heads + normedHeads + 2
    }
  }

  /// Makes room.
  ///
  /// `layers` is nil where only the running layer is kept. `gateUps` layers have gate ‖ up of their
  /// own; those after them share one.
  func reserve(
    _ strides: Strides, layers: Int?, gateUps: Int, tokens: Int, predicted: Int, logitRows: Int
  ) {
    self.strides = strides
    self.gateUps = gateUps
    keepsLayers = layers != nil
    self.tokens = tokens
    self.predicted = predicted
    self.logitRows = logitRows
    layerFloats = (strides.layer * tokens + 15) / 16 * 16
    memory.reserve(layerFloats * (layers ?? 1) + strides.width * tokens)
    gateUpMemory.reserve(min(gateUps + 1, layers ?? 1) * tokens * strides.gateUp)
    predictions.reserve(predicted * (strides.width + 4))
    logitMemory.reserve(logitRows * strides.vocabulary)
  }

  private func part(_ layer: Int, _ offset: Int) -> UnsafeMutablePointer<Float> {
    memory.start + (keepsLayers ? layer * layerFloats : 0) + offset * tokens
  }
  private func rows(_ layer: Int, _ offset: Int, _ stride: Int) -> Rows {
    Rows(part(layer, offset), stride: stride, count: tokens)
  }

  /// The residual stream before a layer, (tokens, width); after the last one at `layers`.
  func residual(_ layer: Int) -> Rows { rows(layer, 0, strides.width) }
  /// q ‖ k ‖ v as attention reads them.
  private func queryKeyValue(_ layer: Int) -> Rows {
    rows(layer, strides.width, strides.queryKeyValue)
  }
  /// The residual stream between attention and the feed-forward layer.
  private func middle(_ layer: Int) -> Rows {
    rows(layer, strides.width + strides.queryKeyValue, strides.width)
  }
  /// What attention gives, (tokens, queries).
  private func attended(_ layer: Int) -> Rows {
    rows(layer, 2 * strides.width + strides.queryKeyValue, strides.queries)
  }
  /// gate ‖ up; layers from the number of those kept on write over each other's.
  private func gateUp(_ layer: Int) -> Rows {
    Rows(
      gateUpMemory.start + min(layer, gateUps) * tokens * strides.gateUp, stride: strides.gateUp,
      count: tokens)
  }
  /// Whether a layer's gate ‖ up outlives the forward pass through the layers after it.
  func keepsGateUp(_ layer: Int) -> Bool { layer < gateUps }
  private func tail(_ layer: Int, _ offset: Int, _ stride: Int) -> Rows {
    rows(layer, 2 * strides.width + strides.queryKeyValue + strides.queries + offset, stride)
  }
  /// Log-sums of attention, (tokens, heads).
  private func logSums(_ layer: Int) -> Rows { tail(layer, 2, strides.heads) }
  /// 1 / rms of each head of q and k, (tokens, heads + keyHeads).
  private func headInverse(_ layer: Int) -> Rows {
    tail(layer, 2 + strides.heads, strides.normedHeads)
  }
  /// q ‖ k ‖ v before their norm; the same memory as after it where there is none.
  private func rawQueryKeyValue(_ layer: Int) -> Rows {
    guard strides.normedHeads > 0 else { return queryKeyValue(layer) }
    return tail(layer, 2 + strides.heads + strides.normedHeads, strides.queryKeyValue)
  }

  /// What a layer's attention block leaves behind for some rows; `normed` are as many.
  func attention(_ layer: Int, _ some: Range<Int>, normed: Rows) -> AttentionBlock.Vectors {
    AttentionBlock.Vectors(
      x: residual(layer)[some], normed: normed,
      inverse: tail(layer, 0, 1)[some.lowerBound],
      rawQueryKeyValue: rawQueryKeyValue(layer)[some], headInverse: headInverse(layer)[some],
      queryKeyValue: queryKeyValue(layer)[some], attended: attended(layer)[some],
      y: middle(layer)[some])
  }

  /// What a layer's attention reads and writes, all tokens.
  func sequence(_ layer: Int) -> AttentionSequence {
    AttentionSequence(
      queryKeyValue: queryKeyValue(layer), output: attended(layer), logSums: logSums(layer))
  }

  /// What a layer's feed-forward block leaves behind for some rows; `normed` and `hidden` are as
  /// many.
  func feedForward(
    _ layer: Int, _ some: Range<Int>, normed: Rows, hidden: Rows
  ) -> FeedForwardBlock.Vectors {
    FeedForwardBlock.Vectors(
      x: middle(layer)[some], normed: normed, inverse: tail(layer, 1, 1)[some.lowerBound],
      gateUp: gateUp(layer)[some], hidden: hidden, y: residual(layer + 1)[some])
  }

  /// The final normed vectors of predicted tokens, (predicted, width).
  var hidden: Rows { Rows(predictions.start, stride: strides.width, count: predicted) }
  private func column(_ index: Int) -> UnsafeMutablePointer<Float> {
    predictions.start + predicted * (strides.width + index)
  }
  /// 1 / rms of the final norm, (predicted).
  var finalInverse: UnsafeMutablePointer<Float> { column(0) }
  /// (predicted).
  var logProbabilities: UnsafeMutablePointer<Float> { column(1) }
  /// (predicted).
  var entropies: UnsafeMutablePointer<Float> { column(2) }
  /// Log-sums of the logits, (predicted).
  var outputLogSums: UnsafeMutablePointer<Float> { column(3) }
  /// (logit rows, vocabulary).
  var logits: Rows { Rows(logitMemory.start, stride: strides.vocabulary, count: logitRows) }
}

/// What a chunk needs on its way and nobody reads afterwards.
final class ForwardScratch {
  let normed = FloatBuffer()
  let hidden = FloatBuffer()
  /// One for every thread that shares the chunk.
  let attention = FloatBuffer()
  /// A row in one piece where it shares the beginning of another; one for every thread.
  let wholeRow = FloatBuffer()

  /// Makes room for chunks of that many tokens.
  func reserve(
    _ strides: Activations.Strides, _ shape: AttentionShape, plan: RowPlan, within threads: Int
  ) {
    let tokens = max(plan.largestChunk, plan.largestPrediction)
    normed.reserve(tokens * strides.width)
    hidden.reserve(tokens * strides.hidden)
    attention.reserve(threads * shape.scratch(tokens: plan.longestRow))
    wholeRow.reserve(threads * plan.longestSharing * SharedRows.forwardFloats(strides))
  }
}
