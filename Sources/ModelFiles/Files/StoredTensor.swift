import Tensors

/// One weight as it lies in a mapped file.
struct StoredTensor: Sendable {
  /// The file.
  let file: MappedFile
  /// Where its data begin in the file, bytes.
  let start: Int
  /// How they are stored.
  let format: StorageFormat
  /// Row-major shape; empty for a scalar.
  let shape: [Int]
  /// Width of a head whose rows lie interleaved, as GGUF keeps queries and keys of a llama; nil
  /// where the rows lie in order.
  var interleaved: Int?

  /// Number of elements.
  var count: Int { shape.reduce(1, *) }
  /// Rows; one where there are not two dimensions.
  var rows: Int { shape.count < 2 ? 1 : shape[0] }
  /// Elements of a row.
  var rowLength: Int { shape.count < 2 ? count : shape.dropFirst().reduce(1, *) }

  /// Writes rows as floats, one after another.
  func expand(_ range: Range<Int>, into floats: UnsafeMutablePointer<Float>) {
    let length = rowLength
    let bytes = format.bytes(of: length)
    guard length > 0, let base = file.bytes.baseAddress.map({ $0 + start }) else { return }
    if let head = interleaved, shape.count < 2 {
      // A bias is in the order of the rows that it belongs to.
      let stored = FloatBuffer(length)
      format.expand(base, count: length, into: stored.start)
      for row in 0..<length {
        floats[row] = stored.start[StoredTensor.interleavedRow(row, head: head)]
      }
      return
    }
    guard let head = interleaved else {
      format.expand(base + range.lowerBound * bytes, count: range.count * length, into: floats)
      return
    }
    for (index, row) in range.enumerated() {
      let source = StoredTensor.interleavedRow(row, head: head)
      format.expand(base + source * bytes, count: length, into: floats + index * length)
    }
  }

  /// Whether another tensor holds the same numbers, however it stores them.
  func holdsSame(as other: StoredTensor) -> Bool {
    guard shape == other.shape else { return false }
    let (one, two) = (FloatBuffer(rowLength), FloatBuffer(rowLength))
    return (0..<rows).allSatisfy { row in
      expand(row..<row + 1, into: one.start)
      other.expand(row..<row + 1, into: two.start)
      return (0..<rowLength).allSatisfy { one.start[$0] == two.start[$0] }
    }
  }

  /// How far another tensor's numbers lie from these in some of the rows: the root of the squares'
  /// sum, as a share of these numbers' own.
  func distance(to other: StoredTensor, rows count: Int) -> Double {
    guard shape == other.shape else { return .infinity }
    let (one, two) = (FloatBuffer(rowLength), FloatBuffer(rowLength))
    var (apart, own) = (0.0, 0.0)
    for row in stride(from: 0, to: rows, by: max(1, rows / count)) {
      expand(row..<row + 1, into: one.start)
      other.expand(row..<row + 1, into: two.start)
      for index in 0..<rowLength {
        let gap = Double(one.start[index] - two.start[index])
        apart += gap * gap
        own += Double(one.start[index]) * Double(one.start[index])
      }
    }
    return own > 0 ? (apart / own).squareRoot() : .infinity
  }

  /// Where GGUF puts a row of a head that is rotated in halves: the rows of a pair side by side.
  static func interleavedRow(_ row: Int, head: Int) -> Int {
    let within = row % head
    return row - within + within % (head / 2) * 2 + within / (head / 2)
  }
}
