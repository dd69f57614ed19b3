import Tensors

/// Draws rollouts as one batch; where one ends, the next waiting one takes its place.
///
/// A rollout depends on its prefix and its seed alone, so it does not matter which lane draws it.
struct DecodingLane {
  /// Rollouts of a batch at most.
  static let capacity = 32

  private struct Row {
    var job: DecodingQueue.Job
    var random: Random
    var cache: KeyValueCache
    var continuation: Continuation
  }

  private let model: Transformer
  private let weights: PackedWeights
  private let workspace: DecodingWorkspace
  private let prefixes: PrefixForest
  private let queue: DecodingQueue
  private let sampler: Sampler
  private let endTokens: Set<Token>
  private let width: Int
  private var rows: [Row] = []
  private var entries: [DecodingWorkspace.Entry] = []

  init(
    _ model: Transformer, _ weights: PackedWeights, _ workspace: DecodingWorkspace,
    _ prefixes: PrefixForest, _ queue: DecodingQueue, _ sampling: Sampling,
    _ endTokens: Set<Token>, width: Int
  ) {
    self.model = model
    self.weights = weights
    self.workspace = workspace
    self.prefixes = prefixes
    self.queue = queue
    self.endTokens = endTokens
    self.width = width
    sampler = Sampler(sampling)
  }

  /// Draws until nothing is left; `afterStep` runs after every token of the batch.
  mutating func run(afterStep: () -> Void) {
    while !queue.stopped {
      fill()
      afterStep()
      guard !rows.isEmpty else { return }
      step()
    }
  }

  private mutating func fill() {
    while rows.count < width {
      let jobs = queue.next(width - rows.count)
      guard !jobs.isEmpty else { return }
      for job in jobs { start(job) }
    }
  }

  private mutating func start(_ job: DecodingQueue.Job) {
    let row = Row(
      job: job, random: Random(seed: job.seed), cache: prefixes.fork(job.prefix),
      continuation: Continuation(
        tokens: [], logProbabilities: [], truncated: false, seed: job.seed))
    rows.append(row)
    draw(rows.count - 1, from: prefixes.logits(job.prefix))
  }

  private mutating func step() {
    entries.removeAll(keepingCapacity: true)
    for row in rows {
      guard let token = row.continuation.tokens.last else { continue }
      row.cache.extend()
      entries.append(
        DecodingWorkspace.Entry(token: token, position: row.cache.count - 1, cache: row.cache))
    }
    workspace.read(entries, model, weights)
    workspace.computeLogits(rows: 0..<rows.count, model, weights)
    // From the last row, so that a finished one may be replaced by the last.
    for row in rows.indices.reversed() {
      draw(
        row,
        from: UnsafeBufferPointer(
          start: workspace.logits.start + row * workspace.logitStride, count: model.vocabulary))
    }
  }

  /// Adds a token to a row and takes the row out where that ends it.
  private mutating func draw(_ index: Int, from logits: UnsafeBufferPointer<Float>) {
    let (token, logProbability) = sampler.draw(
      logits, scratch: workspace.weights.start, random: &rows[index].random)
    rows[index].continuation.tokens.append(token)
    rows[index].continuation.logProbabilities.append(logProbability)
    let ended = endTokens.contains(token)
    guard ended || rows[index].continuation.tokens.count >= rows[index].job.limit else { return }
    rows[index].continuation.truncated = !ended
    queue.finish(rows[index].job, rows[index].continuation)
    rows.swapAt(index, rows.count - 1)
    rows.removeLast()
  }
}
