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

/// Threads that share the rows of a step and the columns of its products.
///
/// A pass hands whole tiles to its threads and works on each alone; decoding shares every part of a
/// step where the weights do not stay in cache, so that they are read once.
struct RowSharing {
  /// Rows that a thread takes at a time.
  private static let part = 8

  /// One thread, and products in 32-bit floats.
  static var alone: RowSharing { RowSharing(workers: 1, rounded: nil) }

  /// Threads.
  let workers: Int
  /// Room for what a product in bfloat16 multiplies, half as many floats.
  let rounded: UnsafeMutablePointer<Float>?

  /// Runs the body on parts of the rows, side by side where there are enough.
  func share(_ rows: Int, _ body: (Range<Int>) -> Void) {
    guard workers > 1, rows >= 2 * RowSharing.part else { return body(0..<rows) }
    let all = 0..<rows
    Parallel.run(pieces(of: all, by: RowSharing.part), workers: workers) { index, _ in
      body(all.piece(index, by: RowSharing.part))
    }
  }
}
