import Tensors

/// The forward pass's list backwards.
///
/// Every layer takes two parallel sweeps: over chunks of rows for the gradients of the vectors, then
/// over tiles of the weights for theirs, each summed over all tokens by one thread. Sums for norms
/// and biases are kept by tile of tokens. So nothing depends on the number of threads.
struct BackwardPass {
  let pass: ForwardPass
  let model: Transformer
  let plan: RowPlan
  let strides: Activations.Strides
  let store: Activations
  let buffers: BackwardBuffers
  let partials: Partials

  init(_ pass: ForwardPass, store: Activations, buffers: BackwardBuffers) {
    self.pass = pass
    model = pass.model
    plan = pass.plan
    strides = pass.strides
    self.store = store
    self.buffers = buffers
    partials = Partials(pass.strides, pass.model.layout.attention)
  }

  func run() {
    let layers = model.architecture.layers
    Parallel.run(PackedLayer.count + 1) { index, _ in
      index < PackedLayer.count ? pack(index, layers - 1) : clearHead()
    }
    model.merged.withMatrix([model.layout.output]) { differentiateHead($0) }
    // The gradient after the running layer, in its middle, and before it.
    var turn = 0
    for layer in (0..<layers).reversed() {
      let step = LayerStep(
        layer: layer, after: buffers.residual[turn].start,
        middle: buffers.residual[(turn + 1) % 3].start,
        before: buffers.residual[(turn + 2) % 3].start)
      Parallel.run(plan.chunks.count, workers: pass.sharing.chunks) { index, worker in
        differentiate(step, plan.chunks[index], worker)
      }
      addWeightGradients(layer, after: step.after, middle: step.middle)
      turn = (turn + 2) % 3
    }
    if model.adapter == nil { addEmbeddingGradient(buffers.residual[turn].start) }
  }

  /// A layer, and the gradients of the residual stream around it.
  struct LayerStep {
    let layer: Int
    let after: UnsafeMutablePointer<Float>
    let middle: UnsafeMutablePointer<Float>
    let before: UnsafeMutablePointer<Float>
  }

  func pack(_ matrix: Int, _ layer: Int) {
    guard layer >= 0 else { return }
    buffers.layer.pack(matrix, of: model.layout.layers[layer], model.merged, transposed: true)
  }

  private func clearHead() {
    buffers.residual[0].start.update(repeating: 0, count: plan.tokens.count * strides.width)
    buffers.finalPartials.start.update(repeating: 0, count: plan.tiles * strides.width)
  }

  private func differentiate(_ step: LayerStep, _ chunk: RowPlan.Chunk, _ worker: Int) {
    // Either the chunks or the threads within one are many, so that no two share a number.
    eachTile(chunk, worker) { index, tile, scratch in
      (buffers.partials.start + index * partials.stride).update(
        repeating: 0, count: partials.stride)
      feedForward(step, tile, index, scratch)
      sumBiases(
        model.layout.layers[step.layer].biases.output, partials.outputBias, of: index,
        step.middle + tile.lowerBound * strides.width, rows: tile.count, stride: strides.width)
      buffers.layer.output.product(
        rows: tile.count, of: step.middle + tile.lowerBound * strides.width,
        inputStride: strides.width,
        into: buffers.attention.start + tile.lowerBound * strides.queries,
        outputStride: strides.queries, scratch: scratch.rounded.start)
    }
    attend(step.layer, chunk, worker)
    eachTile(chunk, worker) { index, tile, scratch in project(step, chunk, tile, index, scratch) }
  }

  private func eachTile(
    _ chunk: RowPlan.Chunk, _ worker: Int,
    _ body: (_ index: Int, _ tile: Range<Int>, _ scratch: BackwardScratch) -> Void
  ) {
    let count = pieces(of: chunk.tokens, by: RowPlan.tileTokens)
    Parallel.run(count, workers: min(pass.sharing.within, count)) { index, within in
      body(
        chunk.firstTile + index, chunk.tokens.piece(index, by: RowPlan.tileTokens),
        buffers.workers[worker + within])
    }
  }

  private func partial(_ tile: Int, _ offset: Int) -> UnsafeMutablePointer<Float> {
    buffers.partials.start + tile * partials.stride + offset
  }

  /// Adds the rows of a product's gradient up, for its biases.
  private func sumBiases(
    _ biases: [LayerBiases.Placed], _ offset: Int, of tile: Int, _ gradient: UnsafePointer<Float>,
    rows: Int, stride: Int
  ) {
    for bias in biases {
      addRows(
        gradient + bias.column, rows: rows, columns: bias.slice.count, stride: stride,
        to: partial(tile, offset + bias.column))
    }
  }

  private func feedForward(
    _ step: LayerStep, _ tile: Range<Int>, _ index: Int, _ scratch: BackwardScratch
  ) {
    let (start, count, width) = (tile.lowerBound, tile.count, strides.width)
    let weight = model.layout.layers[step.layer].middleNorm
    let x = store.middle(step.layer) + start * width
    let inverse = store.middleInverse(step.layer) + start
    rmsNormAgain(
      rows: count, width: model.architecture.width, x: x, inputStride: width,
      weight: model.weight(weight), inverse: inverse,
      y: buffers.middleNormed.start + start * width, outputStride: width)
    let gateUp = gateUp(step.layer, tile)
    let biases = model.layout.layers[step.layer].biases
    sumBiases(
      biases.down, partials.downBias, of: index, step.after + start * width, rows: count,
      stride: width)
    buffers.layer.down.product(
      rows: count, of: step.after + start * width, inputStride: width,
      into: scratch.hidden.start, outputStride: strides.hidden, scratch: scratch.rounded.start)
    let gateUpGradient = buffers.gateUp.start + start * strides.gateUp
    swiGLUBackward(
      rows: count, hidden: model.architecture.hidden, yGradient: scratch.hidden.start, x: gateUp,
      inputStride: strides.gateUp, xGradient: gateUpGradient,
      y: buffers.hidden.start + start * strides.hidden, outputStride: strides.hidden)
    sumBiases(
      biases.gateUp, partials.gateUpBias, of: index, gateUpGradient, rows: count,
      stride: strides.gateUp)
    buffers.layer.gateUp.product(
      rows: count, of: gateUpGradient, inputStride: strides.gateUp, into: scratch.normed.start,
      outputStride: width, scratch: scratch.rounded.start)
    let middle = step.middle + start * width
    middle.update(from: step.after + start * width, count: count * width)
    normBackward(
      weight, rows: count, yGradient: scratch.normed.start, x: x, inverse: inverse,
      xGradient: middle, weightGradient: partial(index, partials.middleNorm), adding: true)
  }

  /// gate ‖ up of a tile, computed again where the layers after it wrote over them.
  private func gateUp(_ layer: Int, _ tile: Range<Int>) -> UnsafePointer<Float> {
    let gateUp = store.gateUp(layer) + tile.lowerBound * strides.gateUp
    guard !store.keepsGateUp(layer), layer + 1 < model.architecture.layers else {
      return UnsafePointer(gateUp)
    }
    pass.weights.layers[layer].gateUp.product(
      rows: tile.count, of: buffers.middleNormed.start + tile.lowerBound * strides.width,
      inputStride: strides.width, into: gateUp, outputStride: strides.gateUp)
    model.add(
      model.layout.layers[layer].biases.gateUp, rows: tile.count, to: gateUp,
      stride: strides.gateUp)
    return UnsafePointer(gateUp)
  }

  /// Attention, by row and key head.
  private func attend(_ layer: Int, _ chunk: RowPlan.Chunk, _ worker: Int) {
    let shape = model.layout.attention
    let count = chunk.rows.count * shape.keyHeads
    Parallel.run(count, workers: min(pass.sharing.within, count)) { index, within in
      let (number, keyHead) = index.quotientAndRemainder(dividingBy: shape.keyHeads)
      let span = plan.spans[chunk.rows.lowerBound + number]
      guard span.shared.isEmpty else { return }
      let row = span.tokens
      let first = row.lowerBound
      attentionBackward(
        shape, tokens: row.count, keyHead: keyHead,
        x: store.queryKeyValue(layer) + first * strides.queryKeyValue,
        inputStride: strides.queryKeyValue, y: store.attention(layer) + first * strides.queries,
        yGradient: buffers.attention.start + first * strides.queries,
        outputStride: strides.queries, logSums: store.logSums(layer) + first * strides.heads,
        xGradient: buffers.queryKeyValue.start + first * strides.queryKeyValue,
        gradientStride: strides.queryKeyValue,
        scratch: buffers.workers[worker + within].attention.start)
    }
    // Those that share a beginning add to its gradient, one after another.
    for row in chunk.rows where !plan.spans[row].shared.isEmpty {
      attend(layer, SharedRows(plan.spans[row]) { $0 }, buffers.workers[worker])
    }
  }

  /// From rotated q ‖ k ‖ v to the residual stream before the layer.
  private func project(
    _ step: LayerStep, _ chunk: RowPlan.Chunk, _ tile: Range<Int>, _ index: Int,
    _ scratch: BackwardScratch
  ) {
    let (layer, start, count, width) = (step.layer, tile.lowerBound, tile.count, strides.width)
    let gradient = buffers.queryKeyValue.start + start * strides.queryKeyValue
    rotateBackward(chunk, tile)
    headsBackward(layer, tile, index)
    sumBiases(
      model.layout.layers[layer].biases.queryKeyValue, partials.bias, of: index, gradient,
      rows: count, stride: strides.queryKeyValue)
    buffers.layer.queryKeyValue.product(
      rows: count, of: gradient, inputStride: strides.queryKeyValue, into: scratch.normed.start,
      outputStride: width, scratch: scratch.rounded.start)
    let before = step.before + start * width
    before.update(from: step.middle + start * width, count: count * width)
    let weight = model.layout.layers[layer].inputNorm
    let x = store.residual(layer) + start * width
    let inverse = store.inputInverse(layer) + start
    normBackward(
      weight, rows: count, yGradient: scratch.normed.start, x: x, inverse: inverse,
      xGradient: before, weightGradient: partial(index, partials.inputNorm), adding: true)
    rmsNormAgain(
      rows: count, width: model.architecture.width, x: x, inputStride: width,
      weight: model.weight(weight), inverse: inverse,
      y: buffers.inputNormed.start + start * width, outputStride: width)
  }

  private func rotateBackward(_ chunk: RowPlan.Chunk, _ tile: Range<Int>) {
    let shape = model.layout.attention
    for part in plan.rowParts(of: tile, rows: chunk.rows) {
      model.rope.rotateBackward(
        buffers.queryKeyValue.start + part.tokens.lowerBound * strides.queryKeyValue,
        rows: part.tokens.count, heads: shape.heads + shape.keyHeads,
        stride: strides.queryKeyValue, start: part.position)
    }
  }

  /// Qwen3's norm of every head of q and k.
  private func headsBackward(_ layer: Int, _ tile: Range<Int>, _ index: Int) {
    let names = model.layout.layers[layer]
    guard let queryNorm = names.queryNorm, let keyNorm = names.keyNorm else { return }
    let shape = model.layout.attention
    let parts = [
      (0..<shape.heads, queryNorm, partials.queryNorm),
      (shape.heads..<shape.heads + shape.keyHeads, keyNorm, partials.keyNorm),
    ]
    for row in tile {
      for (heads, weight, offset) in parts {
        let at = row * strides.queryKeyValue + heads.lowerBound * shape.headWidth
        let gradient = buffers.queryKeyValue.start + at
        rmsNormBackward(
          rows: heads.count, width: shape.headWidth, yGradient: gradient,
          outputStride: shape.headWidth, x: store.rawQueryKeyValue(layer) + at,
          inputStride: shape.headWidth, weight: model.weight(weight),
          inverse: store.headInverse(layer) + row * strides.normedHeads + heads.lowerBound,
          xGradient: gradient, gradientStride: shape.headWidth,
          weightGradient: partial(index, offset), adding: false)
      }
    }
  }

  func normBackward(
    _ weight: ParameterSlice, rows: Int, yGradient: UnsafePointer<Float>, x: UnsafePointer<Float>,
    inverse: UnsafePointer<Float>, xGradient: UnsafeMutablePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    rmsNormBackward(
      rows: rows, width: model.architecture.width, yGradient: yGradient,
      outputStride: strides.width, x: x, inputStride: strides.width, weight: model.weight(weight),
      inverse: inverse, xGradient: xGradient, gradientStride: strides.width,
      weightGradient: weightGradient, adding: adding)
  }
}

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
