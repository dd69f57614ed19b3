import Tensors

/// A product of a layer, with what went into it and the gradient of what came out, for all tokens.
///
/// q ‖ k ‖ v and gate ‖ up are one product each.
struct LayerProduct {
  let weights: [ParameterSlice]
  let outputGradient: Rows
  let input: Rows

  init(_ projection: Projection, outputGradient: Rows, input: Rows) {
    weights = projection.weights
    self.outputGradient = outputGradient
    self.input = input
  }

  /// The column of each weight's first output.
  var firstOutputs: [Int] {
    weights.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.shape[0]) }.dropLast()
  }
  /// Outputs of all weights together.
  var outputs: Int { weights.reduce(0) { $0 + $1.shape[0] } }

  /// The same, weight by weight.
  var parts: [WeightProduct] {
    zip(weights, firstOutputs).map { weight, first in
      WeightProduct(
        weight: weight, outputGradient: outputGradient.columns(from: first), input: input)
    }
  }
}

/// One matrix of a layer, with what went into it and the gradient of what came out, for all tokens.
struct WeightProduct {
  let weight: ParameterSlice
  let outputGradient: Rows
  let input: Rows
}

/// Rows of one weight's gradient, summed over all tokens by one thread.
struct WeightTask {
  /// Rows of the weight that a task sums: four tasks a matrix, so that the threads end together, but so
  /// many rows that what went into the product is seldom read again, and no more than stay in cache.
  private static func rows(of outputs: Int) -> Int {
    let quarter = (outputs / 4 + 11) / 12 * 12
    return max(48, min(192, quarter))
  }

  /// What is multiplied: the gradients of the weight's outputs and what went into it.
  enum Factors {
    case floats(outputGradient: Rows, input: Rows)
    /// `first` is the column of the weight's first output.
    case rounded(outputGradient: PairedRows, first: Int, input: PairedRows)
  }

  private let gradient: UnsafeMutablePointer<Float>
  private let outputs: Range<Int>
  private let inputs: Int
  private let factors: Factors

  /// The tasks of a matrix whose gradient of (outputs, inputs) is added to.
  static func all(
    _ gradient: UnsafeMutablePointer<Float>, of slice: ParameterSlice, _ factors: Factors
  ) -> [WeightTask] {
    let (outputs, inputs) = (slice.shape[0], slice.shape[1])
    let rows = rows(of: outputs)
    return stride(from: 0, to: outputs, by: rows).map { first in
      WeightTask(
        gradient: gradient + first * inputs, outputs: first..<min(first + rows, outputs),
        inputs: inputs, factors: factors)
    }
  }

  func run(tokens: Int) {
    switch factors {
    case .floats(let outputGradient, let input):
      addWeightGradient(
        gradient, outputs: outputs.count, inputs: inputs,
        outputGradient: outputGradient.columns(from: outputs.lowerBound)[0..<tokens],
        input: input[0..<tokens])
    case .rounded(let outputGradient, let first, let input):
      outputGradient.addWeightGradient(
        gradient, outputs: first + outputs.lowerBound..<first + outputs.upperBound, rows: tokens,
        input: input)
    }
  }
}

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
  func takeOutput(_ parameters: Parameters, _ weights: ParameterSlice) {
    let width = weights.rowLength
    output.reserve(rows: weights.rows, columns: width)
    inTiles(weights.rows) { tile in
      let memory = FloatBuffer(tile.count * width)
      parameters.expand(tile, of: weights, into: memory.start)
      output.take(tile, from: Rows(memory.start, stride: width, count: tile.count))
    }
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

/// The backward pass's sweep over weights: every tile is summed over all tokens by one thread.
extension BackwardPass {
  /// The gradients of all that learns.
  var gradients: UnsafeMutablePointer<Float> {
    guard let base = model.parameters.gradients.baseAddress else {
      preconditionFailure("no gradients")
    }
    return base
  }

  /// Adds the gradients of a layer's weights, and packs the matrices of the layer before it.
  func addWeightGradients(_ step: LayerStep) {
    let products =
      step.feedForward.products(step.feedForwardVectors, step.feedForwardGradients)
      + step.attention.products(step.attentionVectors, step.attentionGradients)
    let tasks = tasks(products)
    Parallel.run(tasks.count + PackedLayer.count + 1) { index, _ in
      if index < tasks.count { return tasks[index].run(tokens: plan.tokens.count) }
      guard index > tasks.count else {
        return model.adapter == nil ? addVectorGradients(step) : ()
      }
      pack(index - tasks.count - 1, step.layer - 1)
    }
  }

  private func addVectorGradients(_ step: LayerStep) {
    step.attention.addVectorGradients(tileSums, to: gradients)
    step.feedForward.addVectorGradients(tileSums, to: gradients)
  }

  private func tasks(_ products: [LayerProduct]) -> [WeightTask] {
    if let adapter = model.adapter { return adapterTasks(adapter, products.flatMap(\.parts)) }
    guard buffers.precision == .bfloat16 else {
      return products.flatMap(\.parts).flatMap { weightTasks($0) }
    }
    let pairs = buffers.rounded.take(products)
    return zip(products, pairs).flatMap { product, pair in
      zip(product.weights, product.firstOutputs).flatMap { weightTasks($0, first: $1, pair) }
    }
  }

  /// Tasks for a weight whose outputs are columns of a gradient in 32-bit floats.
  func weightTasks(_ product: WeightProduct) -> [WeightTask] {
    WeightTask.all(
      gradients + product.weight.offset, of: product.weight,
      .floats(outputGradient: product.outputGradient, input: product.input))
  }

  /// Tasks for a weight whose outputs are columns of a rounded gradient from `first` on.
  func weightTasks(
    _ weight: ParameterSlice, first: Int, _ pair: RoundedFactors.Pair
  ) -> [WeightTask] {
    WeightTask.all(
      gradients + weight.offset, of: weight,
      .rounded(outputGradient: pair.outputGradient, first: first, input: pair.input))
  }
}
