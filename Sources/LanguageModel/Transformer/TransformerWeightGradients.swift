import Tensors

/// The backward pass's sweep over weights: every tile is summed over all tokens by one thread.
extension BackwardPass {
  private func gradient(_ slice: ParameterSlice) -> UnsafeMutablePointer<Float> {
    guard let base = model.parameters.gradients.baseAddress else {
      preconditionFailure("no gradients")
    }
    return base + slice.offset
  }

  /// Tasks for a weight whose outputs are columns of a gradient.
  func weightTasks(
    _ slice: ParameterSlice, _ outputGradient: UnsafePointer<Float>, _ outputStride: Int,
    _ input: UnsafePointer<Float>, _ inputStride: Int
  ) -> [WeightTask] {
    let (outputs, inputs) = (slice.shape[0], slice.shape[1])
    return stride(from: 0, to: outputs, by: WeightTask.rows).map { first in
      WeightTask(
        gradient: gradient(slice) + first * inputs, outputs: min(WeightTask.rows, outputs - first),
        inputs: inputs, outputGradient: outputGradient + first, outputStride: outputStride,
        input: input, inputStride: inputStride)
    }
  }

  /// The matrices of a layer with what their gradients are made of.
  private func products(
    _ layer: Int, after: UnsafePointer<Float>, middle: UnsafePointer<Float>
  ) -> [WeightProduct] {
    let names = model.layout.layers[layer]
    let width = strides.width
    var products = [
      WeightProduct(
        weight: names.down, outputGradient: after, outputStride: width,
        input: buffers.hidden.start, inputStride: strides.hidden)
    ]
    func add(
      _ slices: [ParameterSlice], _ gradient: UnsafePointer<Float>, _ stride: Int,
      _ input: UnsafePointer<Float>
    ) {
      var column = 0
      for slice in slices {
        products.append(
          WeightProduct(
            weight: slice, outputGradient: gradient + column, outputStride: stride, input: input,
            inputStride: width))
        column += slice.shape[0]
      }
    }
    add(names.gateUp, buffers.gateUp.start, strides.gateUp, buffers.middleNormed.start)
    add(
      names.queryKeyValue, buffers.queryKeyValue.start, strides.queryKeyValue,
      buffers.inputNormed.start)
    products.append(
      WeightProduct(
        weight: names.output, outputGradient: middle, outputStride: width,
        input: store.attention(layer), inputStride: strides.queries))
    return products
  }

  func addWeightGradients(
    _ layer: Int, after: UnsafePointer<Float>, middle: UnsafePointer<Float>
  ) {
    let names = model.layout.layers[layer]
    let products = products(layer, after: after, middle: middle)
    let tasks =
      model.adapter.map { adapterTasks($0, products) }
      ?? products.flatMap {
        weightTasks($0.weight, $0.outputGradient, $0.outputStride, $0.input, $0.inputStride)
      }
    Parallel.run(tasks.count + PackedLayer.count + 1) { index, _ in
      if index < tasks.count { return tasks[index].run(tokens: plan.tokens.count) }
      guard index > tasks.count else {
        return model.adapter == nil ? addVectorGradients(names) : ()
      }
      pack(index - tasks.count - 1, layer - 1)
    }
  }

  /// Adds up the tiles' sums for norms and biases.
  private func addVectorGradients(_ names: LayerLayout) {
    sum(partials.inputNorm, names.inputNorm)
    sum(partials.middleNorm, names.middleNorm)
    if let norm = names.queryNorm { sum(partials.queryNorm, norm) }
    if let norm = names.keyNorm { sum(partials.keyNorm, norm) }
    var column = partials.bias
    for bias in names.biases {
      sum(column, bias)
      column += bias.count
    }
  }

  private func sum(_ offset: Int, _ slice: ParameterSlice) {
    addRows(
      buffers.partials.start + offset, rows: plan.tiles, columns: slice.count,
      stride: partials.stride, to: gradient(slice))
  }

  func addFinalNormGradient() {
    addRows(
      buffers.finalPartials.start, rows: plan.tiles, columns: model.layout.finalNorm.count,
      stride: strides.width, to: gradient(model.layout.finalNorm))
  }

  /// Adds the output weights' gradient of some predicted tokens, whose logits lie at row 0.
  func addOutputGradient(_ targets: Range<Int>) {
    let tasks = weightTasks(
      model.layout.output, store.logits, strides.vocabulary,
      store.hidden + targets.lowerBound * strides.width, strides.width)
    Parallel.run(tasks.count) { index, _ in tasks[index].run(tokens: targets.count) }
  }

  func addEmbeddingGradient(_ residual: UnsafePointer<Float>) {
    let width = model.architecture.width
    let columns = 32
    let table = gradient(model.layout.embedding)
    plan.tokens.withUnsafeBufferPointer { tokens in
      nonisolated(unsafe) let tokens = tokens
      Parallel.run((width + columns - 1) / columns) { index, _ in
        embedBackward(
          tokens, gradient: residual, stride: strides.width, width: width,
          columns: index * columns..<min(width, (index + 1) * columns), tableGradient: table)
      }
    }
  }
}
