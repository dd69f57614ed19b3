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

extension Parameters {
  /// A short text that almost surely differs where any weight differs; no protection from malice.
  ///
  /// Blocks are mixed by themselves and then in order, so it does not depend on the threads.
  public var fingerprint: String {
    let block = 1 << 18
    let bytes = UnsafeRawBufferPointer(weights)
    // Slices are padded, so the buffer is whole words.
    let words = bytes.count / 8
    var marks = [UInt64](repeating: 0, count: (words + block - 1) / block)
    marks.withUnsafeMutableBufferPointer { marks in
      Parallel.run(marks.count) { index, _ in
        marks[index] = Parameters.mark(bytes, index * block..<min(words, (index + 1) * block))
      }
    }
    let whole = marks.reduce(UInt64(weights.count)) { Parameters.mixed($0, $1) }
    return String(whole, radix: 16)
  }

  /// Four lanes, so that the processor need not wait for each multiplication.
  private static func mark(_ bytes: UnsafeRawBufferPointer, _ words: Range<Int>) -> UInt64 {
    var lanes = SIMD4<UInt64>(1, 2, 3, 4)
    var at = words.lowerBound
    while at + 4 <= words.upperBound {
      let four = bytes.loadUnaligned(fromByteOffset: 8 * at, as: SIMD4<UInt64>.self)
      lanes = (lanes ^ four) &* SIMD4(repeating: 0x9E37_79B9_7F4A_7C15)
      lanes ^= lanes &>> 29
      at += 4
    }
    for word in at..<words.upperBound {
      lanes[0] = mixed(lanes[0], bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self))
    }
    return mixed(mixed(lanes[0], lanes[1]), mixed(lanes[2], lanes[3]))
  }

  private static func mixed(_ one: UInt64, _ other: UInt64) -> UInt64 {
    let product = (one ^ other) &* 0xBF58_476D_1CE4_E5B9
    return product ^ (product >> 31)
  }
}
