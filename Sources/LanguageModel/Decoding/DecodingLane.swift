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

  /// Draws until nothing is left; `afterStep` runs after every token of the batch, with what the
  /// oldest rollout under way has by then.
  mutating func run(afterStep: ([Token]) -> Void) {
    while !queue.stopped {
      fill()
      afterStep(rows.first?.continuation.tokens ?? [])
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
    let place = rows.count - 1
    workspace.reserveScratch(model.vocabulary)
    let drawn = sampler.draw(
      prefixes.logits(job.prefix), scratch: workspace.scratch(of: 0), random: &rows[place].random)
    if add(drawn, to: place) { rows.remove(at: place) }
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
    workspace.computeLogits(rows: 0..<rows.count, weights)
    let drawn = drawAll()
    // Rows keep their order, since neighbours share pages.
    var kept = 0
    for row in rows.indices where !add(drawn[row], to: row) {
      rows.swapAt(kept, row)
      kept += 1
    }
    rows.removeLast(rows.count - kept)
  }

  /// Draws a token for every row from its logits.
  private mutating func drawAll() -> [(token: Token, logProbability: Float)] {
    let workspace = workspace
    let sampler = sampler
    let vocabulary = model.vocabulary
    workspace.reserveScratch(vocabulary)
    var drawn = [(token: Token, logProbability: Float)](repeating: (0, 0), count: rows.count)
    rows.withUnsafeMutableBufferPointer { rows in
      drawn.withUnsafeMutableBufferPointer { drawn in
        Parallel.run(rows.count, workers: workspace.workers) { row, worker in
          drawn[row] = sampler.draw(
            UnsafeBufferPointer(start: workspace.logits[row], count: vocabulary),
            scratch: workspace.scratch(of: worker), random: &rows[row].random)
        }
      }
    }
    return drawn
  }

  /// Adds a token to a row; true where that ends the row.
  private mutating func add(_ drawn: (token: Token, logProbability: Float), to index: Int) -> Bool {
    rows[index].continuation.tokens.append(drawn.token)
    rows[index].continuation.logProbabilities.append(drawn.logProbability)
    let ended = endTokens.contains(drawn.token)
    guard ended || rows[index].continuation.tokens.count >= rows[index].job.limit else {
      return false
    }
    rows[index].continuation.truncated = !ended
    queue.finish(rows[index].job, rows[index].continuation)
    return true
  }
}
