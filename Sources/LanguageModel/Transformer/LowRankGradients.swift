import Tensors

/// Memory of an adapter's gradients: thin products of one layer at a time, for all tokens.
final class LowRankBuffers {
  /// x · scale · Aᵀ and dy · scale · B of every adapted matrix of a layer.
  let products = FloatBuffer()
  fileprivate let scaled = FloatBuffer()
  fileprivate var panels: [String: Panels] = [:]

  /// The two matrices of one layer in panels, multiplied by the scale.
  fileprivate struct Panels {
    let a: PackedMatrix
    let b: PackedMatrix
  }

  /// Lays the matrices beside a weight out for products; those of every layer take the same memory.
  fileprivate func pack(
    _ pair: LowRankAdapter.Pair, of adapter: LowRankAdapter, as key: String
  ) -> Panels {
    let (rank, inputs, outputs) = (pair.a.shape[0], pair.a.shape[1], pair.b.shape[0])
    let panels =
      panels[key]
      ?? Panels(
        a: PackedMatrix(columns: rank, depth: inputs),
        b: PackedMatrix(columns: rank, depth: outputs))
    self.panels[key] = panels
    panels.a.pack(scale(pair.a, of: adapter))
    panels.b.packTransposed(scale(pair.b, of: adapter))
    return panels
  }

  private func scale(
    _ slice: ParameterSlice, of adapter: LowRankAdapter
  ) -> UnsafePointer<Float> {
    scaled.reserve(slice.count)
    let (start, scale) = (adapter.start(slice), adapter.settings.scale)
    for index in 0..<slice.count { scaled.start[index] = scale * start[index] }
    return UnsafePointer(scaled.start)
  }
}

/// Gradients of an adapter's matrices; the weights beneath get none.
///
/// With y = x · Wᵀ + scale · (x · Aᵀ) · Bᵀ the derivatives are
/// dB = scale · dyᵀ · (x · Aᵀ) and dA = scale · (dy · B)ᵀ · x: thin products, whose rows are
/// computed tile by tile and whose sums over all tokens are each made by one thread.
extension BackwardPass {
  /// An adapted matrix with its panels and the place of its thin products.
  private struct Adapted {
    var product: WeightProduct
    var pair: LowRankAdapter.Pair
    var panels: LowRankBuffers.Panels
    var stride: Int
    var inputs: UnsafeMutablePointer<Float>
    var outputs: UnsafeMutablePointer<Float>
  }

  /// The tasks that add an adapter's gradients of one layer, once the thin products are made.
  func adapterTasks(_ adapter: LowRankAdapter, _ products: [WeightProduct]) -> [WeightTask] {
    let adapted = thinMatrices(adapter, products)
    let tokens = 0..<plan.tokens.count
    Parallel.run(pieces(of: tokens, by: RowPlan.tileTokens)) { index, _ in
      let tokens = tokens.piece(index, by: RowPlan.tileTokens)
      for matrix in adapted { makeThinProducts(matrix, tokens) }
    }
    return adapted.flatMap { matrix in
      weightTasks(
        WeightProduct(
          weight: matrix.pair.b, outputGradient: matrix.product.outputGradient,
          outputStride: matrix.product.outputStride, input: UnsafePointer(matrix.inputs),
          inputStride: matrix.stride))
        + weightTasks(
          WeightProduct(
            weight: matrix.pair.a, outputGradient: UnsafePointer(matrix.outputs),
            outputStride: matrix.stride, input: matrix.product.input,
            inputStride: matrix.product.inputStride))
    }
  }

  private func thinMatrices(
    _ adapter: LowRankAdapter, _ products: [WeightProduct]
  ) -> [Adapted] {
    let memory = model.adapterBuffers
    let stride = rowStride(adapter.settings.rank)
    let size = plan.tokens.count * stride
    let adapted = products.compactMap { product in
      adapter.pair(for: product.weight).map { (product, $0) }
    }
    memory.products.reserve(2 * adapted.count * size)
    return adapted.enumerated().map { index, found in
      let start = memory.products.start + 2 * index * size
      // Layers share their panels: what follows the layer's number names the matrix.
      let key = found.0.weight.name.split(separator: ".").dropFirst(3).joined(separator: ".")
      return Adapted(
        product: found.0, pair: found.1, panels: memory.pack(found.1, of: adapter, as: key),
        stride: stride, inputs: start, outputs: start + size)
    }
  }

  private func makeThinProducts(_ matrix: Adapted, _ tokens: Range<Int>) {
    let (first, product) = (tokens.lowerBound, matrix.product)
    matrix.panels.a.product(
      rows: tokens.count, of: product.input + first * product.inputStride,
      inputStride: product.inputStride, into: matrix.inputs + first * matrix.stride,
      outputStride: matrix.stride)
    matrix.panels.b.product(
      rows: tokens.count, of: product.outputGradient + first * product.outputStride,
      inputStride: product.outputStride, into: matrix.outputs + first * matrix.stride,
      outputStride: matrix.stride)
  }
}
