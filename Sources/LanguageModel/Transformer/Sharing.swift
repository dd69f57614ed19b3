import Tensors

/// How many pieces of at most `size` a range is cut into.
func pieces(of range: Range<Int>, by size: Int) -> Int { (range.count + size - 1) / size }

extension Range where Bound == Int {
  /// Piece number `index` of at most `size`.
  func piece(_ index: Int, by size: Int) -> Range<Int> {
    let start = lowerBound + index * size
    return start..<Swift.min(start + size, upperBound)
  }
}

/// How a pass is shared: threads take chunks, or all work within one where there are too few.
///
/// What is computed does not depend on it.
struct Sharing {
  /// Chunks at work at once.
  let chunks: Int
  /// Threads that share a chunk.
  let within: Int
  var workers: Int { chunks * within }

  init(_ plan: RowPlan) {
    let threads = Parallel.threads
    let isFew = plan.chunks.count < threads
    chunks = isFew ? 1 : Parallel.workers(for: plan.chunks.count)
    within = isFew ? threads : 1
  }

  /// Calls `body` for every piece of a range that lies within a chunk.
  func eachPiece(
    of range: Range<Int>, by size: Int, _ body: (_ piece: Int, _ range: Range<Int>) -> Void
  ) {
    let count = pieces(of: range, by: size)
    Parallel.run(count, workers: min(within, count)) { index, _ in
      body(index, range.piece(index, by: size))
    }
  }
}
