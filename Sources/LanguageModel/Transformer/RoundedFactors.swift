import Tensors

/// The factors of the gradients of weights, rounded to bfloat16: of one layer at a time and of a
/// block of predicted tokens.
final class RoundedFactors {
  /// Both factors of one product.
  struct Pair {
    let outputGradient = PairedRows()
    let input = PairedRows()
  }

  private let products = (0..<PackedLayer.count).map { _ in Pair() }
  /// Derivatives by the logits, and the hidden vectors they came from.
  private let head = Pair()
  /// The output weights, (vocabulary, width).
  let output = PairedRows()

  /// Takes the factors of a layer's products.
  func take(_ layer: [LayerProduct], tokens count: Int) -> [Pair] {
    for (product, pair) in zip(layer, products) {
      pair.outputGradient.reserve(rows: count, columns: product.outputs)
      pair.input.reserve(rows: count, columns: product.weights[0].shape[1])
    }
    inTiles(count) { tile in
      for (product, pair) in zip(layer, products) {
        pair.outputGradient.take(
          tile, of: product.outputGradient + tile.lowerBound * product.outputStride,
          inputStride: product.outputStride)
        pair.input.take(
          tile, of: product.input + tile.lowerBound * product.inputStride,
          inputStride: product.inputStride)
      }
    }
    return products
  }

  /// Takes the output weights, (vocabulary, width), for the gradient by the hidden vectors.
  func takeOutput(_ weights: UnsafePointer<Float>, vocabulary: Int, width: Int) {
    output.reserve(rows: vocabulary, columns: width)
    inTiles(vocabulary) {
      output.take($0, of: weights + $0.lowerBound * width, inputStride: width)
    }
  }

  /// Makes room for the derivatives by the logits of so many predicted tokens.
  func reserveLogits(rows: Int, vocabulary: Int) {
    head.outputGradient.reserve(rows: rows, columns: vocabulary)
  }

  /// Takes the derivatives by the logits of some of the tokens.
  func takeLogits(_ rows: Range<Int>, _ logits: UnsafePointer<Float>, stride: Int) {
    head.outputGradient.take(rows, of: logits, inputStride: stride)
  }

  /// Takes the hidden vectors that those logits came from.
  func takeHidden(_ hidden: UnsafePointer<Float>, rows: Int, width: Int, stride: Int) -> Pair {
    head.input.reserve(rows: rows, columns: width)
    inTiles(rows) {
      head.input.take($0, of: hidden + $0.lowerBound * stride, inputStride: stride)
    }
    return head
  }

  private func inTiles(_ count: Int, _ body: (Range<Int>) -> Void) {
    let all = 0..<count
    Parallel.run(pieces(of: all, by: RowPlan.tileTokens)) { index, _ in
      body(all.piece(index, by: RowPlan.tileTokens))
    }
  }
}
