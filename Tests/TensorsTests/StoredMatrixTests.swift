import Testing

@testable import Tensors

/// Held against the same weights as 32-bit floats, bit for bit.
@Suite struct StoredMatrixTests {
  private static let formats = StorageFormat.allCases.filter { $0 != .f32 }

  /// Blocks of any numbers with scales that are finite, and the same as floats.
  private struct Weights {
    let matrix: StoredMatrix
    let floats: FloatBuffer

    init(_ format: StorageFormat, columns: Int, depth: Int) {
      let length = format.bytes(of: depth)
      var random = Random(seed: UInt64(columns + depth))
      var bytes = (0..<columns * length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      for block in stride(from: 0, to: bytes.count, by: format.blockBytes) {
        // No half and no bfloat16 with all bits of its exponent set.
        for place in Weights.scales(of: format) { bytes[block + place] &= 0xBF }
      }
      matrix = StoredMatrix(format, columns: columns, depth: depth)
      floats = FloatBuffer(columns * depth)
      bytes.withUnsafeBytes { raw in
        guard let base = raw.baseAddress else { return }
        format.expand(base, count: columns * depth, into: floats.start)
        for column in 0..<columns { matrix.take(column, from: base + column * length) }
      }
    }

    /// The upper bytes of a block's scales.
    private static func scales(of format: StorageFormat) -> [Int] {
      switch format {
      case .f32: []
      case .f16, .bf16, .q80, .q40, .q50, .iq4NL, .iq4XS: [1]
      case .q41, .q51, .q4K, .q5K: [1, 3]
      case .q6K: [209]
      }
    }
  }

  @Test(arguments: formats)
  func `a product has the bits of one with the widened weights`(_ format: StorageFormat) {
    for (columns, depth) in [(32, 256), (77, 512), (130, 768)] {
      let weights = Weights(format, columns: columns, depth: depth)
      let packed = PackedMatrix(columns: columns, depth: depth)
      packed.pack(weights.floats.start)
      for count in [1, 2, 3, 4, 13, 100] {
        let x = FloatBuffer(count * depth)
        for index in 0..<count * depth { x.start[index] = Float(index * 37 % 101) / 50 - 1 }
        let rows = x.rows(count, stride: depth)
        for adding in [false, true] {
          let stride = rowStride(columns)
          let (mine, other) = (FloatBuffer(count * stride), FloatBuffer(count * stride))
          for index in 0..<count * stride {
            mine.start[index] = Float(index % 7)
            other.start[index] = Float(index % 7)
          }
          weights.matrix.product(
            rows, into: mine.rows(count, stride: stride), adding: adding, workers: 2)
          packed.product(rows, into: other.rows(count, stride: stride), adding: adding)
          for row in 0..<count {
            for column in 0..<columns {
              let place = row * stride + column
              #expect(mine.start[place].bitPattern == other.start[place].bitPattern)
            }
            // Nothing beyond the columns is written.
            for place in row * stride + columns..<(row + 1) * stride {
              #expect(mine.start[place] == Float(place % 7))
            }
          }
        }
      }
    }
  }

  @Test(arguments: formats)
  func `rows are widened as the file's own`(_ format: StorageFormat) {
    let (columns, depth) = (70, 256)
    let weights = Weights(format, columns: columns, depth: depth)
    for range in [0..<70, 31..<33, 69..<70, 5..<5] {
      let floats = FloatBuffer(max(1, range.count * depth))
      weights.matrix.expand(range, into: floats.start)
      for index in 0..<range.count * depth {
        let expected = weights.floats.start[range.lowerBound * depth + index]
        #expect(floats.start[index].bitPattern == expected.bitPattern)
      }
    }
  }

  @Test func `only whole blocks are held`() {
    #expect(!StoredMatrix.holds(.f32, depth: 256))
    #expect(!StoredMatrix.holds(.f16, depth: 48))
    #expect(!StoredMatrix.holds(.q4K, depth: 128))
    #expect(StoredMatrix.holds(.q4K, depth: 512))
    #expect(StoredMatrix.holds(.bf16, depth: 32))
  }
}
