import CKernels

/// Adds a bias to every row: y[r, i] += bias[i].
public func addBias(_ bias: UnsafePointer<Float>, columns: Int, to y: Rows) {
  ck_add_bias(y.count, columns, bias, y.start, y.stride)
}

/// Adds up rows, the derivative of `addBias` by the bias: sum[i] += Σ_r x[r, i].
public func addRows(_ x: Rows, columns: Int, to sum: UnsafeMutablePointer<Float>) {
  ck_column_sum(x.count, columns, x.start, x.stride, sum)
}
