import CKernels

/// Rows of vectors rounded to bfloat16 and laid together in twos: factors of sums over rows.
///
/// A sum over rows multiplies numbers of the same column of neighbouring rows at once, so a word
/// holds a number of an even row and, in its upper half, the one below it.
public final class PairedRows {
  /// Numbers of a row.
  public private(set) var columns = 0
  /// Rows there is room for.
  public private(set) var rows = 0
  private var stride: Int { rowStride(columns) }
  private let memory = FloatBuffer()

  /// No rows.
  public init() {}

  /// Makes room; what was there is lost.
  public func reserve(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    memory.reserve((rows + 1) / 2 * stride)
  }

  /// Takes some of the rows; the first is even, and their number too unless they are the last.
  ///
  /// `x` is those rows, as many.
  public func take(_ some: Range<Int>, from x: Rows) {
    precondition(some.lowerBound % 2 == 0 && some.upperBound <= rows, "rows are taken in twos")
    ck_pair_columns(
      some.count, columns, stride, x.start, x.stride, pairs(from: some.lowerBound), stride)
  }

  private func pairs(from row: Int) -> UnsafeMutablePointer<UInt32> {
    words(memory.start) + row / 2 * stride
  }
}

extension PairedRows {
  /// Adds the derivative of y = x · wᵀ by some rows of w: dw[n, k] += Σ_r dy[r, n] · x[r, k].
  ///
  /// Sums run over the first `rows` rows, two at a time, the later of the two first.
  ///
  /// Arguments:
  /// - `weightGradient`: (outputs, columns of `input`); added to.
  /// - `outputs`: Columns of dy, which these rows are.
  public func addWeightGradient(
    _ weightGradient: UnsafeMutablePointer<Float>, outputs: Range<Int>, rows: Int,
    input: PairedRows
  ) {
    precondition(rows <= min(self.rows, input.rows), "more rows than there are")
    ck_paired_product(
      outputs.count, input.columns, (rows + 1) / 2, pairs(from: 0) + outputs.lowerBound, 1, stride,
      input.pairs(from: 0), input.stride, weightGradient, input.columns, 1)
  }

  /// y = x · w, where these are the rows of w (depth, columns).
  ///
  /// Arguments:
  /// - `x`: (rows, depth); rounded in place, so that it is floats no more.
  /// - `y`: (rows, columns); written.
  public func product(rounding x: Rows, into y: Rows) {
    ck_pair_rows(x.count, rows, x.start, x.stride, words(x.start), x.stride)
    ck_paired_product(
      x.count, columns, (rows + 1) / 2, words(x.start), x.stride, 1, pairs(from: 0), stride,
      y.start, y.stride, 0)
  }
}
