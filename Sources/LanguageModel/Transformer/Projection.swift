import Tensors

/// Linear layers that read the same vectors, as one product: y = x · Wᵀ + b.
///
/// q ‖ k ‖ v and gate ‖ up are one projection each. The products themselves are those of a
/// `PackedMatrix`; here is what they are made of, and their biases forward and backward.
struct Projection {
  /// A bias and the first column that it is added to.
  private struct Bias {
    let slice: ParameterSlice
    let weight: UnsafePointer<Float>
    let column: Int
  }

  /// The weights, one below the other.
  let weights: [ParameterSlice]
  private let biases: [Bias]
  /// Where a tile's sums for the biases lie.
  private let sums: Int

  /// Takes the linear layers' places from a block; `sums` makes room for their biases'.
  init(_ layers: LinearLayer..., of block: LayerParameters, sums: inout TileSums) {
    weights = layers.map { block.slice($0.path + ".weight") }
    var column = 0
    var biases: [Bias] = []
    for (layer, weight) in zip(layers, weights) {
      if let slice = block[layer.path + ".bias"] {
        biases.append(Bias(slice: slice, weight: block.start(slice), column: column))
      }
      column += weight.shape[0]
    }
    self.biases = biases
    self.sums = sums.place(biases.isEmpty ? 0 : column)
  }

  /// Adds the biases to rows of the product.
  func addBiases(to y: Rows) {
    for bias in biases {
      addBias(bias.weight, columns: bias.slice.count, to: y.columns(from: bias.column))
    }
  }

  /// The same, the rows shared out.
  func addBiases(to y: Rows, _ sharing: RowSharing) {
    guard !biases.isEmpty else { return }
    sharing.share(y.count) { addBiases(to: y[$0]) }
  }

  /// Adds the rows of the product's gradient up, to the sums of their tile.
  func sumBiases(_ yGradient: Rows, into tile: UnsafeMutablePointer<Float>) {
    for bias in biases {
      addRows(
        yGradient.columns(from: bias.column), columns: bias.slice.count,
        to: tile + sums + bias.column)
    }
  }

  /// Adds the tiles' sums up, in order, to the gradients of all parameters.
  func addBiasGradients(_ tiles: Rows, to gradients: UnsafeMutablePointer<Float>) {
    for bias in biases {
      addRows(
        tiles.columns(from: sums + bias.column), columns: bias.slice.count,
        to: gradients + bias.slice.offset)
    }
  }
}

/// A norm of the model, with the place of its scales among the parameters.
struct LearnedNorm {
  private let norm: RMSNorm
  private let slice: ParameterSlice
  /// Where a tile's sums for the scales lie.
  private let sums: Int

  /// A norm whose scales lie at that slice of `parameters`.
  init(_ slice: ParameterSlice, at weight: UnsafePointer<Float>, epsilon: Float, sums: Int) {
    norm = RMSNorm(weight: weight, width: slice.count, epsilon: epsilon)
    self.slice = slice
    self.sums = sums
  }

  /// Normed vectors and 1 / rms of each.
  func forward(_ x: Rows, into y: Rows, inverse: UnsafeMutablePointer<Float>) {
    norm.forward(x, into: y, inverse: inverse)
  }

  /// The same, the rows shared out.
  func forward(
    _ x: Rows, into y: Rows, inverse: UnsafeMutablePointer<Float>, _ sharing: RowSharing
  ) {
    sharing.share(x.count) { forward(x[$0], into: y[$0], inverse: inverse + $0.lowerBound) }
  }

  /// Normed vectors once more, from a known 1 / rms.
  func again(_ x: Rows, into y: Rows, inverse: UnsafePointer<Float>) {
    norm.again(x, into: y, inverse: inverse)
  }

  /// Carries a gradient back; the scales' goes to the sums of the tile.
  func backward(
    _ yGradient: Rows, x: Rows, inverse: UnsafePointer<Float>, into xGradient: Rows,
    adding: Bool = false, sums tile: UnsafeMutablePointer<Float>
  ) {
    norm.backward(
      yGradient, x: x, inverse: inverse, into: xGradient, adding: adding,
      weightGradient: tile + sums)
  }

  /// Adds the tiles' sums up, in order, to the gradients of all parameters.
  func addGradient(_ tiles: Rows, to gradients: UnsafeMutablePointer<Float>) {
    addRows(tiles.columns(from: sums), columns: slice.count, to: gradients + slice.offset)
  }
}

/// How the sums of one tile of tokens, for norms and biases, lie one after another.
///
/// They are kept by tile and added up in order afterwards, so that nothing depends on the threads.
struct TileSums {
  /// Floats of one tile.
  private(set) var floats = 0

  /// The place of that many columns.
  mutating func place(_ columns: Int) -> Int {
    defer { floats += rowStride(columns) }
    return floats
  }
}
