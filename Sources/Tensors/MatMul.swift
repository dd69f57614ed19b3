import CKernels
import COpenBLAS

// OpenBLAS on one thread: the engine splits the work above it. Its own threads hand over badly on
// a busy machine, and leaving the process while they run blocks for ever.
private let oneThread: Void = openblas_set_num_threads(1)

/// Prepares OpenBLAS; called before the first product and by whoever asks about the machine.
func prepareOpenBLAS() { _ = oneThread }

/// Tokens summed before the running sums go back to memory, so that their inputs stay in cache.
private let depthBlock = 512

/// Adds the derivative of y = x · wᵀ by w: dw[n, k] += Σ_r dy[r, n] · x[r, k].
///
/// The wide vector loops are faster than OpenBLAS here, which copies both factors first; without
/// them OpenBLAS knows the processor better.
///
/// Arguments:
/// - `weightGradient`: (outputs, inputs); added to.
/// - `outputGradient`: (rows, outputs), rows `outputStride` apart.
/// - `input`: (rows, inputs), rows `inputStride` apart.
public func addWeightGradient(
  _ weightGradient: UnsafeMutablePointer<Float>, outputs: Int, inputs: Int, rows: Int,
  outputGradient: UnsafePointer<Float>, outputStride: Int, input: UnsafePointer<Float>,
  inputStride: Int
) {
  guard rows > 0, outputs > 0 else { return }
  guard ck_is_wide() != 0 else {
    prepareOpenBLAS()
    return cblas_sgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, blasint(outputs), blasint(inputs), blasint(rows), 1,
      outputGradient, blasint(outputStride), input, blasint(inputStride), 1, weightGradient,
      blasint(inputs))
  }
  for start in stride(from: 0, to: rows, by: depthBlock) {
    ck_product(
      outputs, inputs, min(depthBlock, rows - start), outputGradient + start * outputStride, 1,
      outputStride, input + start * inputStride, inputStride, weightGradient, inputs, 1)
  }
}
