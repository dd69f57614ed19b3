import Tensors

/// A batch of tokens of any sequences on its way through the layers, with caches.
///
/// Tokens of one sequence may follow each other within a batch, so the same step reads a prefix and
/// draws rollouts. The blocks are those of training; only attention reads pages instead of rows.
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

  private let layout: TransformerLayout
  private let strides: Activations.Strides
  private let pageLayout: PageLayout
  private let x: Rows
  private let normed: Rows
  private let queryKeyValue: Rows
  private let attended: Rows
  private let gateUp: Rows
  private let hidden: Rows
  /// 1 / rms of vectors, then of each head of q and k; nobody reads them.
  private let inverse: Rows
  /// (logit rows, vocabulary).
  let logits: Rows
  /// What the rows above lie in.
  private let memory: [FloatBuffer]
  private let rounded: FloatBuffer
  private var scratch: [FloatBuffer] = []
  /// Threads that share every part of a step; for models whose weights do not stay in cache, so that
  /// they are read once a step.
  var workers = 1
  private var sharing: RowSharing { RowSharing(workers: workers, rounded: rounded.start) }

  init(_ architecture: Architecture, _ layout: TransformerLayout) {
    self.layout = layout
    let strides = Activations.Strides(architecture, layout)
    self.strides = strides
    pageLayout = PageLayout(architecture)
    var memory: [FloatBuffer] = []
    func rows(_ stride: Int, count: Int = DecodingWorkspace.capacity) -> Rows {
      let buffer = FloatBuffer(count * stride)
      memory.append(buffer)
      return buffer.rows(count, stride: stride)
    }
    x = rows(strides.width)
    normed = rows(strides.width)
    queryKeyValue = rows(strides.queryKeyValue)
    attended = rows(strides.queries)
    gateUp = rows(strides.gateUp)
    hidden = rows(strides.hidden)
    inverse = rows(max(1, strides.normedHeads))
    logits = rows(strides.vocabulary, count: DecodingWorkspace.logitCapacity)
    self.memory = memory
    rounded = FloatBuffer(
      DecodingWorkspace.capacity * max(strides.width, strides.queries, strides.hidden) / 2)
  }

  /// Reads the tokens: stores their keys and values and computes their last hidden vectors.
  func read(_ entries: [Entry], _ model: Transformer, _ weights: PackedWeights) {
    let pages = DecodingAttention(layout.attention, pageLayout, entries, workers: workers)
    reserveScratch(pages.scratch)
    entries.map(\.token).withUnsafeBufferPointer { model.embed($0, into: x[0..<entries.count]) }
    for (layer, blocks) in layout.layers.enumerated() {
      let matrices = weights.layers[layer]
      attend(layer, entries, pages, blocks.attention, matrices)
      blocks.feedForward.forward(feedForwardVectors(entries.count), matrices, sharing)
    }
  }

  /// Memory for each worker, for what it draws from logits and for attention.
  func scratch(of worker: Int) -> UnsafeMutablePointer<Float> { scratch[worker].start }

  /// Gives every worker that many floats of scratch.
  func reserveScratch(_ floats: Int) {
    while scratch.count < workers { scratch.append(FloatBuffer()) }
    for buffer in scratch { buffer.reserve(floats) }
  }

  /// Computes the logits of some rows of the batch just read, into the first rows of `logits`.
  func computeLogits(rows: Range<Int>, _ weights: PackedWeights) {
    let hidden = normed[0..<rows.count]
    layout.head.normalize(x[rows], into: hidden, inverse: inverse.start, sharing)
    layout.head.logits(hidden, into: logits[0..<rows.count], weights.output, sharing)
  }

  private func attend(
    _ layer: Int, _ entries: [Entry], _ pages: DecodingAttention, _ block: AttentionBlock,
    _ matrices: PackedLayer
  ) {
    let (sharing, vectors) = (sharing, attentionVectors(entries.count))
    block.project(vectors, matrices, sharing)
    sharing.share(entries.count) { rows in
      for row in rows {
        block.finish(row..<row + 1, of: vectors, from: entries[row].position)
        store(layer, entries[row], vectors.queryKeyValue[row])
      }
    }
    Parallel.run(pages.pieces, workers: workers) { piece, worker in
      pages.run(
        piece, layer: layer, queries: vectors.queryKeyValue, outputs: vectors.attended,
        scratch: scratch[worker].start)
    }
    block.addOutput(vectors, matrices, sharing)
  }

  /// Stores k and v of one token.
  private func store(_ layer: Int, _ entry: Entry, _ queryKeyValue: UnsafeMutablePointer<Float>) {
    let shape = layout.attention
    let page = entry.cache.page(at: entry.position)
    let key = queryKeyValue + layout.queries
    storeKeyValue(
      shape, key: key, value: key + shape.keyHeads * shape.headWidth,
      keyPage: page + pageLayout.keys(layer), valuePage: page + pageLayout.values(layer),
      slot: entry.position % PageLayout.tokens)
  }

  private func attentionVectors(_ rows: Int) -> AttentionBlock.Vectors {
    let all = 0..<rows
    return AttentionBlock.Vectors(
      x: x[all], normed: normed[all], inverse: inverse.start, rawQueryKeyValue: queryKeyValue[all],
      headInverse: inverse[all], queryKeyValue: queryKeyValue[all], attended: attended[all],
      y: x[all])
  }

  private func feedForwardVectors(_ rows: Int) -> FeedForwardBlock.Vectors {
    let all = 0..<rows
    return FeedForwardBlock.Vectors(
      x: x[all], normed: normed[all], inverse: inverse.start, gateUp: gateUp[all],
      hidden: hidden[all], y: x[all])
  }
}
