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
    /// Width of what a layer's biases are added to, 0 where it has none there; q ‖ k ‖ v apart.
    var outputBias = 0
    var gateUpBias = 0
    var downBias = 0

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
      let biases = architecture.biases
      outputBias = biases.contains(.output) ? width : 0
      gateUpBias = biases.isDisjoint(with: [.gate, .up]) ? 0 : gateUp
      downBias = biases.contains(.down) ? width : 0
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
    layerFloats = (strides.layer * tokens + 15) / 16 * 16
    memory.reserve(layerFloats * (layers ?? 1) + strides.width * tokens)
    gateUpMemory.reserve(min(gateUps + 1, layers ?? 1) * tokens * strides.gateUp)
    predictions.reserve(predicted * (strides.width + 4))
    logitMemory.reserve(logitRows * strides.vocabulary)
  }

  private func part(_ layer: Int, _ offset: Int) -> UnsafeMutablePointer<Float> {
    memory.start + (keepsLayers ? layer * layerFloats : 0) + offset * tokens
  }

  /// The residual stream before a layer, (tokens, width); after the last one at `layers`.
  func residual(_ layer: Int) -> UnsafeMutablePointer<Float> { part(layer, 0) }
  /// q ‖ k ‖ v as attention reads them.
  func queryKeyValue(_ layer: Int) -> UnsafeMutablePointer<Float> { part(layer, strides.width) }
  /// The residual stream between attention and the feed-forward layer.
  func middle(_ layer: Int) -> UnsafeMutablePointer<Float> {
    part(layer, strides.width + strides.queryKeyValue)
  }
  /// What attention gives, (tokens, queries).
  func attention(_ layer: Int) -> UnsafeMutablePointer<Float> {
    part(layer, 2 * strides.width + strides.queryKeyValue)
  }
  /// gate ‖ up; layers from the number of those kept on write over each other's.
  func gateUp(_ layer: Int) -> UnsafeMutablePointer<Float> {
    gateUpMemory.start + min(layer, gateUps) * tokens * strides.gateUp
  }
  /// Whether a layer's gate ‖ up outlives the forward pass through the layers after it.
  func keepsGateUp(_ layer: Int) -> Bool { layer < gateUps }
  private func tail(_ layer: Int, _ offset: Int) -> UnsafeMutablePointer<Float> {
    part(layer, 2 * strides.width + strides.queryKeyValue + strides.queries + offset)
  }
  /// 1 / rms before attention, (tokens).
  func inputInverse(_ layer: Int) -> UnsafeMutablePointer<Float> { tail(layer, 0) }
  /// 1 / rms before the feed-forward layer, (tokens).
  func middleInverse(_ layer: Int) -> UnsafeMutablePointer<Float> { tail(layer, 1) }
  /// Log-sums of attention, (tokens, heads).
  func logSums(_ layer: Int) -> UnsafeMutablePointer<Float> { tail(layer, 2) }
  /// 1 / rms of each head of q and k, (tokens, heads + keyHeads).
  func headInverse(_ layer: Int) -> UnsafeMutablePointer<Float> { tail(layer, 2 + strides.heads) }
  /// q ‖ k ‖ v before their norm; the same memory as after it where there is none.
  func rawQueryKeyValue(_ layer: Int) -> UnsafeMutablePointer<Float> {
    guard strides.normedHeads > 0 else { return queryKeyValue(layer) }
    return tail(layer, 2 + strides.heads + strides.normedHeads)
  }

  /// The final normed vectors of predicted tokens, (predicted, width).
  var hidden: UnsafeMutablePointer<Float> { predictions.start }
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
  var logits: UnsafeMutablePointer<Float> { logitMemory.start }
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
