import CKernels

/// y += a · x, over `count` floats.
public func add(
  _ x: UnsafePointer<Float>, times a: Float, count: Int, to y: UnsafeMutablePointer<Float>
) {
  ck_axpy(count, a, x, y)
}

/// Adds a bias to every row: y[r, i] += bias[i].
public func addBias(
  _ bias: UnsafePointer<Float>, rows: Int, columns: Int, to y: UnsafeMutablePointer<Float>,
  stride: Int
) {
  ck_add_bias(rows, columns, bias, y, stride)
}

/// Adds up rows, the derivative of `addBias` by the bias: sum[i] += Σ_r x[r, i].
public func addRows(
  _ x: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int,
  to sum: UnsafeMutablePointer<Float>
) {
  ck_column_sum(rows, columns, x, stride, sum)
}
