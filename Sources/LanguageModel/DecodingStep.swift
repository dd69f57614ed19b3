import Tensors

/// A batch of tokens of any sequences on its way through the layers, with caches.
///
/// Tokens of one sequence may follow each other within a batch, so the same step reads a prefix and
/// draws rollouts.
final class DecodingWorkspace {
  /// One token to be read.
  struct Entry {
    var token: Token
    /// Place of the token in its sequence; the cache already has room for it.
    var position: Int
    var cache: KeyValueCache
  }

  /// Most tokens of a batch.
  static let capacity = 128
  /// Most rows of logits at a time.
  static let logitCapacity = 64

  private let architecture: Architecture
  private let layout: TransformerLayout
  private let strides: Activations.Strides
  private let pageLayout: PageLayout
  private let x: FloatBuffer
  private let normed: FloatBuffer
  private let queryKeyValue: FloatBuffer
  private let outputs: FloatBuffer
  private let gateUp: FloatBuffer
  private let hidden: FloatBuffer
  private let inverse: FloatBuffer
  private var scores: [FloatBuffer] = [FloatBuffer()]
  /// Threads that share each product and the rows of attention; for models whose weights do not
  /// stay in cache, so that they are read once a step.
  var workers = 1
  /// (logit rows, vocabulary), rows `logitStride` apart.
  let logits: FloatBuffer
  var logitStride: Int { strides.vocabulary }
  /// Probabilities of one row, for drawing.
  let weights: FloatBuffer

  init(_ architecture: Architecture, _ layout: TransformerLayout) {
    self.architecture = architecture
    self.layout = layout
    strides = Activations.Strides(architecture, layout)
    pageLayout = PageLayout(architecture)
    let rows = DecodingWorkspace.capacity
    x = FloatBuffer(rows * strides.width)
    normed = FloatBuffer(rows * strides.width)
    queryKeyValue = FloatBuffer(rows * strides.queryKeyValue)
    outputs = FloatBuffer(rows * strides.queries)
    gateUp = FloatBuffer(rows * strides.gateUp)
    hidden = FloatBuffer(rows * strides.hidden)
    inverse = FloatBuffer(rows * max(1, strides.normedHeads))
    logits = FloatBuffer(DecodingWorkspace.logitCapacity * strides.vocabulary)
    weights = FloatBuffer(strides.vocabulary)
  }

  /// Reads the tokens: stores their keys and values and computes their last hidden vectors.
  func read(_ entries: [Entry], _ model: Transformer, _ weights: PackedWeights) {
    let longest = entries.reduce(0) { max($0, $1.position + 1) }
    while scores.count < workers { scores.append(FloatBuffer()) }
    for buffer in scores { buffer.reserve((longest + 63) / 64 * 64) }
    for (row, entry) in entries.enumerated() {
      (x.start + row * strides.width).update(
        from: model.weight(layout.embedding) + Int(entry.token) * architecture.width,
        count: architecture.width)
    }
    for layer in 0..<architecture.layers {
      attend(layer, entries, model, weights.layers[layer])
      feedForward(layer, entries.count, model, weights.layers[layer])
    }
  }

  /// Computes the logits of some rows of the batch just read, into the first rows of `logits`.
  func computeLogits(rows: Range<Int>, _ model: Transformer, _ weights: PackedWeights) {
    norm(
      model, layout.finalNorm, rows: rows.count, x: x.start + rows.lowerBound * strides.width)
    weights.output.product(
      rows: rows.count, of: normed.start, inputStride: strides.width, into: logits.start,
      outputStride: strides.vocabulary, workers: workers)
  }

  private func norm(
    _ model: Transformer, _ weight: ParameterSlice, rows: Int, x: UnsafePointer<Float>
  ) {
    rmsNorm(
      rows: rows, width: architecture.width, x: x, inputStride: strides.width,
      weight: model.weight(weight), epsilon: architecture.normEpsilon, y: normed.start,
      outputStride: strides.width, inverse: inverse.start)
  }

  private func attend(
    _ layer: Int, _ entries: [Entry], _ model: Transformer, _ weights: PackedLayer
  ) {
    norm(model, layout.layers[layer].inputNorm, rows: entries.count, x: x.start)
    weights.queryKeyValue.product(
      rows: entries.count, of: normed.start, inputStride: strides.width,
      into: queryKeyValue.start, outputStride: strides.queryKeyValue, workers: workers)
    for (row, entry) in entries.enumerated() { store(layer, row, entry, model) }
    let keys = pageLayout.keys(layer)
    let values = pageLayout.values(layer)
    Parallel.run(entries.count, workers: workers) { row, worker in
      entries[row].cache.withPages { pages in
        cachedAttention(
          layout.attention, q: queryKeyValue.start + row * strides.queryKeyValue, pages: pages,
          count: entries[row].position + 1, keyOffset: keys, valueOffset: values,
          y: outputs.start + row * strides.queries, scratch: scores[worker].start)
      }
    }
    weights.output.product(
      rows: entries.count, of: outputs.start, inputStride: strides.queries, into: x.start,
      outputStride: strides.width, adding: true, workers: workers)
  }

  /// Finishes q, k and v of one token and stores k and v.
  private func store(_ layer: Int, _ row: Int, _ entry: Entry, _ model: Transformer) {
    let names = layout.layers[layer]
    let shape = layout.attention
    let qkv = queryKeyValue.start + row * strides.queryKeyValue
    var column = 0
    for bias in names.biases {
      addBias(model.weight(bias), rows: 1, columns: bias.count, to: qkv + column, stride: 0)
      column += bias.count
    }
    if let queryNorm = names.queryNorm, let keyNorm = names.keyNorm {
      normHeads(model, queryNorm, qkv, shape.heads)
      normHeads(model, keyNorm, qkv + layout.queries, shape.keyHeads)
    }
    model.rope.rotate(
      qkv, rows: 1, heads: shape.heads + shape.keyHeads, stride: 0, start: entry.position)
    let page = entry.cache.page(at: entry.position)
    let key = qkv + layout.queries
    storeKeyValue(
      shape, key: key, value: key + shape.keyHeads * shape.headWidth,
      keyPage: page + pageLayout.keys(layer), valuePage: page + pageLayout.values(layer),
      slot: entry.position % PageLayout.tokens)
  }

  private func normHeads(
    _ model: Transformer, _ weight: ParameterSlice, _ x: UnsafeMutablePointer<Float>, _ heads: Int
  ) {
    let width = layout.attention.headWidth
    rmsNorm(
      rows: heads, width: width, x: x, inputStride: width, weight: model.weight(weight),
      epsilon: architecture.normEpsilon, y: x, outputStride: width, inverse: inverse.start)
  }

  private func feedForward(
    _ layer: Int, _ rows: Int, _ model: Transformer, _ weights: PackedLayer
  ) {
    norm(model, layout.layers[layer].middleNorm, rows: rows, x: x.start)
    weights.gateUp.product(
      rows: rows, of: normed.start, inputStride: strides.width, into: gateUp.start,
      outputStride: strides.gateUp, workers: workers)
    swiGLU(
      rows: rows, hidden: architecture.hidden, x: gateUp.start, inputStride: strides.gateUp,
      y: hidden.start, outputStride: strides.hidden)
    weights.down.product(
      rows: rows, of: hidden.start, inputStride: strides.hidden, into: x.start,
      outputStride: strides.width, adding: true, workers: workers)
  }
}
