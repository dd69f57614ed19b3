import CKernels
import Dispatch

/// Splits work over the cores; what is computed never depends on how many there are.
public enum Parallel {
  /// Most threads at work at once; 0 sets it back to the number of processors.
  public static var threads: Int {
    get { ck_threads() }
    set { ck_set_threads(newValue) }
  }

  /// Threads that `run` would use for that many pieces, at least 1.
  ///
  /// Whoever keeps scratch for every worker asks once and passes the answer on, since `threads` may
  /// be set at any time.
  public static func workers(for count: Int) -> Int { max(1, min(threads, count)) }

  /// Calls `body` once for every index below `count`, on the calling thread and on others.
  ///
  /// `body` gets the index, whose work must write only what is its own, and the number of the
  /// worker, 0 ..< `workers`, for its scratch. Without `workers` it takes `workers(for: count)`.
  public static func run(
    _ count: Int, workers: Int? = nil, _ body: (_ index: Int, _ worker: Int) -> Void
  ) {
    guard count > 0 else { return }
    let workers = workers ?? self.workers(for: count)
    guard workers > 1 else {
      for index in 0..<count { body(index, 0) }
      return
    }
    withoutActuallyEscaping(body) { share(count, workers: workers, $0) }
  }

  private static func share(
    _ count: Int, workers: Int, _ body: @escaping (_ index: Int, _ worker: Int) -> Void
  ) {
    var body = body
    let shared = withUnsafeMutablePointer(to: &body) { body in
      ck_share(
        count, workers,
        { context, index, worker in
          let body = context?.assumingMemoryBound(to: ((Int, Int) -> Void).self)
          body?.pointee(index, worker)
        }, body)
    }
    if !shared { dispatch(count, workers: workers, body) }
  }

  /// The same where the engine's own threads are busy with another loop.
  private static func dispatch(
    _ count: Int, workers: Int, _ body: @escaping (_ index: Int, _ worker: Int) -> Void
  ) {
    var next = 0
    withUnsafeMutablePointer(to: &next) { next in
      // Both outlive the loop, and what they touch at once is kept apart by the index.
      nonisolated(unsafe) let counter = next
      nonisolated(unsafe) let work = body
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        var index = ck_next(counter)
        while index < count {
          work(index, worker)
          index = ck_next(counter)
        }
      }
    }
  }
}
