import CKernels
import COpenBLAS

// OpenBLAS on one thread: the engine splits the work above it. Its own threads hand over badly on
// a busy machine, and leaving the process while they run blocks for ever.
private let oneThread: Void = openblas_set_num_threads(1)

/// Prepares OpenBLAS; called before the first product and by whoever asks about the machine.
func prepareOpenBLAS() { _ = oneThread }

/// Adds the derivative of y = x · wᵀ by w: dw[n, k] += Σ_r dy[r, n] · x[r, k].
///
/// Vectors of eight numbers and more have a loop of their own that copies nothing: 1.1 to 1.3 times
/// as fast as OpenBLAS at the shapes of small and middling models. With narrower ones OpenBLAS wins,
/// since it knows more of the processor. Products whose rows are tokens are `PackedMatrix`'s:
/// OpenBLAS would copy the weights at every call, and a token's numbers would depend on how many
/// others stand beside it.
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
  guard ck_panel() < 16 else {
    return ck_weight_gradient(
      outputs, inputs, rows, outputGradient, outputStride, input, inputStride, weightGradient)
  }
  prepareOpenBLAS()
  cblas_sgemm(
    CblasRowMajor, CblasTrans, CblasNoTrans, blasint(outputs), blasint(inputs), blasint(rows), 1,
    outputGradient, blasint(outputStride), input, blasint(inputStride), 1, weightGradient,
    blasint(inputs))
}

/// y = x · w for long sums, as the gradient by the hidden vectors is summed over the vocabulary.
///
/// Arguments:
/// - `x`: (rows, depth), rows `inputStride` apart.
/// - `weights`: (depth, columns).
/// - `y`: (rows, columns), rows `outputStride` apart; written.
public func deepProduct(
  rows: Int, columns: Int, depth: Int, of x: UnsafePointer<Float>, inputStride: Int,
  _ weights: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, outputStride: Int
) {
  ck_deep_product(rows, columns, depth, x, inputStride, weights, columns, y, outputStride)
}
