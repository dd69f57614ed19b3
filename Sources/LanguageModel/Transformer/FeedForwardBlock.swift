import Tensors

/// The second half of a layer: x + down(silu(gate) · up), gate ‖ up of norm(x).
///
/// Forward and backward stand face to face; decoding uses the same forward pass.
final class FeedForwardBlock {
  /// gate ‖ up.
  let gateUp: Projection
  /// What is written to the residual stream.
  let down: Projection
  private let norm: LearnedNorm
  private let hidden: Int

  init(hidden: Int, _ block: LayerParameters, sums: inout TileSums) {
    self.hidden = hidden
    norm = block.norm("post_attention_layernorm", sums: &sums)
    gateUp = Projection(.gate, .up, of: block, sums: &sums)
    down = Projection(.down, of: block, sums: &sums)
  }

  /// The vectors of some tokens on their way through the block.
  struct Vectors {
    /// The residual stream before the block, (tokens, width).
    let x: Rows
    /// x after its norm, and 1 / rms of it, (tokens).
    let normed: Rows
    let inverse: UnsafeMutablePointer<Float>
    /// gate ‖ up.
    let gateUp: Rows
    /// silu(gate) · up.
    let hidden: Rows
    /// The residual stream after the block; may be x.
    let y: Rows
  }

  /// Gradients by those vectors.
  struct Gradients {
    let x: Rows
    let gateUp: Rows
    let y: Rows
  }

  /// From the residual stream before the block to that after it.
  func forward(_ v: Vectors, _ matrices: PackedLayer, _ sharing: RowSharing) {
    norm.forward(v.x, into: v.normed, inverse: v.inverse, sharing)
    matrices.gateUp.product(v.normed, into: v.gateUp, sharing)
    sharing.share(v.x.count) {
      gateUp.addBiases(to: v.gateUp[$0])
      swiGLU(v.gateUp[$0], hidden: hidden, into: v.hidden[$0])
    }
    v.y.copy(v.x)
    matrices.down.product(v.hidden, into: v.y, adding: true, sharing)
    down.addBiases(to: v.y, sharing)
  }

  /// Carries the gradient of the residual stream back; `v.normed` and `v.hidden` are made again.
  ///
  /// `lost` holds the matrices of the forward pass where gate ‖ up have to be made again too.
  func backward(
    _ v: Vectors, _ g: Gradients, _ tile: BackwardTile, through transposed: PackedLayer,
    lost: PackedLayer?
  ) {
    norm.again(v.x, into: v.normed, inverse: v.inverse)
    if let lost {
      lost.gateUp.product(v.normed, into: v.gateUp, .alone)
      gateUp.addBiases(to: v.gateUp)
    }
    down.sumBiases(g.y, into: tile.sums)
    transposed.down.product(g.y, into: tile.hidden, tile.sharing)
    swiGLUBackward(tile.hidden, x: v.gateUp, hidden: hidden, into: g.gateUp, again: v.hidden)
    gateUp.sumBiases(g.gateUp, into: tile.sums)
    transposed.gateUp.product(g.gateUp, into: tile.normed, tile.sharing)
    g.x.copy(g.y)
    norm.backward(
      tile.normed, x: v.x, inverse: v.inverse, into: g.x, adding: true, sums: tile.sums)
  }

  /// The products, with what their weights' gradients are made of, for all tokens.
  func products(_ v: Vectors, _ g: Gradients) -> [LayerProduct] {
    [
      LayerProduct(down, outputGradient: g.y, input: v.hidden),
      LayerProduct(gateUp, outputGradient: g.gateUp, input: v.normed),
    ]
  }

  /// Adds the tiles' sums for norm and biases up.
  func addVectorGradients(_ tiles: Rows, to gradients: UnsafeMutablePointer<Float>) {
    norm.addGradient(tiles, to: gradients)
    gateUp.addBiasGradients(tiles, to: gradients)
    down.addBiasGradients(tiles, to: gradients)
  }
}

extension FeedForwardBlock.Vectors {
  /// Those of some tokens.
  subscript(tokens: Range<Int>) -> Self {
    Self(
      x: x[tokens], normed: normed[tokens], inverse: inverse + tokens.lowerBound,
      gateUp: gateUp[tokens], hidden: hidden[tokens], y: y[tokens])
  }
}

extension FeedForwardBlock.Gradients {
  /// Those of some tokens.
  subscript(tokens: Range<Int>) -> Self {
    Self(x: x[tokens], gateUp: gateUp[tokens], y: y[tokens])
  }
}
