import COpenBLAS

/// Adds a product of low rank to a weight: w[n, k] += scale · Σ_r b[n, r] · a[r, k].
///
/// Arguments:
/// - `weight`: (outputs, inputs); added to.
/// - `b`: (outputs, rank).
/// - `a`: (rank, inputs).
public func addLowRank(
  _ weight: UnsafeMutablePointer<Float>, outputs: Int, inputs: Int, rank: Int, scale: Float,
  b: UnsafePointer<Float>, a: UnsafePointer<Float>
) {
  guard outputs > 0, inputs > 0, rank > 0 else { return }
  prepareOpenBLAS()
  cblas_sgemm(
    CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(outputs), blasint(inputs), blasint(rank),
    scale, b, blasint(rank), a, blasint(inputs), 1, weight, blasint(inputs))
}
