import CKernels

/// A matrix laid out in panels for products with few or many rows.
///
/// Every element of a product is summed in the order of the depth, whatever the number of rows, so
/// that a token's numbers are the same alone, in a batch, from a cache and in a whole sequence.
public final class PackedMatrix {
  /// Columns of a product with it.
  public let columns: Int
  /// Length of the sums.
  public let depth: Int
  /// How the weights are kept.
  public let precision: ProductPrecision
  private let panels: FloatBuffer

  /// Room for a matrix.
  public init(columns: Int, depth: Int, precision: ProductPrecision = .float32) {
    self.columns = columns
    self.depth = depth
    self.precision = precision
    panels = FloatBuffer(
      rowStride(columns) * (precision == .float32 ? depth : PackedMatrix.pairs(depth)))
  }

  /// Takes w (columns, depth), as linear weights lie.
  public func pack(_ weights: UnsafePointer<Float>) {
    switch precision {
    case .float32: ck_pack(columns, depth, weights, depth, panels.start)
    case .bfloat16: ck_pair_pack(columns, depth, weights, depth, words(panels.start))
    }
  }

  /// Takes w (depth, columns), for the products of the backward pass.
  public func packTransposed(_ weights: UnsafePointer<Float>) {
    switch precision {
    case .float32: ck_pack_transposed(columns, depth, weights, columns, panels.start)
    case .bfloat16:
      ck_pair_pack_transposed(columns, depth, weights, columns, words(panels.start))
    }
  }

  /// y[r, n] = Σ_k x[r, k] · w[n, k], or added to y.
  ///
  /// Arguments:
  /// - `x`: (rows, depth).
  /// - `y`: (rows, columns); columns up to `rowStride(columns)` are written too.
  /// - `adding`: Adds to y instead of setting it.
  /// - `workers`: Threads that share the columns of a large matrix.
  /// - `scratch`: Half as many floats as x, for its rounded numbers; only for bfloat16.
  public func product(
    _ x: Rows, into y: Rows, adding: Bool = false, workers: Int = 1,
    scratch: UnsafeMutablePointer<Float>? = nil
  ) {
    let rows = x.count
    let piece = columnsPerPiece(workers)
    let pieces = (columns + piece - 1) / piece
    guard precision == .bfloat16 else {
      return Parallel.run(pieces, workers: workers) { index, _ in
        let first = index * piece
        ck_packed_product(
          rows, min(piece, columns - first), depth, x.start, x.stride,
          panels.start + first * depth, y.start + first, y.stride, adding ? 1 : 0)
      }
    }
    guard let scratch else { preconditionFailure("a bfloat16 product without scratch") }
    let (rounded, stride) = (words(scratch), PackedMatrix.pairs(depth))
    let part = max(8, (rows + 3) / 4)
    Parallel.run((rows + part - 1) / part, workers: workers) { index, _ in
      let first = index * part
      ck_pair_rows(
        min(part, rows - first), depth, x[first], x.stride, rounded + first * stride, stride)
    }
    Parallel.run(pieces, workers: workers) { index, _ in
      let first = index * piece
      ck_pair_product(
        rows, min(piece, columns - first), depth, rounded, stride,
        words(panels.start) + first * stride, y.start + first, y.stride, adding ? 1 : 0)
    }
  }

  /// Several pieces for every worker, so that none waits long for another.
  private func columnsPerPiece(_ workers: Int) -> Int {
    guard workers > 1, columns * depth >= PackedMatrix.worthSharing else { return columns }
    return rowStride(min(512, (columns + 3 * workers - 1) / (3 * workers)))
  }

  /// Elements from which on handing work to a second thread costs less than it saves.
  private static let worthSharing = 1 << 16

  /// Words that hold so many bfloat16 numbers, two each.
  private static func pairs(_ depth: Int) -> Int { (depth + 1) / 2 }
}
