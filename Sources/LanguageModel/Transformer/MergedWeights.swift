import Tensors

/// The weights as products use them: those of the model, with an adapter's share added.
struct MergedWeights {
  let base: Parameters
  let adapter: LowRankAdapter?

  /// Calls `body` with the slices below each other as one matrix, where they lie or as a copy.
  func withMatrix<Result>(
    _ slices: [ParameterSlice], _ body: (UnsafePointer<Float>) -> Result
  ) -> Result {
    guard let start = base.weights.baseAddress, let first = slices.first else {
      preconditionFailure("a matrix without weights")
    }
    let isAdapted = slices.contains { adapter?.pair(for: $0) != nil }
    let isWhole = zip(slices, slices.dropFirst()).allSatisfy { $0.range.upperBound == $1.offset }
    if isWhole, !isAdapted { return body(start + first.offset) }
    let copy = FloatBuffer(slices.reduce(0) { $0 + $1.count })
    var at = copy.start
    for slice in slices {
      at.update(from: start + slice.offset, count: slice.count)
      adapter?.merge(slice, into: at)
      at += slice.count
    }
    return body(copy.start)
  }
}
