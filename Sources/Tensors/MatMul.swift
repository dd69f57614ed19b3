import CKernels
import COpenBLAS

// OpenBLAS on one thread: the engine splits the work above it. Its own threads hand over badly on
// a busy machine, and leaving the process while they run blocks for ever.
private let oneThread: Void = openblas_set_num_threads(1)

/// Prepares OpenBLAS; called before the first product and by whoever asks about the machine.
func prepareOpenBLAS() { _ = oneThread }

/// Adds the derivative of y = x · wᵀ by w: dw[n, k] += Σ_r dy[r, n] · x[r, k].
///
/// Vectors of eight numbers and more have a loop of their own, as fast as OpenBLAS at the shapes of small
/// and middling models and the same for every cut of the outputs. With narrower ones OpenBLAS wins,
/// since it knows more of the processor. Products whose rows are tokens are `PackedMatrix`'s:
/// OpenBLAS would copy the weights at every call, and a token's numbers would depend on how many
/// others stand beside it.
///
/// Arguments:
/// - `weightGradient`: (outputs, inputs); added to.
/// - `outputGradient`: (rows, outputs).
/// - `input`: (rows, inputs).
public func addWeightGradient(
  _ weightGradient: UnsafeMutablePointer<Float>, outputs: Int, inputs: Int,
  outputGradient: Rows, input: Rows
) {
  let rows = input.count
  guard rows > 0, outputs > 0 else { return }
  guard ck_panel() < 16 else {
    return ck_weight_gradient(
      outputs, inputs, rows, outputGradient.start, outputGradient.stride, input.start,
      input.stride, weightGradient)
  }
  prepareOpenBLAS()
  cblas_sgemm(
    CblasRowMajor, CblasTrans, CblasNoTrans, blasint(outputs), blasint(inputs), blasint(rows), 1,
    outputGradient.start, blasint(outputGradient.stride), input.start, blasint(input.stride), 1,
    weightGradient, blasint(inputs))
}

/// y = x · w for long sums, as the gradient by the hidden vectors is summed over the vocabulary.
///
/// Parts of the depth that begin at multiples of `deepStretch`, each added to those before it, give
/// the same bits as all of it at once.
///
/// Arguments:
/// - `x`: (rows, depth).
/// - `weights`: (depth, columns).
/// - `y`: (rows, columns); written.
/// - `adding`: Adds to y instead of setting it.
public func deepProduct(
  _ x: Rows, depth: Int, _ weights: UnsafePointer<Float>, columns: Int, into y: Rows,
  adding: Bool = false
) {
  ck_deep_product(
    x.count, columns, depth, x.start, x.stride, weights, columns, y.start, y.stride,
    adding ? 1 : 0)
}

/// Length of the sums that are added up one after another in a deep product.
public let deepStretch = 2048
