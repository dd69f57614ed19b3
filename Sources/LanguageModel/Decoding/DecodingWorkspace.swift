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
  /// Rows that a thread takes at a time where the work goes by rows.
  private static let part = 8
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
  private let rounded: FloatBuffer
  private var scratch: [FloatBuffer] = []
  /// Threads that share every part of a step; for models whose weights do not stay in cache, so that
  /// they are read once a step.
  var workers = 1
  /// (logit rows, vocabulary), rows `logitStride` apart.
  let logits: FloatBuffer
  var logitStride: Int { strides.vocabulary }
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
    rounded = FloatBuffer(rows * max(strides.width, strides.queries, strides.hidden) / 2)
    logits = FloatBuffer(DecodingWorkspace.logitCapacity * strides.vocabulary)
  }

  /// Reads the tokens: stores their keys and values and computes their last hidden vectors.
  func read(_ entries: [Entry], _ model: Transformer, _ weights: PackedWeights) {
    let attention = DecodingAttention(layout.attention, pageLayout, entries, workers: workers)
    reserveScratch(attention.scratch)
    for (row, entry) in entries.enumerated() {
      (x.start + row * strides.width).update(
        from: model.weight(layout.embedding) + Int(entry.token) * architecture.width,
        count: architecture.width)
    }
    for layer in 0..<architecture.layers {
      attend(layer, entries, attention, model, weights.layers[layer])
      feedForward(layer, entries.count, model, weights.layers[layer])
    }
  }

  /// Memory for each worker, for what it draws from logits and for attention.
  func scratch(of worker: Int) -> UnsafeMutablePointer<Float> { scratch[worker].start }

  /// Gives every worker that many floats of scratch.
  func reserveScratch(_ floats: Int) {
    while scratch.count < workers { scratch.append(FloatBuffer()) }
    for buffer in scratch { buffer.reserve(floats) }
  }

  /// Runs the body on parts of the rows, side by side where there are enough.
  private func share(_ rows: Int, _ body: (Range<Int>) -> Void) {
    guard workers > 1, rows >= 2 * DecodingWorkspace.part else { return body(0..<rows) }
    let parts = (rows + DecodingWorkspace.part - 1) / DecodingWorkspace.part
    Parallel.run(parts, workers: workers) { index, _ in
      let start = index * DecodingWorkspace.part
      body(start..<min(rows, start + DecodingWorkspace.part))
    }
  }

  /// Computes the logits of some rows of the batch just read, into the first rows of `logits`.
  func computeLogits(rows: Range<Int>, _ model: Transformer, _ weights: PackedWeights) {
    norm(
      model, layout.finalNorm, rows: rows.count, x: x.start + rows.lowerBound * strides.width)
    weights.output.product(
      rows: rows.count, of: normed.start, inputStride: strides.width, into: logits.start,
      outputStride: strides.vocabulary, workers: workers, scratch: rounded.start)
  }

  private func norm(
    _ model: Transformer, _ weight: ParameterSlice, rows: Int, x: UnsafePointer<Float>
  ) {
    share(rows) { part in
      let first = part.lowerBound * strides.width
      rmsNorm(
        rows: part.count, width: architecture.width, x: x + first, inputStride: strides.width,
        weight: model.weight(weight), epsilon: architecture.normEpsilon, y: normed.start + first,
        outputStride: strides.width, inverse: inverse.start + part.lowerBound)
    }
  }

  private func attend(
    _ layer: Int, _ entries: [Entry], _ attention: DecodingAttention, _ model: Transformer,
    _ weights: PackedLayer
  ) {
    norm(model, layout.layers[layer].inputNorm, rows: entries.count, x: x.start)
    weights.queryKeyValue.product(
      rows: entries.count, of: normed.start, inputStride: strides.width,
      into: queryKeyValue.start, outputStride: strides.queryKeyValue, workers: workers,
      scratch: rounded.start)
    share(entries.count) { rows in
      for row in rows { store(layer, row, entries[row], model) }
    }
    Parallel.run(attention.pieces, workers: workers) { piece, worker in
      attention.run(
        piece, layer: layer, queries: queryKeyValue.start, queryStride: strides.queryKeyValue,
        outputs: outputs.start, outputStride: strides.queries, scratch: scratch[worker].start)
    }
    weights.output.product(
      rows: entries.count, of: outputs.start, inputStride: strides.queries, into: x.start,
      outputStride: strides.width, adding: true, workers: workers, scratch: rounded.start)
    addToResidual(layout.layers[layer].biases.output, rows: entries.count, model)
  }

  private func addToResidual(_ biases: [LayerBiases.Placed], rows: Int, _ model: Transformer) {
    guard !biases.isEmpty else { return }
    share(rows) { part in
      model.add(
        biases, rows: part.count, to: x.start + part.lowerBound * strides.width,
        stride: strides.width)
    }
  }

  /// Finishes q, k and v of one token and stores k and v.
  private func store(_ layer: Int, _ row: Int, _ entry: Entry, _ model: Transformer) {
    let names = layout.layers[layer]
    let shape = layout.attention
    let qkv = queryKeyValue.start + row * strides.queryKeyValue
    model.add(names.biases.queryKeyValue, rows: 1, to: qkv, stride: 0)
    if let queryNorm = names.queryNorm, let keyNorm = names.keyNorm {
      let inverse = inverse.start + row * strides.normedHeads
      normHeads(model, queryNorm, qkv, shape.heads, inverse)
      normHeads(model, keyNorm, qkv + layout.queries, shape.keyHeads, inverse)
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
    _ model: Transformer, _ weight: ParameterSlice, _ x: UnsafeMutablePointer<Float>, _ heads: Int,
    _ inverse: UnsafeMutablePointer<Float>
  ) {
    let width = layout.attention.headWidth
    rmsNorm(
      rows: heads, width: width, x: x, inputStride: width, weight: model.weight(weight),
      epsilon: architecture.normEpsilon, y: x, outputStride: width, inverse: inverse)
  }

  private func feedForward(
    _ layer: Int, _ rows: Int, _ model: Transformer, _ weights: PackedLayer
  ) {
    norm(model, layout.layers[layer].middleNorm, rows: rows, x: x.start)
    weights.gateUp.product(
      rows: rows, of: normed.start, inputStride: strides.width, into: gateUp.start,
      outputStride: strides.gateUp, workers: workers, scratch: rounded.start)
    let biases = layout.layers[layer].biases
    share(rows) { part in
      let x = gateUp.start + part.lowerBound * strides.gateUp
      model.add(biases.gateUp, rows: part.count, to: x, stride: strides.gateUp)
      swiGLU(
        rows: part.count, hidden: architecture.hidden, x: x, inputStride: strides.gateUp,
        y: hidden.start + part.lowerBound * strides.hidden, outputStride: strides.hidden)
    }
    weights.down.product(
      rows: rows, of: hidden.start, inputStride: strides.hidden, into: x.start,
      outputStride: strides.width, adding: true, workers: workers, scratch: rounded.start)
    addToResidual(biases.down, rows: rows, model)
  }
}

/// Attention of a batch over its caches: one piece of work is a few rows and one key head.
struct DecodingAttention {
  private let shape: AttentionShape
  private let layout: PageLayout
  private let entries: [DecodingWorkspace.Entry]
  private let sharing: PageSharing
  private let scoreStride: Int
  private var group: Int { shape.heads / shape.keyHeads }

  /// Prepares the attention of every layer of a step.
  init(
    _ shape: AttentionShape, _ layout: PageLayout, _ entries: [DecodingWorkspace.Entry],
    workers: Int
  ) {
    self.shape = shape
    self.layout = layout
    self.entries = entries
    // Enough pieces for every worker; more rows a piece read shared pages less often.
    let wanted = workers > 1 ? entries.count * shape.keyHeads / (4 * workers) : entries.count
    sharing = PageSharing(entries, rows: max(1, min(PageSharing.rows, wanted)))
    let longest = entries.reduce(0) { max($0, $1.position + 1) }
    scoreStride = (longest + 15) / 16 * 16
  }

  /// Pieces that may run side by side.
  var pieces: Int { sharing.groups.count * shape.keyHeads }

  /// Floats of scratch that a piece needs.
  var scratch: Int { PageSharing.rows * group * (2 * shape.headWidth + scoreStride) }

  /// Computes one piece of a layer.
  ///
  /// `queries` and `outputs` are (rows, heads · headWidth), with the given strides.
  func run(
    _ piece: Int, layer: Int, queries: UnsafePointer<Float>, queryStride: Int,
    outputs: UnsafeMutablePointer<Float>, outputStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let (number, head) = piece.quotientAndRemainder(dividingBy: shape.keyHeads)
    let rows = sharing.groups[number]
    let width = group * shape.headWidth
    let column = head * width
    let q = scratch
    let y = q + rows.rows.count * width
    let scores = y + rows.rows.count * width
    for (place, row) in rows.rows.enumerated() {
      (q + place * width).update(from: queries + row * queryStride + column, count: width)
    }
    let shift = head * shape.headWidth * PageLayout.tokens
    score(rows, q, scores, offset: layout.keys(layer) + shift)
    y.update(repeating: 0, count: rows.rows.count * width)
    for stretch in rows.stretches {
      addValues(rows, stretch, scores, y, offset: layout.values(layer) + shift)
    }
    for (place, row) in rows.rows.enumerated() {
      (outputs + row * outputStride + column).update(from: y + place * width, count: width)
    }
  }

  /// The softmax of every query over its positions.
  private func score(
    _ rows: PageSharing.Group, _ q: UnsafePointer<Float>, _ scores: UnsafeMutablePointer<Float>,
    offset: Int
  ) {
    for stretch in rows.stretches {
      let first = (stretch.rows.lowerBound - rows.rows.lowerBound) * group
      entries[stretch.rows.lowerBound].cache.withPages { pages in
        pageScores(
          queries: stretch.rows.count * group, headWidth: shape.headWidth,
          q: q + first * shape.headWidth, pages: pages, range: stretch.pages, offset: offset,
          scores: scores + first * scoreStride, stride: scoreStride)
      }
    }
    for query in 0..<rows.rows.count * group {
      let count = entries[rows.rows.lowerBound + query / group].position + 1
      pageSoftmax(scores + query * scoreStride, count: count, headWidth: shape.headWidth)
    }
  }

  /// Adds the values of a stretch; positions that only some rows attend to row by row.
  private func addValues(
    _ rows: PageSharing.Group, _ stretch: PageSharing.Stretch, _ p: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, offset: Int
  ) {
    let start = stretch.pages.lowerBound * PageLayout.tokens
    let end = stretch.pages.upperBound * PageLayout.tokens
    let common = stretch.rows.reduce(end) { min($0, entries[$1].position + 1) }
    entries[stretch.rows.lowerBound].cache.withPages { pages in
      func add(_ some: Range<Int>, _ positions: Range<Int>) {
        let first = (some.lowerBound - rows.rows.lowerBound) * group
        addPageValues(
          queries: some.count * group, headWidth: shape.headWidth, p: p + first * scoreStride,
          stride: scoreStride, pages: pages, positions: positions, offset: offset,
          y: y + first * shape.headWidth)
      }
      add(stretch.rows, start..<common)
      for row in stretch.rows where min(end, entries[row].position + 1) > common {
        add(row..<row + 1, common..<min(end, entries[row].position + 1))
      }
    }
  }
}
