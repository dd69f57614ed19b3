import Tensors

/// The matrices of one layer in panels, q ‖ k ‖ v and gate ‖ up each as one.
struct PackedLayer {
  let queryKeyValue: PackedMatrix
  let output: PackedMatrix
  let gateUp: PackedMatrix
  let down: PackedMatrix

  /// Room for products with the weights as they lie: (rows, inputs) to (rows, outputs).
  init(
    forward architecture: Architecture, _ layout: TransformerLayout, _ precision: ProductPrecision
  ) {
    func matrix(_ columns: Int, _ depth: Int) -> PackedMatrix {
      PackedMatrix(columns: columns, depth: depth, precision: precision)
    }
    queryKeyValue = matrix(layout.queryKeyValue, architecture.width)
    output = matrix(architecture.width, layout.queries)
    gateUp = matrix(2 * architecture.hidden, architecture.width)
    down = matrix(architecture.width, architecture.hidden)
  }

  /// Room for the products of the backward pass: (rows, outputs) to (rows, inputs).
  init(
    backward architecture: Architecture, _ layout: TransformerLayout, _ precision: ProductPrecision
  ) {
    func matrix(_ columns: Int, _ depth: Int) -> PackedMatrix {
      PackedMatrix(columns: columns, depth: depth, precision: precision)
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
    weights.withMatrix(projection.weights) {
      transposed ? matrix.packTransposed($0) : matrix.pack($0)
    }
  }
}

/// All matrices in panels, for the forward pass.
final class PackedWeights {
  let layers: [PackedLayer]
  let output: PackedMatrix

  init(
    _ architecture: Architecture, _ layout: TransformerLayout,
    precision: ProductPrecision = .float32
  ) {
    layers = (0..<architecture.layers).map { _ in
      PackedLayer(forward: architecture, layout, precision)
    }
    output = PackedMatrix(
      columns: architecture.vocabulary, depth: architecture.width, precision: precision)
  }

  /// Takes the weights as they are now.
  func pack(_ layout: TransformerLayout, _ weights: MergedWeights) {
    let matrices = layers.count * PackedLayer.count
    Parallel.run(matrices + 1) { index, _ in
      guard index < matrices else {
        return weights.withMatrix([layout.head.weights]) { output.pack($0) }
      }
      let (layer, matrix) = index.quotientAndRemainder(dividingBy: PackedLayer.count)
      layers[layer].pack(matrix, of: layout.layers[layer], weights, transposed: false)
    }
  }
}
