/// Vectors that lie `stride` floats apart: where a kernel reads and writes.
///
/// A view, which owns nothing. How wide the vectors are follows from what they are multiplied with; stride and width differ
/// where rows are padded, or where they are some columns of wider ones.
public struct Rows {
  /// The first number of the first row.
  public let start: UnsafeMutablePointer<Float>
  /// Floats from one row to the next.
  public let stride: Int
  /// How many rows there are.
  public let count: Int

  /// Rows in memory that outlives the view.
  @inlinable
  public init(_ start: UnsafeMutablePointer<Float>, stride: Int, count: Int) {
    self.start = start
    self.stride = stride
    self.count = count
  }

  /// Rows that are only read.
  @inlinable
  public init(reading start: UnsafePointer<Float>, stride: Int, count: Int) {
    self.init(UnsafeMutablePointer(mutating: start), stride: stride, count: count)
  }

  /// Some of the rows.
  @inlinable
  public subscript(rows: Range<Int>) -> Rows {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= count, "rows that are not there")
    return Rows(start + rows.lowerBound * stride, stride: stride, count: rows.count)
  }

  /// The first number of one row.
  @inlinable
  public subscript(row: Int) -> UnsafeMutablePointer<Float> { start + row * stride }

  /// The columns from one on.
  @inlinable
  public func columns(from first: Int) -> Rows {
    Rows(start + first, stride: stride, count: count)
  }

  /// Copies rows of the same stride, padding included; nothing where they are the same memory.
  @inlinable
  public func copy(_ other: Rows) {
    precondition(other.count == count && other.stride == stride, "rows of another shape")
    guard other.start != start else { return }
    start.update(from: other.start, count: count * stride)
  }

  /// Sets every number to zero, padding included.
  @inlinable
  public func clear() { start.update(repeating: 0, count: count * stride) }
}

extension FloatBuffer {
  /// Its beginning as rows.
  public func rows(_ count: Int, stride: Int) -> Rows {
    precondition(count * stride <= capacity, "\(count) rows of \(stride) floats do not fit")
    return Rows(start, stride: stride, count: count)
  }
}
