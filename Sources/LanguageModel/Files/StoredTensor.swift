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
    guard let head = interleaved else {
      format.expand(base + range.lowerBound * bytes, count: range.count * length, into: floats)
      return
    }
    for (index, row) in range.enumerated() {
      let source = StoredTensor.interleavedRow(row, head: head)
      format.expand(base + source * bytes, count: length, into: floats + index * length)
    }
  }

  /// Where GGUF puts a row of a head that is rotated in halves: the rows of a pair side by side.
  static func interleavedRow(_ row: Int, head: Int) -> Int {
    let within = row % head
    return row - within + within % (head / 2) * 2 + within / (head / 2)
  }
}
