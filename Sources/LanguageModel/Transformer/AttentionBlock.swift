import Tensors

/// The first half of a layer: x + o(attention(rope(norm(q)), rope(norm(k)), v)), q ‖ k ‖ v of norm(x).
///
/// Forward and backward stand face to face. Training sees whole sequences; decoding, which keeps keys
/// and values in pages, uses all but `attend`.
final class AttentionBlock {
  /// Heads and their width.
  let shape: AttentionShape
  /// q ‖ k ‖ v.
  let queryKeyValue: Projection
  /// What attention writes to the residual stream.
  let output: Projection
  private let norm: LearnedNorm
  private let headNorms: [HeadNorm]
  private let rope: RotaryEmbedding

  /// Qwen3's norm of every head of q or of k.
  private struct HeadNorm {
    let heads: Range<Int>
    let norm: LearnedNorm
  }

  init(
    _ shape: AttentionShape, _ rope: RotaryEmbedding, _ block: LayerParameters,
    sums: inout TileSums
  ) {
    self.shape = shape
    self.rope = rope
    norm = block.norm("input_layernorm", sums: &sums)
    queryKeyValue = Projection(.query, .key, .value, of: block, sums: &sums)
    output = Projection(.output, of: block, sums: &sums)
    var headNorms: [HeadNorm] = []
    let keys = shape.heads..<shape.heads + shape.keyHeads
    for (name, heads) in [("q_norm", 0..<shape.heads), ("k_norm", keys)]
    where block["self_attn.\(name).weight"] != nil {
      headNorms.append(
        HeadNorm(heads: heads, norm: block.norm("self_attn." + name, sums: &sums)))
    }
    self.headNorms = headNorms
  }

  /// The vectors of some tokens on their way through the block.
  struct Vectors {
    /// The residual stream before the block, (tokens, width).
    let x: Rows
    /// x after its norm, and 1 / rms of it, (tokens).
    let normed: Rows
    let inverse: UnsafeMutablePointer<Float>
    /// q ‖ k ‖ v before the norm of their heads; the same memory as after it where nobody needs it.
    let rawQueryKeyValue: Rows
    /// 1 / rms of each head of q and k, (tokens, heads + keyHeads).
    let headInverse: Rows
    /// q ‖ k ‖ v as attention reads them.
    let queryKeyValue: Rows
    /// What attention gives, (tokens, queries).
    let attended: Rows
    /// The residual stream after the block; may be x.
    let y: Rows
  }

  /// Gradients by those vectors.
  struct Gradients {
    let x: Rows
    let queryKeyValue: Rows
    let attended: Rows
    let y: Rows
  }

  // From the residual stream to q ‖ k ‖ v.

  /// The norm and the product; `finish` does the rest.
  func project(_ v: Vectors, _ matrices: PackedLayer, _ sharing: RowSharing) {
    norm.forward(v.x, into: v.normed, inverse: v.inverse, sharing)
    matrices.queryKeyValue.product(v.normed, into: v.queryKeyValue, sharing)
  }

  /// Carries the gradient of the product back to the residual stream; `v.normed` is made again.
  func projectBackward(
    _ v: Vectors, _ g: Gradients, _ tile: BackwardTile, through transposed: PackedLayer
  ) {
    queryKeyValue.sumBiases(g.queryKeyValue, into: tile.sums)
    transposed.queryKeyValue.product(g.queryKeyValue, into: tile.normed, tile.sharing)
    g.x.copy(g.y)
    norm.backward(
      tile.normed, x: v.x, inverse: v.inverse, into: g.x, adding: true, sums: tile.sums)
    norm.again(v.x, into: v.normed, inverse: v.inverse)
  }

  /// Biases, norm of heads and rotation of tokens that follow each other, the first at `position`.
  func finish(_ tokens: Range<Int>, of v: Vectors, from position: Int) {
    let qkv = v.queryKeyValue[tokens]
    queryKeyValue.addBiases(to: qkv)
    if !headNorms.isEmpty { v.rawQueryKeyValue[tokens].copy(qkv) }
    for head in headNorms {
      for token in tokens {
        head.norm.forward(
          heads(head.heads, of: v.rawQueryKeyValue[token]),
          into: heads(head.heads, of: v.queryKeyValue[token]),
          inverse: v.headInverse[token] + head.heads.lowerBound)
      }
    }
    rope.rotate(qkv, heads: shape.heads + shape.keyHeads, start: position)
  }

  /// Carries the gradient back to q ‖ k ‖ v as they came from the product.
  func finishBackward(
    _ tokens: Range<Int>, of v: Vectors, _ g: Gradients, _ tile: BackwardTile,
    from position: Int
  ) {
    rope.rotateBackward(
      g.queryKeyValue[tokens], heads: shape.heads + shape.keyHeads, start: position)
    for head in headNorms {
      for token in tokens {
        let gradient = heads(head.heads, of: g.queryKeyValue[token])
        head.norm.backward(
          gradient, x: heads(head.heads, of: v.rawQueryKeyValue[token]),
          inverse: v.headInverse[token] + head.heads.lowerBound, into: gradient, sums: tile.sums)
      }
    }
  }

  /// Some heads of one token as rows.
  private func heads(_ heads: Range<Int>, of token: UnsafeMutablePointer<Float>) -> Rows {
    Rows(
      token + heads.lowerBound * shape.headWidth, stride: shape.headWidth, count: heads.count)
  }

  // Attention of one sequence.

  /// The queries of one key head.
  func attend(
    _ sequence: AttentionSequence, keyHead: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    attention(shape, keyHead: keyHead, sequence, scratch: scratch)
  }

  /// Carries the gradient of what attention gave back to q ‖ k ‖ v.
  func attendBackward(
    _ sequence: AttentionSequence, keyHead: Int, _ attended: Rows, into queryKeyValue: Rows,
    scratch: UnsafeMutablePointer<Float>
  ) {
    attentionBackward(
      shape, keyHead: keyHead, sequence, outputGradient: attended, into: queryKeyValue,
      scratch: scratch)
  }

  /// All heads of a row whose beginning stands in another one, laid together in `whole`.
  func attend(
    _ rows: SharedRows, of all: AttentionSequence, whole: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let row = rows.sequence(at: whole, like: all)
    rows.gather(all.queryKeyValue, into: row.queryKeyValue)
    for keyHead in 0..<shape.keyHeads { attend(row, keyHead: keyHead, scratch: scratch) }
    rows.takeOwn(row.output, into: all.output)
    rows.takeOwn(row.logSums, into: all.logSums)
  }

  /// The same backward: the row's part of the beginning's gradient is added to it.
  func attendBackward(
    _ rows: SharedRows, of all: AttentionSequence, _ attended: Rows, into queryKeyValue: Rows,
    whole: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let row = rows.sequence(at: whole, like: all)
    rows.gather(all.queryKeyValue, into: row.queryKeyValue)
    rows.gather(all.output, into: row.output)
    rows.gather(all.logSums, into: row.logSums)
    let xGradient = rows.rows(after: row.logSums, stride: queryKeyValue.stride)
    let yGradient = rows.rows(after: xGradient, stride: attended.stride)
    // The beginning's own outputs have been answered for by the row that computed it.
    yGradient[0..<rows.shared.count].clear()
    rows.gatherOwn(attended, into: yGradient)
    for keyHead in 0..<shape.keyHeads {
      attendBackward(row, keyHead: keyHead, yGradient, into: xGradient, scratch: scratch)
    }
    rows.takeOwn(xGradient, into: queryKeyValue)
    let beginning = queryKeyValue[rows.shared.lowerBound]
    for index in 0..<rows.shared.count * xGradient.stride {
      beginning[index] += xGradient.start[index]
    }
  }

  // From what attention gives to the residual stream.

  /// Adds what attention gives to the residual stream.
  func addOutput(_ v: Vectors, _ matrices: PackedLayer, _ sharing: RowSharing) {
    v.y.copy(v.x)
    matrices.output.product(v.attended, into: v.y, adding: true, sharing)
    output.addBiases(to: v.y, sharing)
  }

  /// Carries the residual stream's gradient back to what attention gave.
  func addOutputBackward(
    _ g: Gradients, _ tile: BackwardTile, through transposed: PackedLayer
  ) {
    output.sumBiases(g.y, into: tile.sums)
    transposed.output.product(g.y, into: g.attended, tile.sharing)
  }

  // The gradients of what learns.

  /// The products, with what their weights' gradients are made of, for all tokens.
  func products(_ v: Vectors, _ g: Gradients) -> [LayerProduct] {
    [
      LayerProduct(queryKeyValue, outputGradient: g.queryKeyValue, input: v.normed),
      LayerProduct(output, outputGradient: g.y, input: v.attended),
    ]
  }

  /// Adds the tiles' sums for norms and biases up.
  func addVectorGradients(_ tiles: Rows, to gradients: UnsafeMutablePointer<Float>) {
    norm.addGradient(tiles, to: gradients)
    for head in headNorms { head.norm.addGradient(tiles, to: gradients) }
    queryKeyValue.addBiasGradients(tiles, to: gradients)
    output.addBiasGradients(tiles, to: gradients)
  }
}

extension AttentionBlock.Vectors {
  /// Those of some tokens.
  subscript(tokens: Range<Int>) -> Self {
    Self(
      x: x[tokens], normed: normed[tokens], inverse: inverse + tokens.lowerBound,
      rawQueryKeyValue: rawQueryKeyValue[tokens], headInverse: headInverse[tokens],
      queryKeyValue: queryKeyValue[tokens], attended: attended[tokens], y: y[tokens])
  }
}

extension AttentionBlock.Gradients {
  /// Those of some tokens.
  subscript(tokens: Range<Int>) -> Self {
    Self(
      x: x[tokens], queryKeyValue: queryKeyValue[tokens], attended: attended[tokens],
      y: y[tokens])
  }
}
