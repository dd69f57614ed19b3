import Tensors

/// Memory of the backward pass: gradients of one layer at a time, for all tokens.
final class BackwardBuffers {
  /// Gradients of the residual stream: after a layer, in its middle, before it; they rotate.
  let residual = [FloatBuffer(), FloatBuffer(), FloatBuffer()]
  let queryKeyValue = FloatBuffer()
  let gateUp = FloatBuffer()
  /// What the matrices were multiplied with, computed again.
  let inputNormed = FloatBuffer()
  let middleNormed = FloatBuffer()
  let hidden = FloatBuffer()
  /// Gradient of what attention gives.
  let attention = FloatBuffer()
  /// Sums of one tile for norms and biases, added up in order afterwards.
  let tileSums = FloatBuffer()
  /// The same of the final norm, by tile of predicted tokens.
  let finalTileSums = FloatBuffer()
  /// Gradient by the hidden vectors of a block of predicted tokens.
  let hiddenGradient = FloatBuffer()
  /// Derivatives by log-probability, by entropy and by value, (predicted) each.
  let scoreGradients = FloatBuffer()
  /// For every thread what a tile needs on its way.
  var workers: [BackwardScratch] = []
  /// The matrices of the layer at work, for products with gradients.
  let layer: PackedLayer
  /// The factors of products in bfloat16, rounded.
  let rounded = RoundedFactors()
  let precision: ProductPrecision

  init(_ architecture: Architecture, _ layout: TransformerLayout, _ precision: ProductPrecision) {
    self.precision = precision
    layer = PackedLayer(backward: architecture, layout, precision)
  }

  func reserve(
    _ strides: Activations.Strides, _ layout: TransformerLayout, plan: RowPlan,
    workers count: Int
  ) {
    let tokens = plan.tokens.count
    for buffer in residual + [inputNormed, middleNormed] { buffer.reserve(tokens * strides.width) }
    queryKeyValue.reserve(tokens * strides.queryKeyValue)
    gateUp.reserve(tokens * strides.gateUp)
    hidden.reserve(tokens * strides.hidden)
    attention.reserve(tokens * strides.queries)
    tileSums.reserve(plan.tiles * layout.tileSums)
    finalTileSums.reserve(plan.tiles * strides.width)
    scoreGradients.reserve(3 * plan.targets.count)
    while workers.count < count { workers.append(BackwardScratch()) }
    for scratch in workers.prefix(count) {
      scratch.reserve(strides, layout.attention, plan: plan, rounds: precision == .bfloat16)
    }
  }
}

/// What one thread needs for a tile and nobody reads afterwards.
final class BackwardScratch {
  let normed = FloatBuffer()
  let source = FloatBuffer()
  let hidden = FloatBuffer()
  let attention = FloatBuffer()
  /// A row in one piece where it shares the beginning of another.
  let wholeRow = FloatBuffer()
  /// The gradients that a product multiplies, rounded.
  let rounded = FloatBuffer()

  func reserve(
    _ strides: Activations.Strides, _ shape: AttentionShape, plan: RowPlan, rounds: Bool
  ) {
    let widest = max(strides.width, strides.gateUp, strides.queryKeyValue)
    rounded.reserve(rounds ? RowPlan.tileTokens * widest / 2 : 0)
    normed.reserve(RowPlan.tileTokens * strides.width)
    source.reserve(RowPlan.tileTokens * strides.width)
    hidden.reserve(RowPlan.tileTokens * strides.hidden)
    attention.reserve(shape.scratch(tokens: plan.longestRow))
    wholeRow.reserve(plan.longestSharing * SharedRows.backwardFloats(strides))
  }
}

/// What one thread needs for a tile, as views.
struct BackwardTile {
  /// Gradients by normed vectors, (tokens, width).
  let normed: Rows
  /// Gradients by silu(gate) · up.
  let hidden: Rows
  /// Sums of the tile for norms and biases.
  let sums: UnsafeMutablePointer<Float>
  /// The thread alone, and room for the gradients that a product rounds.
  let sharing: RowSharing
}
