import Tensors

/// The backward pass's sweep over weights: every tile is summed over all tokens by one thread.
extension BackwardPass {
  private func gradient(_ slice: ParameterSlice) -> UnsafeMutablePointer<Float> {
    guard let base = model.parameters.gradients.baseAddress else {
      preconditionFailure("no gradients")
    }
    return base + slice.offset
  }

  /// Tasks for a weight whose outputs are columns of a gradient in 32-bit floats.
  func weightTasks(_ product: WeightProduct) -> [WeightTask] {
    WeightTask.all(
      gradient(product.weight), of: product.weight,
      .floats(
        outputGradient: product.outputGradient, outputStride: product.outputStride,
        input: product.input, inputStride: product.inputStride))
  }

  /// Tasks for a weight whose outputs are columns of a rounded gradient from `first` on.
  func weightTasks(
    _ weight: ParameterSlice, first: Int, _ pair: RoundedFactors.Pair
  ) -> [WeightTask] {
    WeightTask.all(
      gradient(weight), of: weight,
      .rounded(outputGradient: pair.outputGradient, first: first, input: pair.input))
  }

  /// The products of a layer with what their gradients are made of.
  private func products(
    _ layer: Int, after: UnsafePointer<Float>, middle: UnsafePointer<Float>
  ) -> [LayerProduct] {
    let names = model.layout.layers[layer]
    return [
      LayerProduct(
        weights: [names.down], outputGradient: after, outputStride: strides.width,
        input: UnsafePointer(buffers.hidden.start), inputStride: strides.hidden),
      LayerProduct(
        weights: names.gateUp, outputGradient: UnsafePointer(buffers.gateUp.start),
        outputStride: strides.gateUp, input: UnsafePointer(buffers.middleNormed.start),
        inputStride: strides.width),
      LayerProduct(
        weights: names.queryKeyValue, outputGradient: UnsafePointer(buffers.queryKeyValue.start),
        outputStride: strides.queryKeyValue, input: UnsafePointer(buffers.inputNormed.start),
        inputStride: strides.width),
      LayerProduct(
        weights: [names.output], outputGradient: middle, outputStride: strides.width,
        input: UnsafePointer(store.attention(layer)), inputStride: strides.queries),
    ]
  }

  func addWeightGradients(
    _ layer: Int, after: UnsafePointer<Float>, middle: UnsafePointer<Float>
  ) {
    let tasks = tasks(products(layer, after: after, middle: middle))
    Parallel.run(tasks.count + PackedLayer.count + 1) { index, _ in
      if index < tasks.count { return tasks[index].run(tokens: plan.tokens.count) }
      guard index > tasks.count else {
        return model.adapter == nil ? addVectorGradients(model.layout.layers[layer]) : ()
      }
      pack(index - tasks.count - 1, layer - 1)
    }
  }

  private func tasks(_ products: [LayerProduct]) -> [WeightTask] {
    if let adapter = model.adapter { return adapterTasks(adapter, products.flatMap(\.parts)) }
    guard buffers.precision == .bfloat16 else {
      return products.flatMap(\.parts).flatMap { weightTasks($0) }
    }
    let pairs = buffers.rounded.take(products, tokens: plan.tokens.count)
    return zip(products, pairs).flatMap { product, pair in
      zip(product.weights, product.firstOutputs).flatMap { weightTasks($0, first: $1, pair) }
    }
  }

  /// Adds up the tiles' sums for norms and biases.
  private func addVectorGradients(_ names: LayerLayout) {
    sum(partials.inputNorm, names.inputNorm)
    sum(partials.middleNorm, names.middleNorm)
    if let norm = names.queryNorm { sum(partials.queryNorm, norm) }
    if let norm = names.keyNorm { sum(partials.keyNorm, norm) }
    for (offset, biases) in [
      (partials.bias, names.biases.queryKeyValue), (partials.outputBias, names.biases.output),
      (partials.gateUpBias, names.biases.gateUp), (partials.downBias, names.biases.down),
    ] {
      for bias in biases { sum(offset + bias.column, bias.slice) }
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
    let output = model.layout.output
    let hidden = store.hidden + targets.lowerBound * strides.width
    let tasks: [WeightTask] =
      switch buffers.precision {
      case .float32:
        weightTasks(
          WeightProduct(
            weight: output, outputGradient: UnsafePointer(store.logits),
            outputStride: strides.vocabulary, input: UnsafePointer(hidden),
            inputStride: strides.width))
      case .bfloat16:
        weightTasks(
          output, first: 0,
          buffers.rounded.takeHidden(
            hidden, rows: targets.count, width: model.architecture.width, stride: strides.width))
      }
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
