import Tensors

/// The weights of a projection as rows are multiplied with them.
enum WeightMatrix {
  /// In panels, an adapter's share merged into them.
  case packed(PackedMatrix)
  /// As their file has them, one part for every weight; an adapter's share stands beside them.
  case stored([StoredPart])

  /// y = x · Wᵀ, or added to y; the columns are shared out.
  func product(_ x: Rows, into y: Rows, adding: Bool = false, _ sharing: RowSharing) {
    switch self {
    case .packed(let matrix):
      matrix.product(
        x, into: y, adding: adding, workers: sharing.workers, scratch: sharing.rounded)
    case .stored(let parts):
      for part in parts {
        part.matrix.product(
          x, into: y.columns(from: part.column), adding: adding, workers: sharing.workers)
      }
      for part in parts {
        part.share?.add(x, to: y.columns(from: part.column), workers: sharing.workers)
      }
    }
  }

  /// The weights, one below the other, of a model whose weights lie as their file has them.
  init(_ slices: [ParameterSlice], stored weights: MergedWeights) {
    var column = 0
    self = .stored(
      slices.map { slice in
        guard let matrix = weights.base.matrix(slice) else {
          preconditionFailure("\(slice.name) is not as its file has it")
        }
        defer { column += slice.shape[0] }
        let share = weights.adapter.flatMap { adapter in
          adapter.pair(for: slice).map { LowRankShare($0, of: adapter) }
        }
        return StoredPart(matrix: matrix, column: column, share: share)
      })
  }

  /// Takes the weights as they are now.
  func take(_ slices: [ParameterSlice], _ weights: MergedWeights, transposed: Bool = false) {
    switch self {
    case .packed(let matrix):
      weights.withMatrix(slices) { transposed ? matrix.packTransposed($0) : matrix.pack($0) }
    case .stored(let parts):
      // The blocks never change.
      for part in parts { part.share?.take() }
    }
  }
}

/// One weight of a projection, and the column of its first output.
struct StoredPart {
  let matrix: StoredMatrix
  let column: Int
  let share: LowRankShare?
}

/// What an adapter adds to a product: scale · (x · Aᵀ) · Bᵀ.
final class LowRankShare {
  private let pair: LowRankAdapter.Pair
  private let adapter: LowRankAdapter
  private let a: PackedMatrix
  private let b: PackedMatrix

  init(_ pair: LowRankAdapter.Pair, of adapter: LowRankAdapter) {
    self.pair = pair
    self.adapter = adapter
    a = PackedMatrix(columns: pair.a.shape[0], depth: pair.a.shape[1])
    b = PackedMatrix(columns: pair.b.shape[0], depth: pair.b.shape[1])
  }

  /// Takes the matrices as they are now, A multiplied by the scale.
  func take() {
    let scaled = FloatBuffer(pair.a.count)
    let (start, scale) = (adapter.start(pair.a), adapter.settings.scale)
    for index in 0..<pair.a.count { scaled.start[index] = scale * start[index] }
    a.pack(scaled.start)
    b.pack(adapter.start(pair.b))
  }

  /// Adds the share to a product.
  func add(_ x: Rows, to y: Rows, workers: Int) {
    let stride = rowStride(a.columns)
    let memory = FloatBuffer(x.count * stride)
    withExtendedLifetime(memory) {
      let thin = memory.rows(x.count, stride: stride)
      a.product(x, into: thin, workers: workers)
      b.product(thin, into: y, adding: true, workers: workers)
    }
  }
}
