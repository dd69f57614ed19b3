import Tensors

/// The matrices of one layer as products use them, q ‖ k ‖ v and gate ‖ up each as one.
struct PackedLayer {
  let queryKeyValue: WeightMatrix
  let output: WeightMatrix
  let gateUp: WeightMatrix
  let down: WeightMatrix

  /// Products with the weights as they lie: (rows, inputs) to (rows, outputs).
  init(
    forward architecture: Architecture, _ layout: TransformerLayout, _ precision: ProductPrecision
  ) {
    func matrix(_ columns: Int, _ depth: Int) -> WeightMatrix {
      .packed(PackedMatrix(columns: columns, depth: depth, precision: precision))
    }
    queryKeyValue = matrix(layout.queryKeyValue, architecture.width)
    output = matrix(architecture.width, layout.queries)
    gateUp = matrix(2 * architecture.hidden, architecture.width)
    down = matrix(architecture.width, architecture.hidden)
  }

  /// The same with weights that stay as their file has them.
  init(forward layer: DecoderLayer, stored weights: MergedWeights) {
    queryKeyValue = WeightMatrix(layer.attention.queryKeyValue.weights, stored: weights)
    output = WeightMatrix(layer.attention.output.weights, stored: weights)
    gateUp = WeightMatrix(layer.feedForward.gateUp.weights, stored: weights)
    down = WeightMatrix(layer.feedForward.down.weights, stored: weights)
  }

  /// Room for the products of the backward pass: (rows, outputs) to (rows, inputs).
  init(
    backward architecture: Architecture, _ layout: TransformerLayout, _ precision: ProductPrecision
  ) {
    func matrix(_ columns: Int, _ depth: Int) -> WeightMatrix {
      .packed(PackedMatrix(columns: columns, depth: depth, precision: precision))
    }
    let width = architecture.width
    queryKeyValue = matrix(width, layout.queryKeyValue)
    output = matrix(layout.queries, width)
    gateUp = matrix(width, 2 * architecture.hidden)
    down = matrix(architecture.hidden, width)
  }

  /// Matrices of a layer.
  static let count = 4

  /// Takes one of the matrices from the weights.
  func pack(_ index: Int, of layer: DecoderLayer, _ weights: MergedWeights, transposed: Bool) {
    let (matrix, projection) =
      switch index {
      case 0: (gateUp, layer.feedForward.gateUp)
      case 1: (down, layer.feedForward.down)
      case 2: (queryKeyValue, layer.attention.queryKeyValue)
      default: (output, layer.attention.output)
      }
    matrix.take(projection.weights, weights, transposed: transposed)
  }
}

/// All matrices as products use them, for the forward pass.
final class PackedWeights {
  let layers: [PackedLayer]
  let output: WeightMatrix

  /// Memory for panels of that precision; weights that lie as their file has them need none in
  /// 32-bit floats, for products widen them on the way to the same bits.
  init(
    _ architecture: Architecture, _ layout: TransformerLayout, _ weights: MergedWeights,
    _ precision: ProductPrecision
  ) {
    guard precision == .float32, weights.base.isStored else {
      layers = (0..<architecture.layers).map { _ in
        PackedLayer(forward: architecture, layout, precision)
      }
      output = .packed(
        PackedMatrix(
          columns: architecture.vocabulary, depth: architecture.width, precision: precision))
      return
    }
    layers = layout.layers.map { PackedLayer(forward: $0, stored: weights) }
    output = WeightMatrix([layout.head.weights], stored: weights)
  }

  /// Takes the weights as they are now.
  func pack(_ layout: TransformerLayout, _ weights: MergedWeights) {
    let matrices = layers.count * PackedLayer.count
    Parallel.run(matrices + 1) { index, _ in
      guard index < matrices else { return output.take([layout.head.weights], weights) }
      let (layer, matrix) = index.quotientAndRemainder(dividingBy: PackedLayer.count)
      layers[layer].pack(matrix, of: layout.layers[layer], weights, transposed: false)
    }
  }
}
