import CKernels
import Glibc

/// Looks up the row of every token: y[r] = table[token r].
///
/// Arguments:
/// - `y`: (tokens, width); written.
/// - `table`: (vocabulary, width).
public func embed(
  _ tokens: UnsafeBufferPointer<Int32>, table: UnsafePointer<Float>, width: Int,
  into y: Rows
) {
  for (row, token) in tokens.enumerated() {
    memcpy(y[row], table + Int(token) * width, width * MemoryLayout<Float>.stride)
  }
}

/// Adds each row's gradient to the row of its token, within some columns.
///
/// The tokens are taken in order, so that threads may share the work by columns.
///
/// Arguments:
/// - `gradient`: (tokens, width).
/// - `tableGradient`: (vocabulary, width); added to.
public func embedBackward(
  _ tokens: UnsafeBufferPointer<Int32>, gradient: Rows, width: Int, columns: Range<Int>,
  tableGradient: UnsafeMutablePointer<Float>
) {
  for (row, token) in tokens.enumerated() {
    ck_axpy(
      columns.count, 1, gradient[row] + columns.lowerBound,
      tableGradient + Int(token) * width + columns.lowerBound)
  }
}
