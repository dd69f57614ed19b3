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
  func take(_ layer: [LayerProduct]) -> [Pair] {
    let count = layer[0].input.count
    for (product, pair) in zip(layer, products) {
      pair.outputGradient.reserve(rows: count, columns: product.outputs)
      pair.input.reserve(rows: count, columns: product.weights[0].shape[1])
    }
    inTiles(count) { tile in
      for (product, pair) in zip(layer, products) {
        pair.outputGradient.take(tile, from: product.outputGradient[tile])
        pair.input.take(tile, from: product.input[tile])
      }
    }
    return products
  }

  /// Takes the output weights, (vocabulary, width), for the gradient by the hidden vectors.
  func takeOutput(_ weights: Rows, width: Int) {
    output.reserve(rows: weights.count, columns: width)
    inTiles(weights.count) { output.take($0, from: weights[$0]) }
  }

  /// Makes room for the derivatives by the logits of so many predicted tokens.
  func reserveLogits(rows: Int, vocabulary: Int) {
    head.outputGradient.reserve(rows: rows, columns: vocabulary)
  }

  /// Takes the derivatives by the logits of some of the tokens.
  func takeLogits(_ rows: Range<Int>, _ logits: Rows) {
    head.outputGradient.take(rows, from: logits)
  }

  /// Takes the hidden vectors that those logits came from.
  func takeHidden(_ hidden: Rows, width: Int) -> Pair {
    head.input.reserve(rows: hidden.count, columns: width)
    inTiles(hidden.count) { head.input.take($0, from: hidden[$0]) }
    return head
  }

  private func inTiles(_ count: Int, _ body: (Range<Int>) -> Void) {
    let all = 0..<count
    Parallel.run(pieces(of: all, by: RowPlan.tileTokens)) { index, _ in
      body(all.piece(index, by: RowPlan.tileTokens))
    }
  }
}
