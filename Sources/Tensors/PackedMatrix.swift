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
  private let panels: FloatBuffer

  /// Room for a matrix.
  public init(columns: Int, depth: Int) {
    self.columns = columns
    self.depth = depth
    panels = FloatBuffer(rowStride(columns) * depth)
  }

  /// Takes w (columns, depth), as linear weights lie.
  public func pack(_ weights: UnsafePointer<Float>) {
    ck_pack(columns, depth, weights, depth, panels.start)
  }

  /// Takes w (depth, columns), for the products of the backward pass.
  public func packTransposed(_ weights: UnsafePointer<Float>) {
    ck_pack_transposed(columns, depth, weights, columns, panels.start)
  }

  /// y[r, n] = Σ_k x[r, k] · w[n, k], or added to y.
  ///
  /// Arguments:
  /// - `x`: (rows, depth), rows `inputStride` apart.
  /// - `y`: (rows, columns), rows `outputStride` apart; columns up to `rowStride(columns)` are
  ///   written too.
  /// - `adding`: Adds to y instead of setting it.
  /// - `workers`: Threads that share the columns of a large matrix.
  public func product(
    rows: Int, of x: UnsafePointer<Float>, inputStride: Int, into y: UnsafeMutablePointer<Float>,
    outputStride: Int, adding: Bool = false, workers: Int = 1
  ) {
    let piece = columnsPerPiece(workers)
    Parallel.run((columns + piece - 1) / piece, workers: workers) { index, _ in
      let first = index * piece
      ck_packed_product(
        rows, min(piece, columns - first), depth, x, inputStride, panels.start + first * depth,
        y + first, outputStride, adding ? 1 : 0)
    }
  }

  /// Several pieces for every worker, so that none waits long for another.
  private func columnsPerPiece(_ workers: Int) -> Int {
    guard workers > 1, columns * depth >= PackedMatrix.worthSharing else { return columns }
    return rowStride(min(512, (columns + 3 * workers - 1) / (3 * workers)))
  }

  /// Elements from which on handing work to a second thread costs less than it saves.
  private static let worthSharing = 1 << 16
}
