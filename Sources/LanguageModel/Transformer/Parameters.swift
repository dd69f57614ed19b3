package import Tensors

/// Every weight in one flat buffer with named slices; the gradients share the layout.
///
/// Weights that do not learn may stay as a model's file has them, which takes an eighth of the memory;
/// the buffer is then made only where somebody asks for it.
public final class Parameters {
  /// The slices in the order of the buffer.
  public let slices: [ParameterSlice]
  /// Floats of the buffer, padding included.
  private let size: Int
  private var floats: UnsafeMutableBufferPointer<Float>?
  private let stored: StoredWeights?
  /// Their gradients, (count); zero at first, and no memory is taken before they are asked for.
  public private(set) lazy var gradients: UnsafeMutableBufferPointer<Float> = {
    hasGradients = true
    return allocateFloats(size)
  }()
  private var hasGradients = false

  /// All weights, (count); those that lie as their file has them are widened for good by asking.
  public var weights: UnsafeMutableBufferPointer<Float> {
    if let floats { return floats }
    let made = allocateFloats(size)
    widen(into: made)
    floats = made
    return made
  }

  /// Zeroed weights and gradients for the named shapes, laid out in the given order.
  public init(shapes: [(name: String, shape: [Int])]) {
    (slices, size) = Parameters.layOut(shapes)
    floats = allocateFloats(size)
    stored = nil
  }

  /// Weights that hold anything, for one who writes them all at once; what lies between is zero.
  ///
  /// Large memory is then touched first by the cores that fill it, and only once.
  package init(unfilled shapes: [(name: String, shape: [Int])]) {
    (slices, size) = Parameters.layOut(shapes)
    let made = allocateFloats(size, zeroed: false)
    for (slice, next) in zip(slices, slices.dropFirst().map(\.offset) + [size]) {
      for index in slice.range.upperBound..<next { made[index] = 0 }
    }
    floats = made
    stored = nil
  }

  /// Weights that stay as their file has them: every matrix in blocks, every vector as floats.
  package init(stored: StoredWeights, shapes: [(name: String, shape: [Int])]) {
    (slices, size) = Parameters.layOut(shapes)
    self.stored = stored
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
    floats?.deallocate()
    if hasGradients { gradients.deallocate() }
  }

  /// Number of weights, padding between slices not counted.
  public var count: Int { slices.reduce(0) { $0 + $1.count } }

  /// The slice of that name; nil where there is none.
  public subscript(name: String) -> ParameterSlice? { slices.first { $0.name == name } }

  /// The same weights in memory of their own; gradients are zero.
  public func copy() -> Parameters {
    let twin = Parameters(shapes: slices.map { ($0.name, $0.shape) })
    widen(into: twin.weights)
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
  /// Rows of a matrix; one of a vector.
  var rows: Int { shape.count < 2 ? 1 : shape[0] }
  /// Elements of a row.
  var rowLength: Int { shape.count < 2 ? count : count / max(1, shape[0]) }
}

/// A model's weights as its file has them.
package final class StoredWeights {
  /// The matrices by their names, (outputs, inputs) as columns and depth.
  let matrices: [String: StoredMatrix]
  /// Norms and biases.
  let vectors: Parameters

  /// Weights that are loaded already.
  package init(matrices: [String: StoredMatrix], vectors: Parameters) {
    self.matrices = matrices
    self.vectors = vectors
  }
}

// One weight at a time, however it is kept.
extension Parameters {
  /// Whether the matrices lie as their file has them; such weights do not learn.
  public var isStored: Bool { stored != nil }

  /// Bytes that the weights take.
  public var bytes: Int {
    let blocks = stored?.matrices.values.reduce(0) { $0 + $1.bytes } ?? 0
    return blocks + (floats?.count ?? 0) * MemoryLayout<Float>.stride
  }

  /// A matrix that lies as its file has it; nil where it is floats.
  func matrix(_ slice: ParameterSlice) -> StoredMatrix? { stored?.matrices[slice.name] }

  /// The first element of a weight that is floats, which stays where it is as long as the parameters
  /// live.
  func start(_ slice: ParameterSlice) -> UnsafePointer<Float> {
    if let vectors = stored?.vectors, let own = vectors[slice.name] { return vectors.start(own) }
    guard let base = weights.baseAddress else { preconditionFailure("no weights") }
    return UnsafePointer(base + slice.offset)
  }

  /// Writes some rows of a weight as floats, one after another.
  func expand(
    _ rows: Range<Int>, of slice: ParameterSlice, into y: UnsafeMutablePointer<Float>
  ) {
    if let matrix = matrix(slice) { return matrix.expand(rows, into: y) }
    let length = slice.rowLength
    y.update(from: start(slice) + rows.lowerBound * length, count: rows.count * length)
  }

  /// Calls `body` with some rows of a weight, where they lie or as a copy that the threads make.
  func withRows(
    _ rows: Range<Int>, of slice: ParameterSlice, _ body: (UnsafePointer<Float>) -> Void
  ) {
    let length = slice.rowLength
    guard matrix(slice) != nil else {
      return body(start(slice) + rows.lowerBound * length)
    }
    let copy = FloatBuffer(rows.count * length)
    let step = 128
    Parallel.run(pieces(of: rows, by: step)) { index, _ in
      let some = rows.piece(index, by: step)
      expand(some, of: slice, into: copy.start + (some.lowerBound - rows.lowerBound) * length)
    }
    body(copy.start)
  }

  /// Writes all weights as floats; what lies between stays as it is.
  private func widen(into whole: UnsafeMutableBufferPointer<Float>) {
    guard let base = whole.baseAddress else { return }
    if let floats {
      _ = whole.update(from: floats)
      return
    }
    let step = 256
    let pieces = slices.flatMap { slice in
      stride(from: 0, to: slice.rows, by: step).map { (slice, $0..<min($0 + step, slice.rows)) }
    }
    Parallel.run(pieces.count) { index, _ in
      let (slice, rows) = pieces[index]
      expand(rows, of: slice, into: base + slice.offset + rows.lowerBound * slice.rowLength)
    }
  }
}

extension Parameters {
  /// A short text that almost surely differs where any weight differs; no protection from malice.
  ///
  /// Blocks are mixed by themselves and then in order, so it depends neither on the threads nor on how
  /// the weights are kept.
  public var fingerprint: String {
    let block = 1 << 19
    var marks = [UInt64](repeating: 0, count: (size + block - 1) / block)
    marks.withUnsafeMutableBufferPointer { marks in
      Parallel.run(marks.count) { index, _ in
        let range = index * block..<min(size, (index + 1) * block)
        withFloats(range) { floats in
          let bytes = UnsafeRawBufferPointer(floats)
          // Slices are padded, so the buffer is whole words.
          marks[index] = Parameters.mark(bytes, 0..<bytes.count / 8)
        }
      }
    }
    let whole = marks.reduce(UInt64(size)) { Parameters.mixed($0, $1) }
    return String(whole, radix: 16)
  }

  /// A part of the buffer, made for the purpose where the weights are no floats.
  private func withFloats(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) -> Void) {
    if let floats { return body(UnsafeBufferPointer(rebasing: floats[range])) }
    let part = FloatBuffer(range.count)
    for slice in slices where slice.range.overlaps(range) {
      let wanted = slice.range.clamped(to: range)
      let (first, last) = (wanted.lowerBound - slice.offset, wanted.upperBound - slice.offset - 1)
      let rows = first / slice.rowLength..<last / slice.rowLength + 1
      let whole = FloatBuffer(rows.count * slice.rowLength)
      expand(rows, of: slice, into: whole.start)
      (part.start + (wanted.lowerBound - range.lowerBound)).update(
        from: whole.start + (first - rows.lowerBound * slice.rowLength), count: wanted.count)
    }
    body(UnsafeBufferPointer(start: part.start, count: range.count))
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
