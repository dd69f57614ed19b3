import Tensors

/// The backward pass's sweep over weights: every tile is summed over all tokens by one thread.
extension BackwardPass {
  private func gradient(_ slice: ParameterSlice) -> UnsafeMutablePointer<Float> {
    guard let base = model.parameters.gradients.baseAddress else {
      preconditionFailure("no gradients")
    }
    return base + slice.offset
  }

  /// Adds tasks for a weight whose outputs are columns of a gradient.
  private func addTasks(
    _ slice: ParameterSlice, _ outputGradient: UnsafePointer<Float>, _ outputStride: Int,
    _ input: UnsafePointer<Float>, _ inputStride: Int
  ) {
    let (outputs, inputs) = (slice.shape[0], slice.shape[1])
    for first in stride(from: 0, to: outputs, by: WeightTask.rows) {
      buffers.tasks.append(
        WeightTask(
          gradient: gradient(slice) + first * inputs,
          outputs: min(WeightTask.rows, outputs - first), inputs: inputs,
          outputGradient: outputGradient + first, outputStride: outputStride, input: input,
          inputStride: inputStride))
    }
  }

  private func addTasks(
    _ slices: [ParameterSlice], _ outputGradient: UnsafePointer<Float>, _ outputStride: Int,
    _ input: UnsafePointer<Float>, _ inputStride: Int
  ) {
    var column = 0
    for slice in slices {
      addTasks(slice, outputGradient + column, outputStride, input, inputStride)
      column += slice.shape[0]
    }
  }

  func addWeightGradients(
    _ layer: Int, after: UnsafePointer<Float>, middle: UnsafePointer<Float>
  ) {
    let names = model.layout.layers[layer]
    let width = strides.width
    buffers.tasks.removeAll(keepingCapacity: true)
    addTasks(names.down, after, width, buffers.hidden.start, strides.hidden)
    addTasks(
      names.gateUp, buffers.gateUp.start, strides.gateUp, buffers.middleNormed.start, width)
    addTasks(
      names.queryKeyValue, buffers.queryKeyValue.start, strides.queryKeyValue,
      buffers.inputNormed.start, width)
    addTasks(names.output, middle, width, store.attention(layer), strides.queries)
    let tasks = buffers.tasks
    Parallel.run(tasks.count + PackedLayer.count + 1) { index, _ in
      if index < tasks.count { return tasks[index].run(tokens: plan.tokens.count) }
      guard index > tasks.count else { return addVectorGradients(names) }
      pack(index - tasks.count - 1, layer - 1)
    }
  }

  /// Adds up the chunks' sums for norms and biases.
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
      buffers.partials.start + offset, rows: plan.chunks.count, columns: slice.count,
      stride: partials.stride, to: gradient(slice))
  }

  func addOutputGradient() {
    sum(partials.inputNorm, model.layout.finalNorm)
    buffers.tasks.removeAll(keepingCapacity: true)
    addTasks(
      model.layout.output, store.logits, strides.vocabulary, store.hidden, strides.width)
    let tasks = buffers.tasks
    Parallel.run(tasks.count) { index, _ in tasks[index].run(tokens: plan.targets.count) }
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
