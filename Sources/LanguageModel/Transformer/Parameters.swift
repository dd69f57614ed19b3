import Tensors

/// Every weight in one flat buffer with named slices; the gradients share the layout.
public final class Parameters {
  /// The slices in the order of the buffer.
  public let slices: [ParameterSlice]
  /// All weights, (count).
  public let weights: UnsafeMutableBufferPointer<Float>
  /// Their gradients, (count); zero at first, and no memory is taken before they are asked for.
  public private(set) lazy var gradients: UnsafeMutableBufferPointer<Float> = {
    hasGradients = true
    return allocateFloats(weights.count)
  }()
  private var hasGradients = false

  /// Zeroed weights and gradients for the named shapes, laid out in the given order.
  public init(shapes: [(name: String, shape: [Int])]) {
    let (slices, count) = Parameters.layOut(shapes)
    self.slices = slices
    weights = allocateFloats(count)
  }

  /// Weights that hold anything, for one who writes them all at once; what lies between is zero.
  ///
  /// Large memory is then touched first by the cores that fill it, and only once.
  package init(unfilled shapes: [(name: String, shape: [Int])]) {
    let (slices, count) = Parameters.layOut(shapes)
    self.slices = slices
    weights = allocateFloats(count, zeroed: false)
    for (slice, next) in zip(slices, slices.dropFirst().map(\.offset) + [count]) {
      for index in slice.range.upperBound..<next { weights[index] = 0 }
    }
  }

  private static func layOut(
    _ shapes: [(name: String, shape: [Int])]
  ) -> (slices: [ParameterSlice], count: Int) {
    var slices: [ParameterSlice] = []
    var offset = 0
    for (name, shape) in shapes {
      slices.append(ParameterSlice(name: name, shape: shape, offset: offset))
      // Slices start on cache lines, so that no two threads ever write the same one.
      offset += (slices[slices.count - 1].count + 15) / 16 * 16
    }
    return (slices, offset)
  }

  deinit {
    weights.deallocate()
    if hasGradients { gradients.deallocate() }
  }

  /// Number of weights, padding between slices not counted.
  public var count: Int { slices.reduce(0) { $0 + $1.count } }

  /// The slice of that name; nil where there is none.
  public subscript(name: String) -> ParameterSlice? { slices.first { $0.name == name } }

  /// The same weights in memory of their own; gradients are zero.
  public func copy() -> Parameters {
    let twin = Parameters(shapes: slices.map { ($0.name, $0.shape) })
    _ = twin.weights.update(from: weights)
    return twin
  }

  /// Sets every gradient to zero.
  public func clearGradients() { gradients.update(repeating: 0) }
}

/// One named tensor within the flat buffer.
public struct ParameterSlice: Equatable, Sendable {
  /// The Hugging Face name.
  public let name: String
  /// Row-major shape; linear weights are (out, in).
  public let shape: [Int]
  /// Index of the first element within the buffer.
  public let offset: Int

  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// Indices within the buffer.
  public var range: Range<Int> { offset..<offset + count }
}
