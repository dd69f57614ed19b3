import Foundation
import Tensors

extension Transformer {
  /// Rolls out from each prefix, every rollout with a stream of random numbers of its own.
  ///
  /// The common beginnings of prefixes are computed once and their cache is shared. A rollout is
  /// the same, bit for bit, whatever else the call asks for. Prefix and new tokens together never
  /// exceed the context length; a rollout that reaches it is truncated.
  public func continuations(
    of requests: [RolloutRequest], sampling: Sampling, endTokens: Set<Token>,
    progress: WorkProgress<RolloutReport>
  ) throws(Stopped) -> [[Continuation]] {
    let weights = currentWeights(sampling.precision)
    let longest = requests.reduce(0) { max($0, min($1.prefix.count + $1.limit, contextLength)) }
    layout.rope.prepare(positions: max(longest, requests.reduce(0) { max($0, $1.prefix.count) }))
    var results = RolloutResults(requests)
    for wave in waves(requests) where !results.isStopped {
      run(wave, requests, weights, sampling, endTokens, &results, progress)
    }
    pages.trim(floats: 1 << 27)
    return try results.whole()
  }

  /// Requests whose prefixes fit into memory together, in order.
  private func waves(_ requests: [RolloutRequest]) -> [Range<Int>] {
    let budget = 1 << 28
    var waves: [Range<Int>] = []
    var start = 0
    var floats = 0
    for (index, request) in requests.enumerated() {
      precondition(!request.prefix.isEmpty, "request \(index) has an empty prefix")
      precondition(
        request.prefix.allSatisfy { $0 >= 0 && $0 < vocabulary },
        "request \(index) has a token outside 0 ..< \(vocabulary)")
      let pages = (request.prefix.count + PageLayout.tokens) / PageLayout.tokens
      let own = pages * self.pages.layout.floats + vocabulary
      if floats + own > budget, index > start {
        waves.append(start..<index)
        start = index
        floats = 0
      }
      floats += own
    }
    if start < requests.count { waves.append(start..<requests.count) }
    return waves
  }

  private func run(
    _ wave: Range<Int>, _ requests: [RolloutRequest], _ weights: PackedWeights,
    _ sampling: Sampling, _ endTokens: Set<Token>, _ results: inout RolloutResults,
    _ progress: WorkProgress<RolloutReport>
  ) {
    let (jobs, distinct) = jobs(wave, requests, &results, progress)
    guard !jobs.isEmpty, !results.isStopped else { return }
    let prefixes = PrefixForest(distinct, self, weights)
    let queue = DecodingQueue(jobs)
    let lanes = lanes(for: jobs.count)
    let capacity = isLarge ? DecodingWorkspace.logitCapacity : DecodingLane.capacity
    let width = max(1, min(capacity, (jobs.count + lanes - 1) / lanes))
    // Only the calling thread touches the results, and only it reports.
    let caller = pthread_self()
    Parallel.run(lanes, workers: lanes) { lane, worker in
      let isCaller = pthread_equal(caller, pthread_self()) != 0
      var batch = DecodingLane(
        self, weights, workspaces[worker], prefixes, queue, sampling, endTokens, width: width)
      batch.run { tokens in
        guard isCaller else { return }
        results.collect(queue, progress)
        do { try watch?(tokens) } catch { results.stop(queue) }
      }
      while isCaller, queue.waitForFinished() { results.collect(queue, progress) }
    }
    results.collect(queue, progress)
  }

  /// The rollouts of a wave and the distinct prefixes they start from; those without room for a
  /// token are finished at once.
  private func jobs(
    _ wave: Range<Int>, _ requests: [RolloutRequest], _ results: inout RolloutResults,
    _ progress: WorkProgress<RolloutReport>
  ) -> ([DecodingQueue.Job], [[Token]]) {
    var jobs: [DecodingQueue.Job] = []
    var numbers: [[Token]: Int] = [:]
    var distinct: [[Token]] = []
    for request in wave {
      let prefix = requests[request].prefix
      let limit = min(requests[request].limit, contextLength - prefix.count)
      if limit > 0, !requests[request].seeds.isEmpty, numbers[prefix] == nil {
        numbers[prefix] = distinct.count
        distinct.append(prefix)
      }
      for (rollout, seed) in requests[request].seeds.enumerated() {
        let job = DecodingQueue.Job(
          request: request, rollout: rollout, prefix: numbers[prefix] ?? 0, limit: limit,
          seed: seed)
        guard limit > 0 else {
          let empty = Continuation(tokens: [], logProbabilities: [], truncated: true, seed: seed)
          results.add(job, empty, progress)
          continue
        }
        jobs.append(job)
      }
    }
    return (jobs, distinct)
  }

  /// Whether the weights are too many to stay in a processor's cache.
  private var isLarge: Bool { base.count > 1 << 24 }

  /// How many batches are decoded side by side, each with a workspace of its own.
  ///
  /// A small model keeps every thread busy with a batch of its own. A large one is limited by
  /// reading the weights: one batch, and the threads share its products.
  func lanes(for pieces: Int) -> Int {
    let threads = Parallel.threads
    let lanes = isLarge ? 1 : max(1, min(threads, pieces))
    while workspaces.count < lanes { workspaces.append(DecodingWorkspace(architecture, layout)) }
    for workspace in workspaces { workspace.workers = isLarge ? threads : 1 }
    return lanes
  }
}

/// The finished rollouts of a call, by request and seed.
struct RolloutResults {
  private var rollouts: [[Continuation?]]
  private var finished = 0
  private let total: Int
  /// Whether nothing more is to be drawn or reported.
  private(set) var isStopped = false
  /// Whether a report was answered by `Stopped`.
  private var isRefused = false

  init(_ requests: [RolloutRequest]) {
    rollouts = requests.map { Array(repeating: nil, count: $0.seeds.count) }
    total = requests.reduce(0) { $0 + $1.seeds.count }
  }

  /// For each request its rollouts in the order of its seeds.
  ///
  /// - Throws: `Stopped` where a report was answered so or a rollout is missing.
  func whole() throws(Stopped) -> [[Continuation]] {
    guard !isRefused, finished == total else { throw Stopped() }
    return rollouts.map { $0.compactMap(\.self) }
  }

  /// Takes what is finished and reports it; stops the queue where that is the answer.
  mutating func collect(_ queue: DecodingQueue, _ progress: WorkProgress<RolloutReport>) {
    for (job, continuation) in queue.takeFinished() { add(job, continuation, progress) }
    if isStopped { queue.stop() }
  }

  /// Stops the queue though no report said so.
  mutating func stop(_ queue: DecodingQueue) {
    isStopped = true
    queue.stop()
  }

  /// Takes one rollout; after a stop it is kept without a report.
  mutating func add(
    _ job: DecodingQueue.Job, _ continuation: Continuation,
    _ progress: WorkProgress<RolloutReport>
  ) {
    rollouts[job.request][job.rollout] = continuation
    finished += 1
    guard !isStopped else { return }
    let report = RolloutReport(
      request: job.request, rollout: job.rollout, continuation: continuation, finished: finished,
      total: total)
    do { try progress(report) } catch { (isStopped, isRefused) = (true, true) }
  }
}
